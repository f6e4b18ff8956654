"""Measures part by part: `make bench`, or `make bench ONLY=read,bundle SIZE=10000`."""

import argparse
import sys
import time

from tests.bench import bundles, databases, desk, reading, report

SIZES = (10_000, 100_000, 1_000_000)
PARTS = {
    "read": lambda cluster, asked: reading.measure(cluster, asked.size, asked.seconds, asked.rounds),
    "bundle": lambda cluster, asked: bundles.measure(cluster, asked.size, asked.rounds),
    "desk": lambda cluster, asked: desk.measure(cluster, asked.size, asked.rounds),
    "growth": lambda cluster, asked: reading.growth(
        cluster, [size for size in SIZES if size <= asked.most], asked.seconds, asked.rounds
    ),
}


def main() -> None:
    """Runs the parts that are asked for; each keeps its results, whatever becomes of the others."""
    asked = argparse.ArgumentParser(prog="make bench")
    asked.add_argument("--only", default="", help="parts, comma-separated; all without")
    asked.add_argument("--size", type=int, default=100_000)
    asked.add_argument("--most", type=int, default=SIZES[-1])
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--seconds", type=float, default=3.0)
    asked = asked.parse_args()
    names = asked.only.split(",") if asked.only else [*PARTS]
    if unknown := sorted(set(names) - set(PARTS)):
        sys.exit(f"ONLY={','.join(unknown)}: no such part; there are {', '.join(PARTS)}.")
    cluster = databases.prepare()
    for name in names:
        begun = time.monotonic()
        print(f"{name} ...", flush=True)
        table, held = PARTS[name](cluster, asked)
        report.keep(databases.home(), name, asked.size, [table], held, time.monotonic() - begun)
        print(report.table(table.head, table.rows))
        rows = [[each.about, each.bound, each.measured, "yes" if each.held else "NO"] for each in held]
        print(report.table(["of what", "bound", "measured", "held"], rows), flush=True)


if __name__ == "__main__":
    main()
