"""Measure the core against the C limit programs and its peers in one run, print the ratios, write them as JSON.

``python -m benchmarks.run [--quick] [--only queues,single,...] [--json FILE]``. Every figure is CPU time, a median of
turns in which both sides ran; ratios travel, absolutes belong to the machine. Exits 1 if a goal is missed and
``--strict`` is given.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.c_limits import find_limits
from benchmarks.calendars import compile_rows, compiled, single_rows
from benchmarks.columns import batch_rows, fold_rows, many_rows, sweep_rows
from benchmarks.measure import Result, Row, table
from benchmarks.peers import peer_rows
from benchmarks.queues import queue_rows
from benchmarks.workload import make_workload


def main() -> int:
    """Run the benchmark and return the exit status."""
    options = _options()
    rounds = 3 if options.quick else 7
    keys = 100_000 if options.quick else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        limits = find_limits(Path(folder))
        workload = make_workload()
        calendars = compiled(workload)
        office = calendars["A"]
        parts: dict[str, Callable[[], list[Result]]] = {
            "single": lambda: single_rows(workload, office, rounds),
            "batch": lambda: batch_rows(workload, calendars, limits, rounds),
            "many": lambda: many_rows(workload, rounds),
            "sweep": lambda: sweep_rows(workload, office, limits, rounds),
            "fold": lambda: fold_rows(office, rounds),
            "compile": lambda: compile_rows(workload, limits, rounds),
            "queues": lambda: queue_rows(limits, keys, min(rounds, 5)),
            "peers": lambda: peer_rows(workload, office, 0.3 if options.quick else 1.5),
        }
        wanted = options.only.split(",") if options.only else list(parts)
        results = [row for name in wanted for row in parts[name]()]
    missed = [row for row in results if isinstance(row, Row) and row.reached is False]
    print(table(results))
    print(f"\n{len(missed)} goals missed" if missed else "\nevery goal reached")
    if limits is None:
        print("no C compiler found: the comparisons with the limit programs are left out")
    if options.json is not None:
        machine = {"machine": platform.machine(), "cores": os.cpu_count(), "python": platform.python_version()}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({**machine, "rows": [row.plain() for row in results]}, indent=1) + "\n")
    return 1 if missed and options.strict else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and keys")
    parser.add_argument("--strict", action="store_true", help="exit 1 if a goal is missed")
    parser.add_argument("--only", help="comma-separated parts")
    parser.add_argument("--json", type=Path, help="where to write the rows")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
