"""The shape of every bench: figures with what they must be, what they aim at, and a peer."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from wardwatch.machine import Machine


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `better` says which way `must` is to be read."""

    name: str
    value: float
    unit: str
    must: float | None = None
    aim: float | None = None
    peer: str | None = None
    peer_value: float | None = None
    better: Literal["lower", "higher"] = "lower"

    @property
    def ratio(self) -> float | None:
        """This value over the peer's, in the same run."""
        return self.value / self.peer_value if self.peer_value else None

    @property
    def holds(self) -> bool | None:
        """Whether the value keeps what it must; None where nothing is asked of it."""
        if self.must is None:
            return None
        return self.value <= self.must if self.better == "lower" else self.value >= self.must

    def as_json(self) -> dict[str, Any]:
        fields = asdict(self)
        del fields["better"]
        return fields | {"ratio": self.ratio, "holds": self.holds}


@dataclass(frozen=True, slots=True)
class Report:
    bench: str
    machine: Machine
    figures: Sequence[Figure]
    notes: Sequence[str] = ()
    """What could not be measured, and why."""

    def as_json(self) -> dict[str, Any]:
        return {
            "bench": self.bench,
            "machine": asdict(self.machine),
            "figures": [figure.as_json() for figure in self.figures],
            **({"notes": list(self.notes)} if self.notes else {}),
        }


def percentile(values: Sequence[float], share: float) -> float:
    """The value at `share` (0..1) of the sorted values, the nearest rank above. Not for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
