"""The commands are thin, say what is wrong in one line each, and exit as scripts expect."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from tests.unit.cli.conftest import POLICIES, Run

from helpdesk.cli.app import complain, main
from helpdesk.kernel.errors import Conflict, Invalid, NotFound
from helpdesk.regulation.vocabulary.problems import RegulationError


class TestTenants:
    """``helpdesk tenant`` and ``helpdesk key``."""

    def test_a_company_is_taken_on_once(self, run: Run) -> None:
        """It is listed with its addresses; taking it on again is a conflict and changes nothing."""
        _, said = run("tenant", "add", "--regulation", POLICIES / "siroca", "--alert", "duty@helpdesk.example")
        assert said.startswith("Siroca is taken on as siroca\n")
        assert "phone +996312979805" in said
        with pytest.raises(Conflict):
            run("tenant", "add", "--regulation", POLICIES / "siroca")
        listed = json.loads(run("tenant", "list", "--json")[1])
        assert listed["slug"] == "siroca"
        assert listed["alert"] == "duty@helpdesk.example"
        assert {
            "channel_kind": "email",
            "address": "support@siroca.com",
            "channel": "email",
            "official": True,
        } in listed["addresses"]
        assert run("tenant", "list")[1].startswith("siroca: Siroca [")

    def test_a_text_that_cannot_stand_is_told_with_file_line_and_key(self, run: Run, tmp_path: Path) -> None:
        """By `regulation check`, which fails, and when the company is taken on, which goes on without that text."""
        shutil.copytree(POLICIES / "siroca", tmp_path / "siroca")
        shutil.copytree(POLICIES / "calendars", tmp_path / "calendars")
        file = tmp_path / "siroca" / "messages" / "ru.ftl"
        text = file.read_text("utf-8")
        file.write_text(f"{text}\nno-such-text = Здравствуйте\n", encoding="utf-8")
        place = f"messages/ru.ftl:{text.count(chr(10)) + 2}: no-such-text: "
        status, said = run("regulation", "check", tmp_path / "siroca")
        assert (status, f"siroca/{place}" in said) == (1, True)
        _, said = run("tenant", "add", "--regulation", tmp_path / "siroca")
        assert f"A TEXT CANNOT STAND, the built-in one is sent instead: {place}" in said

    def test_what_the_regulation_leaves_open_must_be_given(self, run: Run, tmp_path: Path) -> None:
        """Without its contacts SpecPromDesign is not taken on; with them it is."""
        folder = POLICIES / "specpromdesign"
        with pytest.raises(Invalid, match="contacts"):
            run("tenant", "add", "--regulation", folder)
        broken = tmp_path / "parameters.toml"
        broken.write_text("[contacts", encoding="utf-8")
        with pytest.raises(Invalid, match=r"parameters\.toml"):
            run("tenant", "add", "--regulation", folder, "--parameters", broken)
        with pytest.raises(Invalid, match="cannot be read"):
            run("tenant", "add", "--regulation", folder, "--parameters", tmp_path / "none.toml")
        _, said = run("tenant", "add", "--regulation", folder, "--parameters", folder / "example-parameters.toml")
        assert "SpecPromDesign is taken on" in said

    def test_another_address_is_kind_and_address(self, run: Run) -> None:
        """An address that the regulation does not name is known, and not official."""
        words = ("tenant", "add", "--regulation", POLICIES / "telemedhelp", "--address")
        for wrong in ("74951234567", "phone:", ":+74951234567", "phone:112"):
            with pytest.raises(Invalid):
                run(*words, wrong)
        assert "phone +74951234567 (not official)" in run(*words, "phone:8 495 123-45-67")[1]

    def test_a_damaged_regulation_is_refused_with_its_place(self, run: Run, tmp_path: Path) -> None:
        """Nothing is taken on from a folder that does not say what it means."""
        (tmp_path / "editions").mkdir()
        (tmp_path / "regulation.toml").write_text('tenant = "x"\nnam = "X"\n', encoding="utf-8")
        with pytest.raises(RegulationError, match=r"regulation\.toml:2"):
            run("tenant", "add", "--regulation", tmp_path)

    def test_a_key_is_shown_once(self, run: Run) -> None:
        """The list has the key without its secret; a revoked one is marked."""
        run("tenant", "add", "--regulation", POLICIES / "siroca")
        secret = run("key", "create", "--role", "agent", "--name", "first", "--tenant", "siroca", "--quiet")[1].strip()
        assert secret.startswith("hdk_")
        _, listed = run("key", "list")
        assert secret not in listed
        assert "agent first [siroca]" in listed
        identity = listed.split()[0]
        assert run("key", "revoke", identity)[1] == f"key {identity} is revoked\n"
        assert run("key", "list")[1].strip().endswith("REVOKED")

    def test_a_key_serves_companies_that_exist(self, run: Run) -> None:
        """An unknown company, or an agent's key for none, is refused."""
        with pytest.raises(NotFound):
            run("key", "create", "--role", "agent", "--name", "n", "--tenant", "nobody")
        with pytest.raises(Invalid):
            run("key", "create", "--role", "agent", "--name", "n")


class TestRegulations:
    """``helpdesk regulation``."""

    def test_a_deadline_is_told_with_its_reason(self, run: Run) -> None:
        """Both languages; the clause stands beside the instant."""
        words = ("regulation", "deadline", "siroca", "--channel", "phone", "--level", "1", "--received")
        _, said = run(*words, "2026-02-07T22:00:00+06:00")
        assert "resolution: 2026-02-08T03:00:00+06:00 (2.6)" in said
        assert "5 elapsed hours" in said
        assert "5 elapsed hours" not in run(*words, "2026-02-07T22:00:00+06:00", "--russian")[1]
        with pytest.raises(Invalid, match="no offset"):
            run(*words, "2026-02-07T22:00:00")

    def test_what_is_not_accepted_is_told_with_its_clause(self, run: Run) -> None:
        """TelemedHelp takes no calls; in one language throughout."""
        received = ("--received", "2026-02-07T22:00:00+03:00")
        words = ("regulation", "deadline", "telemedhelp", "--channel", "phone", *received)
        assert run(*words)[1].startswith("not accepted (6.1): The regulation does not name this channel")
        assert run(*words, "--russian")[1].startswith("не принимается (6.1): Регламент не называет этот канал")

    def test_a_regulation_is_shown_by_company_or_folder(self, run: Run) -> None:
        """Both ways print the same; an unknown name says what is known."""
        by_name = run("regulation", "show", "pass24")[1]
        assert "channel phone: phone +74953242442 (3.1)" in by_name
        assert run("regulation", "show", POLICIES / "pass24")[1] == by_name
        with pytest.raises(Invalid, match="siroca"):
            run("regulation", "show", "nobody")

    def test_lines_that_cannot_be_evaluated_do_not_stop_the_rest(self, run: Run, tmp_path: Path) -> None:
        """Each line is answered by one line; the exit status says that some were errors."""
        good = {
            "id": "a", "company": "siroca", "channel": "phone", "level": "1", "target": "resolution",
            "received": "2026-02-07T22:00:00+06:00", "readings": {}, "events": [],
        }  # fmt: skip
        bad = {**good, "id": "b", "company": "nobody"}
        file = tmp_path / "cases.jsonl"
        file.write_text(
            f"{json.dumps(good)}\n\nnot json\n[1]\n{json.dumps(bad)}\n{json.dumps(good)}\n", encoding="utf-8"
        )
        status, said = run("regulation", "replay", file)
        first, second, third, fourth, fifth = (json.loads(line) for line in said.splitlines())
        assert status == 1
        assert first == {"id": "a", "outcome": "due", "due": "2026-02-08T03:00:00+06:00"}
        assert second["id"] == "cases.jsonl:3"
        assert "error" in second
        assert "error" in third
        assert fourth["id"] == "b"
        assert "error" in fourth
        assert fifth == first
        file.write_text(json.dumps(good), encoding="utf-8")
        assert run("regulation", "replay", file)[0] == 0


class TestCalendars:
    """``helpdesk calendar``."""

    def test_cases_are_answered_line_by_line(self, run: Run, tmp_path: Path) -> None:
        """An instant in the calendar's own offset, seconds, a truth value, or an error with the line's id."""
        week = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
        (tmp_path / "office.json").write_text(json.dumps({"id": "office", "tz": "Europe/Moscow", "weekly": week}))
        cases = [
            {
                "id": 1,
                "calendar": "office",
                "op": "add_business",
                "start": "2026-02-06T17:30:00+03:00",
                "seconds": 3600,
            },
            {"id": 2, "calendar": "office", "op": "is_open", "t": "2026-02-06T18:00:00+03:00"},
            {"id": 3, "calendar": "none", "op": "is_open", "t": "2026-02-06T18:00:00+03:00"},
        ]
        file = tmp_path / "cases.jsonl"
        file.write_text("\n".join(map(json.dumps, cases)))
        status, said = run("calendar", "replay", "--specs", tmp_path, file)
        first, second, third = (json.loads(line) for line in said.splitlines())
        assert (status, first["result"], second["result"]) == (1, "2026-02-09T09:30:00+03:00", False)
        assert third["id"] == 3
        assert "error" in third
        with pytest.raises(Invalid, match="cannot be read"):
            run("calendar", "replay", "--specs", tmp_path, tmp_path / "nothing.jsonl")

    def test_a_month_shows_each_special_date_with_its_source(self, run: Run) -> None:
        """A working Saturday, the day off moved for it and a holiday, each marked and explained by its decree."""
        russia = POLICIES / "calendars" / "ru.json"
        said = run("calendar", "show", russia, "2025", "--month", "11")[1]
        assert "                      1+  2\n  3-  4*  5   6" in said
        assert "  01 Sat: working weekend [2025: " in said
        assert "  03 Mon: day off moved here: from 2025-11-01 [2025: " in said
        assert run("calendar", "show", russia, "2026")[1].count(" 2026\n Mo  Tu") == 12
        for wrong in (("1999",), ("2026", "--month", "13")):
            with pytest.raises(Invalid, match="2020 to 2027"):
                run("calendar", "show", russia, *wrong)

    def test_two_versions_differ_by_dates_with_their_sources(self, run: Run, tmp_path: Path) -> None:
        """A moved day off shows as two lines; a version does not differ from itself."""
        russia = POLICIES / "calendars" / "ru.json"
        moved = tmp_path / "ru.json"
        moved.write_text(russia.read_text(encoding="utf-8").replace("2026-01-09", "2026-01-12"), encoding="utf-8")
        first, second = run("calendar", "diff", russia, moved)[1].splitlines()
        assert first.startswith("2026-01-09 Fri: day off moved here: from 2026-01-03 [2026: ")
        assert first.endswith(" -> nothing special")
        assert second.startswith("2026-01-12 Mon: nothing special -> day off moved here: from 2026-01-03 [2026: ")
        assert run("calendar", "diff", russia, russia)[1] == "the two say the same\n"
        moved.write_text('{"2026": [1]}', encoding="utf-8")
        with pytest.raises(Invalid, match="no production calendar"):
            run("calendar", "diff", russia, moved)


class TestTheCommand:
    """``helpdesk`` itself."""

    def test_the_schema_is_upgraded_once(self, run: Run) -> None:
        """Doing it again changes nothing."""
        assert run("db", "upgrade")[1] == "the schema is the newest\n"
        assert run("db", "upgrade")[1] == "the schema is the newest\n"

    def test_plugins_are_listed(self, run: Run) -> None:
        """Both channels, and every regulation of the folders."""
        status, said = run("plugin", "list")
        assert status == 0
        assert "channel_email" in said
        assert "regulation of siroca" in said

    def test_help_names_every_group(self, run: Run) -> None:
        """A newcomer finds everything from `helpdesk --help`."""
        _, said = run("--help")
        for name in ("serve", "demo", "tenant", "key", "regulation", "calendar", "plugin", "clients", "db"):
            assert name in said

    @pytest.mark.parametrize(
        ("environment", "words", "expected"),
        [
            (
                {"HELPDESK_HTTP_PORT": "x"},
                ["tenant", "list"],
                "helpdesk: HELPDESK_HTTP_PORT is a number",
            ),
            ({}, ["regulation", "show", "nobody"], "helpdesk: there is no regulation 'nobody'"),
        ],
    )
    def test_what_is_wrong_is_said_on_standard_error(
        self,
        environment: dict[str, str],
        words: list[str],
        expected: str,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """One line, no traceback, exit status 1."""
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["helpdesk", *words])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        said = capsys.readouterr()
        assert said.err.startswith(expected)
        assert "Traceback" not in said.err

    def test_what_the_sentence_says_is_not_said_again(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Each missing parameter is told once; a place that the sentence leaves out is told beneath it."""
        lacking = "required: the telephone of the service (2)"
        fields = {"parameters.phone": lacking, "text": "must not be empty"}
        complain(Invalid(f"the parameters are not complete: parameters.phone: {lacking}", fields=fields))
        said = capsys.readouterr().err
        assert (said.count(lacking), said.count("helpdesk:   text: must not be empty")) == (1, 1)
