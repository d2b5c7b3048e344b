"""Faults of the desk and its domain, one at a time, to see whether the stateful tests notice each.

``python scripts/desk_mutants.py [--only WORD] [--histories 0] [--trust]``

``scripts/desk_mutants.toml`` lists them. Each is put into a copy of the sources, never into the sources themselves, and
meets the machine that is named with it. One that is not noticed must be marked ``equivalent``, or the status is 1. The
machines must hold without a fault first (``--trust`` takes it that they do). With 0 histories they tell the very ones
that every run of the tests tells.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LONGEST_S = 900


def main() -> int:
    """Try each fault; return 1 where one is not noticed or does not apply any more."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--only", default="", help="those whose reason or file has this word")
    arguments.add_argument("--histories", default="0", help="that each machine tells")
    arguments.add_argument("--trust", action="store_true", help="do not try the machines without a fault")
    given = arguments.parse_args()
    mutants = tomllib.loads((ROOT / "scripts" / "desk_mutants.toml").read_text("utf-8"))["mutant"]
    chosen = [mutant for mutant in mutants if given.only in f"{mutant['file']} {mutant['machine']} {mutant['why']}"]
    bad = 0
    with tempfile.TemporaryDirectory(prefix="desk-mutants-") as folder:
        for name in ("src", "tests", "policies"):
            shutil.copytree(ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
        for machine in sorted({mutant["machine"] for mutant in chosen} if not given.trust else ()):
            if told(Path(folder), machine, given.histories):
                print(f"{machine} does not hold without a fault: nothing can be said")
                return 1
        for mutant in chosen:
            began = time.monotonic()
            said = tried(Path(folder), mutant, given.histories)
            print(f"{said:12} {time.monotonic() - began:4.0f} s  {mutant['file']}: {mutant['why']}", flush=True)
            bad += said not in {"noticed", "equivalent"}
    return int(bad > 0)


def tried(folder: Path, mutant: dict[str, Any], histories: str) -> str:
    """Put one fault into the copy, run its machine, and take it out again; say what came of it."""
    place = folder / "src" / "helpdesk" / mutant["file"]
    original = place.read_text("utf-8")
    if original.count(mutant["text"]) != 1:
        return "not there"
    place.write_text(original.replace(mutant["text"], mutant["new"]), "utf-8")
    try:
        status = told(folder, mutant["machine"], histories)
    finally:
        place.write_text(original, "utf-8")
    if status == 1:
        return "noticed"
    if status:
        return f"broken {status}"
    return "equivalent" if mutant.get("equivalent") else "SURVIVED"


def told(folder: Path, machine: str, histories: str) -> int:
    """Run a machine on the copy; return pytest's exit status, 1 also where it never ends."""
    paths = os.pathsep.join([str(folder / "src"), str(folder)])
    words = {"HELPDESK_TEST_SHRINK": "0", "HELPDESK_TEST_HISTORIES": histories, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/properties/{machine}.py"],
            cwd=folder,
            env={**os.environ, **words, "PYTHONPATH": paths},
            capture_output=True,
            check=False,
            timeout=LONGEST_S,
        ).returncode
    except subprocess.TimeoutExpired:
        return 1


if __name__ == "__main__":
    sys.exit(main())
