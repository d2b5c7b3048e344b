"""Mutants of the core: change one comparison or one sign in the Rust sources, and see whether its tests notice.

``python scripts/mutants.py [--count 100] [--seed 1] [--jobs 1] [--seconds 0] [--trust]``

The mutants are drawn by the seed from every comparison and arithmetic operator of the pure crate (``rust/slacore/src``
without ``python/``). Each is built in a copy of the crate and meets the core's own tests, the case files among them. A
mutant that does not compile is nobody's: another is drawn. One that the tests do not notice must be listed in
``scripts/mutants.toml`` with the reason why it is equivalent, or the exit status is 1. ``--seconds`` stops
after so long; ``--trust``, for a sample, takes it that the tests pass without a mutant.
"""

import argparse
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

ROOT = Path(__file__).parents[1]
CRATE = Path("rust/slacore")
REASONS = ROOT / "scripts" / "mutants.toml"
NEAREST = {
    "queue": "queues",
    "clock": "clocks",
    "batch": "columns",
    "sweep": "columns",
    "civil": "civil",
    "hours": "civil",
    "zone": "civil",
}
"""The test that meets a module first; the others follow, the case files before them."""
LONGEST_S = 60
"""A test that runs so long, a third of that in a sample, will never end: the mutant is noticed."""
BUILD_S = 1200

SWAPS = {
    " < ": (" <= ", " > "),
    " <= ": (" < ",),
    " > ": (" >= ", " < "),
    " >= ": (" > ",),
    " == ": (" != ",),
    " != ": (" == ",),
    " + ": (" - ",),
    " - ": (" + ",),
    " * ": (" + ",),
    " / ": (" * ",),
    " % ": (" / ",),
    " += ": (" -= ",),
    " -= ": (" += ",),
    " << ": (" >> ",),
    " >> ": (" << ",),
    " & ": (" | ",),
    " | ": (" & ",),
    " && ": (" || ",),
    " || ": (" && ",),
    ".min(": (".max(",),
    ".max(": (".min(",),
    "..=": ("..",),
    "wrapping_add(": ("wrapping_sub(",),
    "wrapping_sub(": ("wrapping_add(",),
    "saturating_add(": ("saturating_sub(",),
    "saturating_sub(": ("saturating_add(",),
    "checked_add(": ("checked_sub(",),
    "rem_euclid(": ("div_euclid(",),
    "div_euclid(": ("rem_euclid(",),
}
_OPERATOR = re.compile("|".join(re.escape(token) for token in sorted(SWAPS, key=len, reverse=True)))
_NO_CODE = re.compile(
    r"""//[^\n]*|"(?:\\.|[^"\\])*"|#!?\[[^\]]*\]|^[ \t]*(?:use|pub use|impl|pub trait|trait)\b[^\n]*""", re.MULTILINE
)


@dataclass(frozen=True)
class Mutant:
    """One operator of one line replaced by another."""

    file: str
    """Relative to the crate's ``src``."""
    line: int
    text: str
    """The line, stripped: what names the mutant while the file moves."""
    nth: int
    """Which operator of that line, from 0."""
    old: str
    new: str
    at: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line} `{self.old.strip()}` -> `{self.new.strip()}` in: {self.text}"


def main() -> int:
    """Draw, build, test; return the exit status."""
    options = _options()
    mutants = list(_every_mutant(ROOT / CRATE / "src"))
    random.Random(options.seed).shuffle(mutants)
    reasons = tomllib.loads(REASONS.read_text("utf-8")).get("equivalent", [])
    print(f"{len(mutants)} mutants possible, {options.count} drawn by seed {options.seed}", flush=True)
    tally = {"killed": 0, "equivalent": 0, "survived": 0}
    ends = time.monotonic() + options.seconds if options.seconds else None
    benches: SimpleQueue[Bench] = SimpleQueue()
    for number in range(options.jobs):
        benches.put(Bench(number, trust=options.trust))
    with ThreadPoolExecutor(options.jobs) as pool:
        waiting = iter(mutants)
        while sum(tally.values()) < options.count and not (ends and time.monotonic() > ends):
            wave = [mutant for _, mutant in zip(range(options.jobs), waiting, strict=False)]
            if not wave:
                break
            for mutant, verdict in zip(wave, pool.map(lambda mutant: _try(benches, mutant), wave), strict=True):
                reason = _reason(mutant, reasons)
                if verdict == "survived" and reason is not None:
                    verdict = "equivalent"  # noqa: PLW2901 - the verdict with its reason
                if verdict in tally and sum(tally.values()) < options.count:
                    tally[verdict] += 1
                    print(
                        f"{verdict:10} {mutant}" + (f"\n{'':11}{reason}" if verdict == "equivalent" else ""),
                        flush=True,
                    )
    print(", ".join(f"{count} {verdict}" for verdict, count in tally.items()))
    return 1 if tally["survived"] or not sum(tally.values()) else 0


class Bench:
    """A copy of the crate, always at the same place, in which one mutant at a time is built and tested."""

    def __init__(self, number: int, *, trust: bool) -> None:
        # The first bench shares the workspace's target, so that only the crate itself is built again.
        target = os.environ.get("CARGO_TARGET_DIR") or str(ROOT / "target")
        self._target = target if number == 0 else f"{target}/mutants-{number}"
        self.root = Path(target) / f"mutants-sources-{number}"
        shutil.rmtree(self.root, ignore_errors=True)
        for name in ("Cargo.toml", "Cargo.lock", "tests/data/calendar", str(CRATE)):
            source, copy = ROOT / name, self.root / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if source.is_dir() else shutil.copy)(source, copy)
        self._tests = sorted(file.stem for file in (self.root / CRATE / "tests").glob("*.rs"))
        self._longest_s: float = LONGEST_S if not trust else LONGEST_S / 3
        if not trust and not self._passes(""):
            raise SystemExit("the core's tests fail without any mutant")

    def verdict(self, mutant: Mutant) -> str:
        """killed, survived, or senseless if it does not compile."""
        file = self.root / CRATE / "src" / mutant.file
        sane = file.read_text("utf-8")
        try:
            file.write_text(sane[: mutant.at] + mutant.new + sane[mutant.at + len(mutant.old) :], "utf-8")
            if not self._cargo("build", ["--lib"], BUILD_S):
                return "senseless"
            return "survived" if self._passes(mutant.file) else "killed"
        finally:
            file.write_text(sane, "utf-8")

    def _passes(self, file: str) -> bool:
        nearest = NEAREST.get(file.partition("/")[0].removesuffix(".rs"))
        order = sorted(self._tests, key=lambda name: (name != nearest, name != "vectors", name))
        return all(
            self._cargo("test", ["--no-run", "--test", name], BUILD_S)
            and self._cargo("test", ["--test", name], self._longest_s)
            for name in order
        )

    def _cargo(self, command: str, what: list[str], longest_s: float) -> bool:
        """Run cargo; a run that takes too long is stopped and counts as failed."""
        environment = {"CARGO_TARGET_DIR": self._target, "PROPTEST_RNG_SEED": "1", "RUST_BACKTRACE": "0"}
        process = subprocess.Popen(
            ["cargo", command, "--quiet", "--locked", "--package", "slacore", *what],
            cwd=self.root,
            env=os.environ | environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            return process.wait(longest_s) == 0
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            return False


def _try(benches: "SimpleQueue[Bench]", mutant: Mutant) -> str:
    bench = benches.get()
    try:
        return bench.verdict(mutant)
    finally:
        benches.put(bench)


def _every_mutant(source: Path) -> Iterator[Mutant]:
    for file in sorted(source.rglob("*.rs")):
        name = file.relative_to(source).as_posix()
        if name.startswith("python/"):
            continue
        whole = file.read_text("utf-8")
        code = _NO_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), whole.partition("#[cfg(test)]")[0])
        seen: dict[int, int] = {}
        for found in _OPERATOR.finditer(code):
            line = code.count("\n", 0, found.start())
            nth = seen.get(line, 0)
            seen[line] = nth + 1
            for new in SWAPS[found[0]]:
                text = whole.splitlines()[line].strip()
                yield Mutant(name, line + 1, text, nth, found[0], new, found.start())


def _reason(mutant: Mutant, reasons: list[dict[str, str | int]]) -> str | None:
    for entry in reasons:
        names = (entry["file"], entry["text"], entry.get("nth", 0), entry["new"])
        if names == (mutant.file, mutant.text, mutant.nth, mutant.new.strip()):
            return str(entry["why"])
    return None


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=100, help="how many mutants that compile")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="how many to try at a time")
    parser.add_argument("--seconds", type=float, default=0, help="start no other mutant after so long")
    parser.add_argument("--trust", action="store_true", help="do not run the tests without a mutant first")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
