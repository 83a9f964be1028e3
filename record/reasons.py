"""What each `CameraReason` means and what to do about it, in plain words; the one table of it.

Probe, API, command line and docs/cameras.md take their words from here; the pages have the same in
two languages (`ui/messages`), held to this list by a test.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from record.cameras import CameraReason


@dataclass(frozen=True, slots=True)
class Remedy:
    says: str
    """What is the matter, for a sentence."""
    cause: str
    """What it usually comes from."""
    mend: str
    """What to do."""


_R = CameraReason

REMEDIES: Mapping[CameraReason, Remedy] = MappingProxyType(
    {
        _R.REFUSED: Remedy(
            "the camera refuses the connection",
            "nothing that speaks RTSP listens on that port, or the camera has no room for one more "
            "viewer",
            "Check the port (554 as a rule), that RTSP is switched on in the camera, and how many "
            "others watch it; restart it when it hangs up on everybody.",
        ),
        _R.UNREACHABLE: Remedy(
            "the camera cannot be reached",
            "it has no power, its address has changed, or a cable, switch or firewall is between",
            "Check power and cable, then whether this machine can ping the address; give the "
            "camera a fixed address.",
        ),
        _R.AUTH_FAILED: Remedy(
            "user name or password is wrong",
            "the password was changed, or the account may not see streams or is locked",
            "Enter them anew; wait ten minutes when the camera locks accounts, and give the "
            "account the right to see live video (some need a user of their own for ONVIF).",
        ),
        _R.NOT_FOUND: Remedy(
            "there is no such stream on the camera",
            "the path in the address is that of another maker or channel",
            "Take the path from the maker's list in docs/cameras.md, or let ONVIF find it.",
        ),
        _R.NO_VIDEO: Remedy(
            "the stream has no picture",
            "only sound or data is sent, or the picture is sent by a way that does not arrive",
            "Switch video on for this stream in the camera; if it is set to UDP, set TCP here.",
        ),
        _R.UNSUPPORTED_CODEC: Remedy(
            "the picture is coded in a way that cannot be read",
            "the camera is set to a codec of its maker's own (H.264+, Smart Codec, SVAC)",
            'Set the stream to H.264 or H.265, with every "smart" or "plus" mode off.',
        ),
        _R.STALLED: Remedy(
            "the picture has stopped coming",
            "the line is too thin, Wi-Fi is weak, or the camera hangs",
            "Watch the sub-stream, lower its bit rate to what the line carries, prefer cable; "
            "restart the camera when it happens again and again.",
        ),
        _R.ENDED: Remedy(
            "the camera ended the stream",
            "it restarted, its settings changed, or the recorder in between closed the session",
            "Nothing, when it comes back by itself; otherwise look for its power supply and for "
            "a nightly restart in its settings.",
        ),
        _R.CORRUPT: Remedy(
            "what arrives cannot be decoded",
            "packets are lost on the way, or the camera changed its codec",
            "Set the transport to TCP, check cable and plugs, and shorten the keyframe interval "
            "to 2 s or less.",
        ),
        _R.CLOCK_SKEWED: Remedy(
            "the camera's clock is wrong",
            "it has no time server, or the wrong time zone",
            "Give the camera the time server that this machine uses; until then times are counted "
            "from arrival.",
        ),
        _R.TLS_FAILED: Remedy(
            "the encrypted line to the camera fails",
            "its certificate is not one that is known, has expired or is for another name; or "
            "that port does not speak TLS",
            "See the detail; renew the certificate or its clock, name its authority in "
            "camera_ca, or dial rtsp:// where the camera cannot encrypt.",
        ),
        _R.NETWORK_NOT_ALLOWED: Remedy(
            "the address is outside the networks in which cameras may be dialled",
            "the setting camera_networks does not list it, or the camera leads elsewhere",
            "Check the address; add its network to camera_networks when it is a camera's.",
        ),
        _R.NO_PUBLISHER: Remedy(
            "nobody is publishing to this camera",
            "the phone or encoder is off, asleep or out of reach",
            "Open its page again and keep the screen on, or make a new pairing code.",
        ),
        _R.COVERED: Remedy(
            "something covers the lens",
            "a hand, a bag, a cobweb, paint",
            "Go and look.",
        ),
        _R.BLINDED: Remedy(
            "a light blinds the camera",
            "a torch or laser points at it, or the sun stands in the picture",
            "Go and look; turn or shade it when it is the sun.",
        ),
        _R.DEFOCUSED: Remedy(
            "the picture has lost its focus",
            "something smears the lens, the focus has moved, or there is mist inside",
            "Clean the lens, then focus anew.",
        ),
        _R.MOVED: Remedy(
            "the camera looks elsewhere than before",
            "somebody turned it, or its mount has given way",
            "Turn it back; if it is to stay, draw its lines and areas anew.",
        ),
        _R.FROZEN: Remedy(
            "packets come, the picture does not change",
            "the camera's encoder or the recorder in between hangs",
            "Restart the camera, and the recorder if there is one.",
        ),
        _R.DARK: Remedy(
            "the picture is black",
            "no light where the camera looks, its infrared lamp has failed, or something black "
            "covers the lens",
            "Go and look; give the place light or the camera its infrared when it is just dark.",
        ),
        _R.LOW_FRAME_RATE: Remedy(
            "far fewer pictures come than usual",
            "the line is overloaded, or the camera has turned its rate down",
            "Look at the line's load, and at frame rate and bit rate in the camera.",
        ),
        _R.UNSTABLE: Remedy(
            "the connection comes and goes",
            "a loose plug, a weak power supply, bad radio, or a camera that restarts by itself",
            "Check plugs, power and line; what was missed meanwhile stands in the record.",
        ),
        _R.WORKER_LOST: Remedy(
            "the process that reads the camera is gone",
            "it has died and is being replaced, or this node has been stopped",
            "Nothing, if it is back within 10 s; otherwise run `wardwatch doctor`.",
        ),
        _R.ADDRESS_SEALED: Remedy(
            "the camera's address cannot be opened",
            "it was sealed with a key that this node does not have",
            "Put the key file back beside the database, or enter the camera's address anew.",
        ),
        _R.NO_DETECTOR: Remedy(
            "the picture is there, but nothing finds people in it",
            "the detector's model is missing or cannot be loaded",
            "Run `wardwatch doctor` and put the model back; until then no rule of this camera "
            "can fire.",
        ),
        _R.EVIDENCE_FULL: Remedy(
            "snapshots and clips are not kept, for there is no room",
            "the disk is full, or evidence takes all that the settings let it",
            "Free space on the disk, or raise evidence_most_gb; breaches are recorded meanwhile, "
            "without pictures.",
        ),
    }
)
