"""What another edition changes for whom: each witness, fed to both editions, comes out otherwise, and as was said."""

import shutil
from pathlib import Path

import pytest

from helpdesk.regulation.examining.effects import Effect, effects
from helpdesk.regulation.examining.replay import Replayer
from helpdesk.regulation.examining.replay import _instant as at
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import load_package

POLICIES = Path(__file__).parents[2] / "policies"
SINCE = at("2026-09-21T00:00:00+03:00")


def edited(folder: Path, company: str, *changes: tuple[str, str]) -> Path:
    shutil.copytree(POLICIES / company, folder / company)
    shutil.copytree(POLICIES / "calendars", folder / "calendars")
    file = next((folder / company / "editions").glob("*.toml"))
    text = file.read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file.write_text(text, encoding="utf-8")
    return folder / company


def evaluator(folder: Path, **readings: str) -> Evaluator:
    package = load_package(folder)
    return Evaluator(take_snapshot(package, parameters=package.example, readings=readings))


def by_target(found: tuple[Effect, ...]) -> dict[str, list[Effect]]:
    names: dict[str, list[Effect]] = {}
    for effect in found:
        names.setdefault(effect.target, []).append(effect)
    return names


@pytest.mark.parametrize(
    ("company", "change", "target", "levels"),
    [
        ("siroca", ('"5 elapsed hours"', '"4 elapsed hours"'), "resolution", ("1",)),
        ("pass24", ('"4 working hours"', '"6 working hours"'), "resolution", ("high",)),
        ("telemedhelp", ('"10 working minutes"', '"11 working minutes"'), "reaction", ()),
    ],
)
def test_a_witness_comes_out_as_was_said(
    company: str, change: tuple[str, str], target: str, levels: tuple[str, ...], tmp_path: Path
) -> None:
    """Both deadlines of a witness are those that a case with its channel, level and instant has."""
    assert effects(evaluator(POLICIES / company), evaluator(POLICIES / company), SINCE) == ()
    folder = edited(tmp_path, company, change)
    found = by_target(effects(evaluator(POLICIES / company), evaluator(folder), SINCE))
    assert {level for effect in found[target] for level in effect.levels} == set(levels)
    sides = [Replayer({company: load_package(path)}) for path in (POLICIES / company, folder)]
    for effect in found[target]:
        assert 0 < effect.differs <= effect.of
        for channel in effect.channels:
            case = {"company": company, "channel": channel, "level": next(iter(effect.levels), None),
                    "received": effect.received, "target": target}  # fmt: skip
            told = [("due", side.due) for side in (effect.before, effect.after)]
            assert [side.evaluate(case) for side in sides] == told
            assert told[0] != told[1]


def test_a_door_that_opens_is_an_effect_with_its_instant() -> None:
    """PASS24's clause 1.2 under its other reading: who was refused on a public holiday is let in and counts later."""
    pass24 = POLICIES / "pass24"
    found = effects(evaluator(pass24), evaluator(pass24, holiday_channel_policy="defer"), SINCE)
    (effect,) = found
    assert (effect.target, set(effect.channels)) == ("admission", {"form", "phone"})
    assert (effect.before.outcome, effect.before.clause) == ("refused", "1.2")
    assert (effect.after.outcome, effect.after.due) == ("let_in", "2026-11-05T09:00:00+03:00")
    assert effect.received == "2026-11-04T00:00:00+03:00"


def test_what_is_gone_and_what_is_new_are_effects(tmp_path: Path) -> None:
    """A level that only one edition knows."""
    changes = (('[levels."4"]', '[levels."5"]'), ('levels = ["4"]', 'levels = ["5"]'), ('"levels.4"', '"levels.5"'))
    folder = edited(tmp_path, "siroca", *changes)
    found = by_target(effects(evaluator(POLICIES / "siroca"), evaluator(folder), SINCE))["resolution"]
    outcomes = {effect.levels: (effect.before.outcome, effect.after.outcome) for effect in found}
    assert outcomes == {("5",): ("no_target", "due"), ("4",): ("due", "no_target")}
