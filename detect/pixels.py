"""Whether a person is large enough: for people who look at a picture, and for the detector."""

from dataclasses import dataclass
from enum import StrEnum

PERSON_M = 1.62
"""Height of a grown person: the mean of 156.2 cm (women) and 168.1 cm (men), Viet Nam's general
nutrition survey of 2019-2020."""


class IecClass(StrEnum):
    """What an operator can do, by pixels per metre at the person (IEC 62676-4, clause 6.7)."""

    NONE = "none"
    """Fewer than 25: not even reliably seen by somebody who watches many pictures."""
    DETECT = "detect"
    OBSERVE = "observe"
    RECOGNISE = "recognise"
    IDENTIFY = "identify"


_LEAST_PX_PER_M = (
    (250.0, IecClass.IDENTIFY),
    (125.0, IecClass.RECOGNISE),
    (62.5, IecClass.OBSERVE),
    (25.0, IecClass.DETECT),
)

SURE_PX = 32.0
LEAST_PX = 24.0
"""Height in rows of the detector's own input. tests/detect/test_person_rows.py measures it with the
shipped int8 model on the people of four sample scenes by day: of those 32 rows high and taller all
are found, of 24 to 32 most, under 14 hardly anybody."""


class Reach(StrEnum):
    """Whether the detector finds a person of that size."""

    SURE = "sure"
    SOMETIMES = "sometimes"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class PersonSize:
    px: float
    """Height in the camera's own picture."""
    px_per_m: float
    iec: IecClass
    detector_px: float
    """Height in the detector's input."""
    reach: Reach


def person_size(
    height: float, frame: tuple[int, int], looked_at: tuple[int, int], size: tuple[int, int]
) -> PersonSize:
    """Of somebody `height` of the frame tall (a fraction, 0..1).

    `frame`: (width, height) of the stream that people and evidence look at; `looked_at`: of the
    one that the detector looks at; `size`: (height, width) of the detector's input, into which
    the picture is fitted whole.
    """
    px = height * frame[1]
    scale = min(size[0] / looked_at[1], size[1] / looked_at[0])
    # A stream smaller than the input is blown up, which adds no pixels.
    detector_px = height * looked_at[1] * min(scale, 1.0)
    return PersonSize(px, px / PERSON_M, iec_class(px / PERSON_M), detector_px, reach(detector_px))


def iec_class(px_per_m: float) -> IecClass:
    return next((name for least, name in _LEAST_PX_PER_M if px_per_m >= least), IecClass.NONE)


def reach(detector_px: float) -> Reach:
    if detector_px >= SURE_PX:
        return Reach.SURE
    return Reach.SOMETIMES if detector_px >= LEAST_PX else Reach.NEVER
