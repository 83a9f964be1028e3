"""What this machine is, for figures and for `doctor`."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    cpu: str
    flags: str
    """The vector extensions that decide how fast the detector is."""
    cores: int


def this_machine() -> Machine:
    return Machine(_cpu_name(), " ".join(cpu_flags()), os.cpu_count() or 1)


def cpu_flags() -> tuple[str, ...]:
    """The vector extensions that decide how fast the detector is; empty where not told."""
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return ()
    words = set(text.split())
    return tuple(flag for flag in ("avx2", "avx512f", "avx512_vnni", "avx_vnni") if flag in words)


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
