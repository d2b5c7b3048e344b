"""Faults of the desk and its domain, one at a time, to see whether the stateful tests notice each.

``python scripts/desk_mutants.py [--only WORD] [--histories 40]``

``scripts/desk_mutants.toml`` lists them. Each is put into a copy of the sources, never into the sources themselves, and
meets the machine that is named with it. One that is not noticed must be marked ``equivalent``, or the status is 1.
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
    arguments.add_argument("--histories", default="40", help="that each machine tells")
    given = arguments.parse_args()
    mutants = tomllib.loads((ROOT / "scripts" / "desk_mutants.toml").read_text("utf-8"))["mutant"]
    chosen = [mutant for mutant in mutants if given.only in f"{mutant['file']} {mutant['machine']} {mutant['why']}"]
    bad = 0
    with tempfile.TemporaryDirectory(prefix="desk-mutants-") as folder:
        for name in ("src", "tests", "policies"):
            shutil.copytree(ROOT / name, Path(folder) / name, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(ROOT / "pyproject.toml", folder)
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
    machine = mutant["machine"]
    paths = os.pathsep.join([str(folder / "src"), str(folder)])
    told = {"HELPDESK_TEST_SHRINK": "0", "HELPDESK_TEST_HISTORIES": histories, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", f"tests/properties/{machine}.py"],
            cwd=folder,
            env={**os.environ, **told, "PYTHONPATH": paths},
            capture_output=True,
            check=False,
            timeout=LONGEST_S,
        )
    except subprocess.TimeoutExpired:
        return "noticed"
    finally:
        place.write_text(original, "utf-8")
    if done.returncode == 1:
        return "noticed"
    if done.returncode:
        return f"broken {done.returncode}"
    return "equivalent" if mutant.get("equivalent") else "SURVIVED"


if __name__ == "__main__":
    sys.exit(main())
