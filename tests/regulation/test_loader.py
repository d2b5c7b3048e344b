"""The loader's errors: all at once, each with file, line, key path and a suggestion."""

from pathlib import Path

import pytest

from helpdesk.regulation.loading.loader import load_package, parse_toml
from helpdesk.regulation.vocabulary.problems import RegulationError

POLICIES = Path(__file__).parents[2] / "policies"

REGULATION = 'tenant = "small"\nname = "Small"\nname_ru = "Малая"\n'
EDITION = """\
[edition]
id = "2026-01-01"
title = "t"
zone = "Europe/Moscow"

[calendars.office]
zone = "Europe/Moscow"
hours = { mon-fri = "09:00-18:00" }
clause = "1"

[admission]
clause = "1"
hint_ru = "п"
hint_en = "h"

[[channels]]
name = "email"
kind = "email"
addresses = ["a@small.example"]
clause = "1"

[[targets]]
name = "reaction"
within = "4 working hours"
calendar = "office"
starts_on = ["registered"]
stops_on = ["answer_sent"]
clause = "2"

[queue]
order = ["arrival"]
clause = "3"
"""


def write(folder: Path, edition: str, regulation: str = REGULATION) -> Path:
    (folder / "editions").mkdir(exist_ok=True)
    (folder / "regulation.toml").write_text(regulation, "utf-8")
    (folder / "editions/2026-01-01.toml").write_text(edition, "utf-8")
    return folder


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(RegulationError) as caught:
        load_package(folder)
    return [str(problem) for problem in caught.value.problems]


def test_a_small_regulation_is_accepted(tmp_path: Path) -> None:
    package = load_package(write(tmp_path, EDITION))
    assert package.tenant == "small"


def test_every_mistake_is_said_at_once_with_line_path_and_suggestion(tmp_path: Path) -> None:
    wrong = (
        EDITION.replace('kind = "email"', 'kidn = "email"')
        .replace('within = "4', 'within = "-4')
        .replace('calendar = "office"\nstarts_on', "starts_on")
    )
    wrong = wrong.replace("order = [", 'ordre = ["arrival"]\norder = [')
    found = problems_of(write(tmp_path, wrong))
    assert found == [
        "editions/2026-01-01.toml:16: channels[0]: the key 'kind' is missing (add kind = …)",
        "editions/2026-01-01.toml:18: channels[0].kidn: unknown key 'kidn' (did you mean 'kind'?)",
        "editions/2026-01-01.toml:30: queue.ordre: unknown key 'ordre' (did you mean 'order'?)",
    ]


def test_rules_are_checked_once_the_shapes_are_right(tmp_path: Path) -> None:
    wrong = EDITION.replace('within = "4 working', 'within = "4').replace(
        'zone = "Europe/Moscow"\nhours', 'zone = "X"\nhours'
    )
    wrong = wrong.replace('stops_on = ["answer_sent"]', 'stops_on = ["answr_sent", "registered"]')
    found = problems_of(write(tmp_path, wrong))
    assert [line.split(": ", 2)[1] for line in found] == [
        "calendars.office.zone",
        "targets[0].within",
        "targets[0].stops_on",
        "targets[0].stops_on",
    ]
    assert "did you mean 'answer_sent'?" in found[3] or "did you mean 'answer_sent'?" in found[2]


def test_more_words_than_clocks_can_listen_to_are_refused(tmp_path: Path) -> None:
    """Clocks are folded by 64 codes; a claim about a calendar needs one that is there."""
    many = ", ".join(f'"notice_sent(n{"x" * number})"' for number in range(70))
    claim = '[[claims]]\nclause = "1"\nsubject = "s"\nsays = "x"\ncalendar = "ofice"\n'
    found = problems_of(write(tmp_path, EDITION.replace('["answer_sent"]', f"[{many}]") + claim))
    assert any(
        "targets: targets and terms listen to 72 events and 0 reasons to wait: too many" in line for line in found
    )
    assert any("'ofice' is not defined under [calendars]" in line for line in found)
    lines = "".join(f'[[lines]]\nname = "l{n}"\nname_ru = "л"\nname_en = "l"\nclause = "1"\n' for n in range(63))
    assert any("lines: 63 are too many" in line for line in problems_of(write(tmp_path, EDITION + lines)))


def test_a_parameter_must_be_declared_and_used(tmp_path: Path) -> None:
    declared = REGULATION + '[parameters.x]\nrequired = true\nclause = "1"\ndescribe = "x"\n'
    found = problems_of(write(tmp_path, EDITION.replace('"a@small.example"', '"$y.mail"'), declared))
    assert "regulation.toml:4: parameters.x: no edition uses the parameter 'x' (remove it)" in found
    assert any("the parameter $y is not declared" in line for line in found)


def test_an_edition_is_named_by_its_file(tmp_path: Path) -> None:
    found = problems_of(write(tmp_path, EDITION.replace('id = "2026-01-01"', 'id = "2026-01-02"')))
    assert found == [
        "editions/2026-01-01.toml:2: edition.id: the edition's id is not its file's name '2026-01-01' "
        '(id = "2026-01-01")'
    ]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    found = problems_of(tmp_path)
    assert [line.split(":")[0] for line in found] == ["editions", "regulation.toml"]


def test_a_file_too_large_is_not_parsed() -> None:
    with pytest.raises(RegulationError, match="larger"):
        parse_toml("x.toml", b"#" * (1 << 20) + b"\n")


def test_a_term_that_starts_itself_is_a_cycle(tmp_path: Path) -> None:
    term = """
[[terms]]
name = "again"
within = "1 elapsed hour"
starts_on = ["resolved"]
cancelled_on = ["client_message"]
then = "resolve"
clause = "9"
"""
    assert any("a cycle" in line for line in problems_of(write(tmp_path, EDITION + term)))
    asks = term.replace("resolved", "question_sent").replace('"resolve"', '"ask_again"')
    write(tmp_path, EDITION + asks)  # a person asks, not the term
    load_package(tmp_path)


WAIT = """
[[pauses]]
reason = "incomplete"
name_ru = "ждём"
name_en = "waiting"
clause = "9"
"""


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('begins_when = "incomplete"', "it begins by itself and never ends so"),
        ('demands = ["colour"]\nbegins_when = "incomplete"\nends_on = ["supplied"]', "not defined under"),
        ('letter = "incomplete-body"', "nothing begins by itself here"),
    ],
)
def test_a_wait_that_begins_by_itself_asks_for_something_and_ends(tmp_path: Path, keys: str, message: str) -> None:
    assert any(message in line for line in problems_of(write(tmp_path, f"{EDITION}{WAIT}{keys}\n")))


SCOPE = """
[[scope]]
category = "error"
name_ru = "ошибка"
name_en = "error"
served = true
clause = "4"
"""
LEVELS = '[levels.high]\nname_ru = "в"\nname_en = "h"\nrank = 0\nclause = "5"\n[rating]\nclause = "5"\n'
OUTCOME = '[[outcomes]]\ncode = "done"\nname_ru = "г"\nname_en = "d"\nclause = "6"\n'
LINE = '[[lines]]\nname = "{}"\nname_ru = "л"\nname_en = "l"\nclause = "7"\n'


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        (f'{SCOPE}level = "hihg"\n{LEVELS}', "scope[0].level: there is no level 'hihg' (did you mean 'high'?)"),
        (
            f'{SCOPE}needs = ["confirmed"]\n',
            "scope[0].needs: facts are recorded for a level, and the category gives none",
        ),
        (f"{SCOPE}{SCOPE}", "scope[1].category: 'error' is named twice"),
        (f'{SCOPE}{OUTCOME}category = "eror"\n', "outcomes[0].category: there is no category 'eror'"),
        ('[acceptance]\nclause = "8"\nchannels = ["post"]\n', "acceptance.channels: there is no channel 'post'"),
        (
            '[[fields]]\nname = "platform"\nname_ru = "п"\nname_en = "p"\nclause = "9"\none_of = ["iOS"]\n',
            "fields[0].one_of: 'iOS' is compared without case and blanks (write 'ios')",
        ),
    ],
)
def test_what_a_request_is_about_refers_to_what_there_is(tmp_path: Path, tables: str, message: str) -> None:
    """Levels, categories and channels that rules name are defined; what could never match is told."""
    assert any(message in line for line in problems_of(write(tmp_path, EDITION + tables)))


def test_calls_begin_on_the_first_line_where_a_target_looks_at_lines(tmp_path: Path) -> None:
    """Clocks take the first line for the one that a request begins on."""
    lines = f"{LINE.format('first')}{LINE.format('calls')}takes_calls = true\n"
    load_package(write(tmp_path, EDITION + lines))
    looking = EDITION.replace('calendar = "office"\nstarts_on', 'lines = ["first"]\ncalendar = "office"\nstarts_on')
    assert any(
        "calls begin on a line that is not the first" in each for each in problems_of(write(tmp_path, looking + lines))
    )


@pytest.mark.parametrize("name", ["telemedhelp", "specpromdesign", "intervale", "siroca", "pass24", "demo"])
def test_what_ships_is_valid(name: str) -> None:
    assert load_package(POLICIES / name).tenant == name
