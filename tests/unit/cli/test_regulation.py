"""``helpdesk regulation``: what the commands print about the five companies, and how they exit."""

import json
import shutil
from pathlib import Path

import pytest
from tests.unit.cli.conftest import COMPANIES, POLICIES, Run

from helpdesk.kernel.errors import Conflict, Invalid

RECEIVED = "2026-03-04T10:00:00+03:00"


def lines(said: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in said.splitlines()]


class TestChecking:
    """``check``, ``lint``, ``witness`` and ``coverage``."""

    @pytest.mark.parametrize("company", COMPANIES)
    def test_the_five_are_in_order(self, run: Run, company: str) -> None:
        """Files and scenarios hold: nothing but one line, exit 0; for machines no line at all."""
        assert run("regulation", "check", company) == (0, f"{company}: in order\n")
        assert run("regulation", "check", POLICIES / company, "--json") == (0, "")

    def test_a_mistake_is_told_with_file_line_path_and_suggestion(self, run: Run, tmp_path: Path) -> None:
        """For people on a line; for machines as an object; exit 1."""
        folder = tmp_path / "siroca"
        shutil.copytree(POLICIES / "siroca", folder)
        file = folder / "editions" / "2023-03-31.toml"
        text = file.read_text("utf-8")
        file.write_text(text.replace("stops_on", "stops_onn", 1), encoding="utf-8")
        line = text[: text.index("stops_on")].count("\n") + 1
        status, said = run("regulation", "check", folder)
        assert status == 1
        assert f"siroca/editions/2023-03-31.toml:{line}: targets[" in said
        assert "did you mean 'stops_on'?" in said
        status, said = run("regulation", "check", folder, "--json")
        problem = lines(said)[0]["problem"]
        assert status == 1
        assert isinstance(problem, dict)
        assert problem["line"] == line
        assert problem["suggestion"] == "did you mean 'stops_on'?"

    def test_a_scenario_that_does_not_hold_is_a_mistake(self, run: Run, tmp_path: Path) -> None:
        """`check` says what the scenario found instead."""
        folder = tmp_path / "pass24"
        shutil.copytree(POLICIES / "pass24", folder)
        shutil.copytree(POLICIES / "calendars", tmp_path / "calendars")
        file = folder / "editions" / "undated.toml"
        text = file.read_text("utf-8")
        assert "09:00-18:00" in text
        file.write_text(text.replace("09:00-18:00", "09:00-17:00"), encoding="utf-8")
        status, said = run("regulation", "check", folder)
        assert status == 1
        assert " is 20" in said

    @pytest.mark.parametrize("company", COMPANIES)
    def test_findings_come_with_witnesses(self, run: Run, company: str) -> None:
        """Every finding has its clauses, in both languages; exit 1; each witness can be asked for alone."""
        at = ("--at", "2026-03-16T09:00:00+03:00")
        status, said = run("regulation", "lint", company, "--json", *at)
        found = lines(said)
        assert status == 1
        assert found
        text = run("regulation", "lint", company, *at)[1]
        for finding in found:
            assert finding["witness"]["clauses"]  # type: ignore[index]
            assert f"{finding['id']}: {finding['message_en']}\n  {finding['message_ru']}" in text
            shown = json.loads(run("regulation", "witness", finding["id"], "--json", *at)[1])
            assert shown["witness"] == finding["witness"]

    def test_a_witness_is_replayed(self, run: Run) -> None:
        """PASS24's inverted range: the goal falls on the limit, which caps it."""
        at = ("--at", "2026-03-16T09:00:00+03:00")
        shown = json.loads(run("regulation", "witness", "pass24.range-inverted", "--json", *at)[1])
        assert shown["replayed"]["outcome"] == "due"
        assert "replayed" in run("regulation", "witness", "pass24.range-inverted", *at)[1]
        with pytest.raises(Invalid, match="did you mean"):
            run("regulation", "witness", "pass24.range-invertd", *at)

    def test_a_text_without_findings_exits_0(self, run: Run) -> None:
        """The demonstration's regulation contradicts itself nowhere."""
        assert run("regulation", "lint", "demo") == (0, "")

    @pytest.mark.parametrize("company", COMPANIES)
    def test_every_clause_is_covered(self, run: Run, company: str) -> None:
        """100 %: exit 0, each clause on a line."""
        status, said = run("regulation", "coverage", company)
        assert status == 0
        assert "100 % of" in said
        found = lines(run("regulation", "coverage", company, "--json")[1])[0]
        assert found["percent"] == 100.0
        assert len(said.splitlines()) == 1 + len(found["coverage"]["clauses"])  # type: ignore[index]

    def test_less_than_all_clauses_fails(self, run: Run, tmp_path: Path) -> None:
        """Without its scenarios a regulation is not covered."""
        folder = tmp_path / "siroca"
        shutil.copytree(POLICIES / "siroca", folder, ignore=shutil.ignore_patterns("scenarios"))
        shutil.copytree(POLICIES / "calendars", tmp_path / "calendars")
        status, said = run("regulation", "coverage", folder)
        assert status == 1
        assert "MISSING no scenario shows it" in said


class TestTelling:
    """``show``, ``deadline`` and ``explain``."""

    @pytest.mark.parametrize("company", COMPANIES)
    def test_a_deadline_is_explained_in_both_languages_and_as_data(self, run: Run, company: str) -> None:
        """The derivation as JSON has the texts that people read, and its intervals add up."""
        evaluated = json.loads(run("regulation", "show", company, "--json")[1])
        channel = next(c["name"] for c in evaluated["edition"]["channels"] if c["kind"] in {"email", "web"})
        words = ["regulation", "explain", company, "--channel", channel, "--received", RECEIVED]
        levels = evaluated["edition"].get("levels")
        if levels:
            words += ["--level", min(levels, key=lambda key: levels[key]["rank"])]
        text = run(*words)[1]
        found = lines(run(*words, "--json")[1])
        assert found
        for explanation in found:
            assert explanation["text_ru"] in text  # type: ignore[operator]
            assert explanation["text_en"] in text  # type: ignore[operator]
            assert explanation["snapshot"]
            if explanation["amount_us"] is not None and explanation["due"]:
                assert explanation["counted_us"] == explanation["amount_us"]

    def test_events_and_readings_bear_on_it(self, run: Run) -> None:
        """Siroca's silence runs from the resolution: a day, or under another reading three working days."""
        words = ["regulation", "explain", "siroca", "--channel", "email", "--level", "3", "--target", "auto_close"]
        words += ["--received", "2026-02-20T09:00:00+06:00", "--event", "resolved@2026-02-20T17:00:00+06:00"]
        assert "auto_close: 2026-02-21T17:00:00+06:00" in run(*words)[1]
        other = run(*words, "--reading", "auto_close_base=business")[1]
        assert "auto_close: 2026-02-25T14:00:00+06:00" in other
        spread = run(*words, "--all-readings")[1].splitlines()
        assert spread[1].startswith("  2026-02-21T17:00:00+06:00: as chosen")
        assert spread[2].startswith("  2026-02-25T14:00:00+06:00: auto_close_base=business")
        data = json.loads(run(*words, "--all-readings", "--json")[1])
        assert [outcome["due"][:10] for outcome in data["spread"]["outcomes"]] == ["2026-02-21", "2026-02-25"]

    def test_a_reading_may_take_a_value_of_its_own(self, run: Run) -> None:
        """An announcement with hours: TelemedHelp closed on that Wednesday answers the next morning."""
        words = ["regulation", "explain", "telemedhelp", "--channel", "email", "--target", "reaction"]
        words += ["--received", RECEIVED]
        assert "reaction: 2026-03-04T10:05:00+03:00" in run(*words)[1]
        closed = run(*words, "--reading", 'extra_dates={"2026-03-04": []}')[1]
        assert "reaction: 2026-03-05T" in closed

    def test_what_cannot_be_asked_is_said(self, run: Run) -> None:
        """An unknown target, level, event, reading, edition; a text that is no instant; no parameter file."""
        words = ["regulation", "explain", "siroca", "--channel", "email", "--received", RECEIVED]
        for wrong in (
            ["--target", "no_such"],
            ["--level", "9"],
            ["--event", "resolved"],
            ["--event", "exploded@2026-03-04T11:00:00+03:00"],
            ["--reading", "no_such=1"],
            ["--reading", "no_such"],
            ["--edition", "1999"],
            ["--parameters", "no-such.toml"],
        ):
            with pytest.raises(Invalid):
                run(*words, *wrong)

    def test_what_is_not_accepted_is_told(self, run: Run) -> None:
        """TelemedHelp takes no calls: the clause, as text and as data."""
        words = ("regulation", "explain", "telemedhelp", "--channel", "phone", "--received", RECEIVED)
        assert run(*words)[1].startswith("not accepted (6.1)")
        assert json.loads(run(*words, "--json")[1])["clause"] == "6.1"


class TestWriting:
    """``new``, ``schema`` and ``diff``."""

    def test_a_new_regulation_is_in_order(self, run: Run, tmp_path: Path) -> None:
        """What the template gives passes `check`; doing it twice is a conflict, a bad name invalid."""
        words = ("regulation", "new", "north-star", "--name", "North Star", "--into", tmp_path)
        assert "north-star" in run(*words)[1]
        assert {path.name for path in tmp_path.iterdir()} >= {"north-star", "calendars", "_schemas"}
        assert run("regulation", "check", tmp_path / "north-star") == (0, "north-star: in order\n")
        with pytest.raises(Conflict):
            run(*words)
        with pytest.raises(Invalid):
            run("regulation", "new", "North Star", "--name", "North Star", "--into", tmp_path)

    def test_schemas_are_printed_or_written(self, run: Run, tmp_path: Path) -> None:
        """One kind to standard output, all kinds into a folder; they are those that the policies have."""
        printed = json.loads(run("regulation", "schema", "edition")[1])
        run("regulation", "schema", "--into", tmp_path)
        written = {path.name: json.loads(path.read_text("utf-8")) for path in tmp_path.iterdir()}
        assert written.keys() == {f"{kind}.schema.json" for kind in ("regulation", "edition", "scenarios")}
        assert written["edition.schema.json"] == printed
        with pytest.raises(Invalid):
            run("regulation", "schema")

    def test_differences_say_what_changes_for_whom(self, run: Run, tmp_path: Path) -> None:
        """An edition and itself: nothing, exit 0; one amount changed: its clause and its level, exit 1."""
        assert run("regulation", "diff", "siroca", POLICIES / "siroca") == (0, "")
        folder = tmp_path / "siroca"
        shutil.copytree(POLICIES / "siroca", folder)
        shutil.copytree(POLICIES / "calendars", tmp_path / "calendars")
        file = folder / "editions" / "2023-03-31.toml"
        file.write_text(file.read_text("utf-8").replace('"5 elapsed hours"', '"4 elapsed hours"'), encoding="utf-8")
        status, said = run("regulation", "diff", "siroca", folder, "--from", "2026-09-21T00:00:00+06:00")
        assert status == 1
        assert '(2.6) for 1: "5 elapsed hours" → "4 elapsed hours"' in said
        told = [line for line in said.splitlines() if line.startswith("resolution by phone, ") and "level 1" in line]
        assert "received 2026-09-21T" in told[0]
        assert "so at" in told[0]
        rule, *whom = lines(run("regulation", "diff", "siroca", folder, "--json")[1])
        assert rule["concerns"] == ["1"]
        assert {(effect["target"], str(effect["levels"])) for effect in whom} == {("resolution", str(["1"]))}
        with pytest.raises(Invalid):
            run("regulation", "diff", "siroca", folder, "--after-edition", "1999")
