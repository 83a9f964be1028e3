"""The shape of every bench: figures with what they must be, what they aim at, and a peer."""

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from wardwatch.doctor import cpu_flags


@dataclass(frozen=True, slots=True)
class Machine:
    cpu: str
    flags: str
    cores: int


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

    def as_json(self) -> dict[str, Any]:
        return {
            "bench": self.bench,
            "machine": asdict(self.machine),
            "figures": [figure.as_json() for figure in self.figures],
        }


def this_machine() -> Machine:
    return Machine(_cpu_name(), " ".join(cpu_flags()), os.cpu_count() or 1)


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def percentile(values: Sequence[float], share: float) -> float:
    """The value at `share` (0..1) of the sorted values, the nearest rank above. Not for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
