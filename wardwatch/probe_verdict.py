"""From what a probe found to one sentence with the mend: pure, and total over every reason."""

from collections.abc import Callable
from dataclasses import dataclass

from record.cameras import CameraReason
from record.messages import Matter, ProbedDevice, ProbedPeople, ProbedStream, Verdict
from record.reasons import REMEDIES

MOST_LOSS = 0.02
"""Of what comes: above it pictures break often enough for tracks to be torn."""
LEAST_FRAMES_PER_S = 5.0
"""The detector looks five times a second; docs/detection.md."""
LONGEST_KEYFRAME_S = 4.0
"""A viewer, a clip and every reconnection wait for the next keyframe."""
HEAVY_KBIT_PER_S = 1500.0
"""What is worth a sub-stream: the line budget in docs/cameras.md gives each camera's that."""
CLOCK_S = 2.0


@dataclass(frozen=True, slots=True)
class Found:
    """All that the verdict rests on."""

    main: ProbedStream
    sub: ProbedStream | None = None
    device: ProbedDevice | None = None
    people: ProbedPeople | None = None

    @property
    def watched(self) -> ProbedStream:
        """The stream that the detector would look at."""
        return self.sub or self.main


def verdict(found: Found) -> Verdict:
    """The first thing that matters, else that it is good."""
    good = Verdict(grade="good", word=Matter.GOOD, sentence=_good(found))
    return next(iter(matters(found)), good)


def matters(found: Found) -> tuple[Verdict, ...]:
    """What makes it unusable, then what makes it worse than it could be."""
    said = [judge(found) for judge in _JUDGES]
    return tuple(one for one in said if one is not None)


def _refused(found: Found) -> Verdict | None:
    for stream in (found.main, found.sub):
        if stream is not None and stream.reason is not None:
            which = "Unusable" if stream.stream == "main" else "Its sub-stream is unusable"
            sentence = f"{which}, {_says(stream, stream.reason)}: {_mend(stream, stream.reason)}"
            return Verdict(grade="unusable", word=stream.reason, sentence=sentence)
    return None


def _says(stream: ProbedStream, reason: CameraReason) -> str:
    """What this camera did where that is known: whoever stands before it has one to mend."""
    return stream.detail or REMEDIES[reason].says


def _mend(stream: ProbedStream, reason: CameraReason) -> str:
    if reason is CameraReason.STALLED and stream.first_picture_s is None:
        return (
            "restart the camera, and check that the port is the one of its streams (554 as a rule)."
        )
    mend = REMEDIES[reason].mend
    return mend[0].lower() + mend[1:]


def _too_small(found: Found) -> Verdict | None:
    people = found.people
    if people is None or people.reach == "sure":
        return None
    rows = f"{people.detector_px:.0f} rows of the detector's picture"
    mend = "bring the camera nearer, or zoom in until a person there fills a fifth of its height"
    if people.reach == "never":
        sentence = f"Unusable for lines that far away: a person there has {rows}; {mend}."
        return Verdict(grade="unusable", word=Matter.TOO_SMALL, sentence=sentence)
    sentence = f"Usable, but people that far away are missed at times ({rows}): {mend}."
    return Verdict(grade="usable", word=Matter.SMALL, sentence=sentence)


def _lossy(found: Found) -> Verdict | None:
    loss = max((s.loss or 0.0 for s in (found.main, found.sub) if s is not None), default=0.0)
    if loss <= MOST_LOSS:
        return None
    return _usable(
        Matter.LOSS, f"{loss:.0%} of what it sends is lost or broken: take TCP, or mend the line"
    )


def _slow(found: Found) -> Verdict | None:
    rate = found.watched.frames_per_s
    if rate is None or rate >= LEAST_FRAMES_PER_S - 0.3:
        return None
    return _usable(
        Matter.SLOW,
        f"it sends {rate:.1f} pictures a second: set it to {LEAST_FRAMES_PER_S:.0f} or more",
    )


def _rare_keyframes(found: Found) -> Verdict | None:
    watched = found.watched
    measured = watched.keyframe_s
    if measured is None and watched.seconds > LONGEST_KEYFRAME_S:
        measured = watched.seconds
    if measured is None or measured <= LONGEST_KEYFRAME_S:
        return None
    return _usable(
        Matter.RARE_KEYFRAMES,
        f"{measured:.0f} s or more pass between keyframes, for which every viewer and every "
        "reconnection waits: set the keyframe (I-frame) interval to 2 s",
    )


def _clock(found: Found) -> Verdict | None:
    ahead = found.main.clock_ahead_s
    if ahead is None and found.device is not None:
        ahead = found.device.clock_ahead_s
    if ahead is None or abs(ahead) <= CLOCK_S:
        return None
    way = "fast" if ahead > 0 else "slow"
    return _usable(
        CameraReason.CLOCK_SKEWED,
        f"its clock is {_duration(abs(ahead))} {way}, so ours is used: give it a time server (NTP)",
    )


def _heavy(found: Found) -> Verdict | None:
    rate = found.main.kbit_per_s
    if found.sub is not None or rate is None or rate <= HEAVY_KBIT_PER_S:
        return None
    more = ""
    if found.device is not None and found.device.sub is not None:
        more = f", {found.device.sub} by its own account"
    return _usable(
        Matter.NO_SUB_STREAM,
        f"its main stream takes {rate:.0f} kbit/s and the detector needs a tenth of that: name its "
        f"sub-stream as well{more}",
    )


def _bare_password(found: Found) -> Verdict | None:
    bare = found.main.sign_in == "basic" and not found.main.encrypted
    if not bare:
        return None
    return _usable(
        Matter.BARE_PASSWORD,
        "its password travels readable: switch its sign-in to digest, or use RTSPS",
    )


_JUDGES: tuple[Callable[[Found], Verdict | None], ...] = (
    _refused,
    _too_small,
    _lossy,
    _slow,
    _clock,
    _rare_keyframes,
    _heavy,
    _bare_password,
)


def _usable(word: Matter | CameraReason, matter: str) -> Verdict:
    return Verdict(grade="usable", word=word, sentence=f"Usable, but {matter}.")


def _good(found: Found) -> str:
    watched = found.watched
    facts = [
        f"{watched.width}x{watched.height}" if watched.width else "",
        codec_name(watched.codec),
        f"{watched.frames_per_s:.0f} pictures a second" if watched.frames_per_s else "",
        f"{watched.kbit_per_s:.0f} kbit/s" if watched.kbit_per_s else "",
    ]
    return f"Good: {', '.join(fact for fact in facts if fact)}; nothing to mend."


_CODEC_NAMES = {"h264": "H.264", "hevc": "H.265"}


def codec_name(codec: str | None) -> str:
    """As it stands in a camera's own menu."""
    return _CODEC_NAMES.get(codec or "", (codec or "").upper())


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h" if seconds < 172_800 else f"{seconds / 86_400:.0f} days"
