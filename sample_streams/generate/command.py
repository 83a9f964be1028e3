"""`python -m sample_streams generate`: scenes from their scripts."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from sample_streams.generate.material import Material
from sample_streams.generate.produce import SEED, produce
from sample_streams.generate.script import read_scripts


def main(arguments: Sequence[str]) -> int:
    """Make scenes into a folder. Exit status 2 when a name has no script."""
    parser = argparse.ArgumentParser(prog="python -m sample_streams generate", description=__doc__)
    parser.add_argument("scene", nargs="*", metavar="SCENE", help="without any: all of them")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=SEED, help="of the noise (%(default)s)")
    options = parser.parse_args(arguments)
    material = Material.shipped()
    scripts = read_scripts(material.scripts)
    wanted: list[str] = options.scene or sorted(scripts)
    unknown = sorted(set(wanted) - set(scripts))
    if unknown:
        known = ", ".join(sorted(scripts))
        print(f"no script for {', '.join(unknown)}; there are {known}", file=sys.stderr)
        return 2
    options.out.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        produce(name, scripts[name], material, options.out, options.seed)
        print(name, flush=True)
    return 0
