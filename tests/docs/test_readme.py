"""The commands of the README and of the tutorial that goes on from it do what they say, on a real service."""

import asyncio
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from helpdesk.demo.service import Service

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
BLOCKS, MORE = (
    [block.strip() for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL)] for page in (README, TUTORIAL)
)
FIRST = len(BLOCKS) - 2
"""Where the tutorial's answers begin."""
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")


@pytest.fixture(scope="module", name="answers")
def _answers(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Run every block after `make serve` in one shell, beside a running service; return what each printed."""
    folder = tmp_path_factory.mktemp("readme")
    home = folder / "checkout"
    home.mkdir()
    (home / "policies").symlink_to(ROOT / "policies")
    (home / ".venv").mkdir()
    (home / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
    service = Service(folder, sink_port=9)
    script = "echo ==\n".join(f"{block}\n" for block in [*BLOCKS[2:], *MORE]).replace(
        "127.0.0.1:8080", f"127.0.0.1:{service.http_port}"
    )
    try:
        service.launch()
        asyncio.run(service.ready())
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=home,
            env={**os.environ, **service.environ},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr + service.last_words()
        return done.stdout.split("==\n")
    finally:
        service.stop()


def test_the_first_two_commands_are_the_demonstration_and_the_tests() -> None:
    """A newcomer sees it work, then sees it tested, and installs nothing by hand before."""
    assert BLOCKS[0].splitlines() == ["make demo", "make test"]
    assert BLOCKS[1] == "make serve"


def test_every_target_that_is_named_exists() -> None:
    """A `make` target in the README or CONTRIBUTING.md is one of the Makefile's, with a line in its help."""
    text = README + (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for target in set(re.findall(r"`?make ([a-z-]+)", text)) - {"help"}:
        assert re.search(rf"^{target}:.*## ", MAKEFILE, re.MULTILINE), target


def test_a_company_is_taken_on(answers: list[str]) -> None:
    """One command takes on a company, while the service runs."""
    assert "Siroca is taken on as siroca" in answers[0]
    assert "phone +996312979805" in answers[0]


def test_a_call_becomes_the_first_ticket(answers: list[str]) -> None:
    """The answer is the one that the README shows."""
    assert '"outcome":"ticket","tenant":"siroca","number":1' in README
    assert '"outcome":"ticket","tenant":"siroca","number":1' in answers[1]


def test_the_deadline_is_explained(answers: list[str]) -> None:
    """The resolution's deadline comes with its clause, the interval counted, the snapshot and words."""
    deadlines = json.loads(answers[2])["items"]
    resolution = next(deadline for deadline in deadlines if deadline["name"] == "resolution")
    assert resolution["clause"] == "2.6"
    explanation = resolution["explanation"]
    assert len(explanation["counted"]) == 1
    assert explanation["counted_us"] == 5 * 3600 * 1_000_000
    assert len(explanation["snapshot"]) == 64
    assert "5 elapsed hours" in explanation["text_en"]
    assert explanation["text_ru"]


def test_the_question_without_a_ticket(answers: list[str]) -> None:
    """A deadline can be asked for by a command alone."""
    assert "resolution: 2026-02-08T03:00:00+06:00 (2.6)" in answers[3]


def test_the_tutorial_s_ticket_lives_as_told(answers: list[str]) -> None:
    """Handed out, asked about, answered, confirmed; each step leaves the state that the page says."""
    _, handed, regulation, asked, _, ended, confirmed, *_ = answers[FIRST:]
    assert json.loads(handed)["number"] == 1
    assert "waiting_client" in {pause["reason"] for pause in json.loads(regulation)["pauses"]}
    assert json.loads(asked)["state"] == "waiting"
    resumed, resolved = ended.strip().replace("}{", "}\n{").splitlines()
    assert (json.loads(resumed)["state"], json.loads(resolved)["state"]) == ("open", "resolved")
    assert json.loads(confirmed)["state"] == "closed"


def test_the_tutorial_s_deadline_is_the_one_it_names(answers: list[str]) -> None:
    """The supposed request's resolution, an hour later for the hour that did not count."""
    found = json.loads(answers[FIRST + 4])["items"]
    resolution = next(each for each in found if each["name"] == "resolution")
    assert resolution["due"] == "2026-02-09T05:00:00+06:00"
    assert resolution["due"] in TUTORIAL


def test_the_tutorial_s_evidence_holds(answers: list[str]) -> None:
    """The sealed document is checked, and the reports know the ticket."""
    assert "evidence.json" in answers[FIRST + 7]
    attainment, end = json.JSONDecoder().raw_decode(answers[FIRST + 8])
    assert attainment["tenant"] == "siroca"
    assert "сходится" in answers[FIRST + 8][end:]


def test_links_lead_somewhere() -> None:
    """Every relative link of the pages at the top and under docs/ leads to a file."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8").replace("\n", " "))
        if "://" not in link and not (page.parent / link.strip()).exists()
    ]
    assert broken == []
