"""What the repository as a whole keeps to: no registry named, locks with hashes, modules of readable size."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Written in pieces, so that this file does not name what it looks for.
_REGISTRIES = re.compile(
    "|".join(
        re.escape(host)
        for host in (
            "py" + "pi.org",
            "files.python" + "hosted.org",
            "index." + "crates.io",
            "static." + "crates.io",
            "registry." + "npmjs.org",
            "proxy." + "golang.org",
        )
    )
)
_LONGEST = 400
_CODE = ("src", "plugins", "tests", "benchmarks", "scripts", "rust", "policies")


def _committed() -> list[Path]:
    """Return the tracked files, or, outside a clone (an unpacked archive), all files that look like sources."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode == 0:
        names = listing.stdout.decode().split("\0")
        return [path for name in names if name and (path := ROOT / name).is_file()]
    skipped = {".venv", "target", "__pycache__", "var", "site"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)]


@pytest.fixture(scope="module", name="committed")
def _files() -> list[Path]:
    return _committed()


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_no_registry_host_is_named(committed: list[Path]) -> None:
    """A host name in a committed file would decide for the builder where packages come from."""
    named = [
        str(path.relative_to(ROOT))
        for path in committed
        if path.name != "Cargo.lock" and (text := _text(path)) is not None and _REGISTRIES.search(text)
    ]
    assert named == []


def test_uv_lock_is_not_committed(committed: list[Path]) -> None:
    """``uv.lock`` names registry hosts in every entry; the hash locks under ``requirements/`` do not."""
    assert "uv.lock" not in {path.name for path in committed}


@pytest.mark.parametrize("name", ["uv.txt", "dev.txt", "bench.txt"])
def test_every_locked_requirement_has_its_hash(name: str) -> None:
    """Each pinned line names one exact version and at least one SHA-256, and no address."""
    text = (ROOT / "requirements" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert lines
    for line in lines:
        assert re.match(r"^[A-Za-z0-9._\[\]-]+==[^ ]+ ", line), line
        assert "--hash=sha256:" in line, line
        assert "://" not in line, line


def test_modules_stay_readable(committed: list[Path]) -> None:
    """No module grows past what one name can say; generated data files are not modules."""
    long = {
        str(path.relative_to(ROOT)): count
        for path in committed
        if path.suffix in {".py", ".rs"} and path.relative_to(ROOT).parts[0] in _CODE
        if (count := len(path.read_text(encoding="utf-8").splitlines())) > _LONGEST
    }
    assert long == {}


def test_every_listed_fault_can_be_put_into_the_desk() -> None:
    """`scripts/desk_mutants.toml` says of each what stands there: it does, in one place, and the machine is there."""
    faults = tomllib.loads((ROOT / "scripts" / "desk_mutants.toml").read_text("utf-8"))["mutant"]
    assert len(faults) > 20
    for fault in faults:
        assert (ROOT / "src" / "helpdesk" / fault["file"]).read_text("utf-8").count(fault["text"]) == 1, fault
        assert (ROOT / "tests" / "properties" / f"{fault['machine']}.py").is_file(), fault


def test_everything_needed_to_build_is_committed(committed: list[Path]) -> None:
    """A fresh clone holds the locks, the one door to the commands and the script that continuous integration runs."""
    names = {str(path.relative_to(ROOT)) for path in committed}
    assert {"Makefile", "Cargo.lock", "requirements/uv.txt", "requirements/dev.txt", ".ci/run", "LICENSE"} <= names
