"""`make bench`: measure, print the table, keep the figures in var/bench.json."""

import argparse
import os
import sys

from bench import apart, figures, parts
from bench.figures import Figure

RESULTS = parts.ROOT / "var" / "bench.json"


def main() -> int:
    """Everything, in a few minutes. The goals are for people: a missed one is no failure of the command."""
    asked = _arguments()
    os.chdir(parts.ROOT)
    parts.FOLDER.mkdir(parents=True, exist_ok=True)
    apart.leave_by_the_door()
    measured: list[Figure] = []
    for name in asked.only or parts.DEFAULT:
        measured += apart.run(parts.measure, name, asked)
        figures.keep(measured, RESULTS)
    print(f"\n{figures.table(measured)}\n\nAlso in {RESULTS.relative_to(parts.ROOT)}.")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=parts.PARTS, metavar="PART", help=f"only these: {', '.join(parts.PARTS)}"
    )
    parser.add_argument("--customers", type=int, default=1_000_000, help="how many customers are known")
    parser.add_argument("--rounds", type=int, default=5, help="how often each ratio is measured")
    parser.add_argument("--seconds", type=float, default=3.0, help="how long each server is kept busy in a round")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
