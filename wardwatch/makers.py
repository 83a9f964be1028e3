"""Who made a camera, from what it says of itself. Guesses only what is plainly said."""

_SIGNS = (
    ("hikvision", "Hikvision"),
    ("hik", "Hikvision"),
    ("dahua", "Dahua"),
    ("kbvision", "KBVision"),
    ("kbvis", "KBVision"),
    ("imou", "Imou"),
    ("ezviz", "Ezviz"),
    ("axis", "Axis"),
    ("uniview", "Uniview"),
    ("unv", "Uniview"),
    ("tp-link", "TP-Link"),
    ("tapo", "TP-Link"),
    ("reolink", "Reolink"),
    ("hanwha", "Hanwha"),
    ("samsung techwin", "Hanwha"),
    ("bosch", "Bosch"),
    ("vivotek", "Vivotek"),
    ("foscam", "Foscam"),
    ("sony", "Sony"),
    ("panasonic", "Panasonic"),
    ("vantech", "Vantech"),
    ("amcrest", "Amcrest"),
    ("mobotix", "Mobotix"),
)
"""Part of what is said, in small letters, and the name; the first match wins. Dahua's own RTSP
server signs as `Rtsp Server/3.0` on many makes, which says nothing."""


def maker_of(manufacturer: str | None, server: str | None) -> str | None:
    """From ONVIF's device information, which is believed, or else the RTSP `Server` header."""
    if manufacturer:
        return _named(manufacturer) or manufacturer
    return _named(server or "")


def _named(said: str) -> str | None:
    small = said.lower()
    return next((name for sign, name in _SIGNS if sign in small), None)
