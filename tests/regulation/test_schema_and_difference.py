"""Schemas are what the structs say; a difference names the rule, its clause and whom it concerns."""

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from helpdesk.regulation.examining.difference import compare
from helpdesk.regulation.loading.loader import Document, load_package
from helpdesk.regulation.telling.keys import unexplained
from helpdesk.regulation.telling.schema import schemas

POLICIES = Path(__file__).parents[2] / "policies"
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24", "demo")


@pytest.mark.parametrize("name", ["regulation", "edition", "scenarios"])
def test_the_shipped_schema_is_the_structs_own(name: str) -> None:
    """After a change of the vocabulary scripts/write_schemas.py writes them anew."""
    assert schemas()[name] == json.loads((POLICIES / f"_schemas/{name}.schema.json").read_text("utf-8"))


@pytest.mark.parametrize("company", COMPANIES)
def test_what_ships_fits_its_schema(company: str) -> None:
    found = schemas()
    for pattern, name in (
        ("regulation.toml", "regulation"),
        ("editions/*.toml", "edition"),
        ("scenarios/*.toml", "scenarios"),
    ):
        for file in (POLICIES / company).glob(pattern):
            data = json.loads(
                json.dumps(tomllib.loads(file.read_text("utf-8")), default=lambda moment: moment.isoformat())
            )
            jsonschema.validate(data, found[name])


def test_every_key_is_explained() -> None:
    """Editors and the reference page have a word for each key of the vocabulary."""
    assert unexplained() == ()
    target = schemas()["edition"]["$defs"]["Target"]["properties"]
    assert "what fulfils it" in target["stops_on"]["description"].lower()


def test_an_unknown_key_does_not_fit_the_schema() -> None:
    data = {"tenant": "a", "name": "A", "name_ru": "А", "nmae": "x"}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schemas()["regulation"])


def siroca() -> Document:
    return load_package(POLICIES / "siroca").editions[0]


def changed(**targets: Any) -> Document:
    document = siroca()
    data = copy.deepcopy(document.data)
    for target in data["targets"]:
        if target.get("levels") == ["3"]:
            target.update(targets)
    return msgspec.structs.replace(document, data=data)


def test_equal_editions_do_not_differ() -> None:
    assert compare(siroca().data, siroca().data) == ()


def test_a_changed_amount_is_named_with_its_clause_and_its_levels() -> None:
    (change,) = compare(siroca().data, changed(within="3 working days").data)
    assert (change.path, change.before, change.after) == (
        "targets.resolution.3.within",
        "2 working days",
        "3 working days",
    )
    assert (change.clause, change.concerns) == ("2.6", ("3",))


def test_the_order_of_rules_is_no_difference() -> None:
    document = siroca()
    data = copy.deepcopy(document.data)
    data["targets"].reverse()
    data["channels"].reverse()
    assert compare(document.data, data) == ()


def test_a_rule_that_is_gone_has_no_after() -> None:
    document = siroca()
    data = copy.deepcopy(document.data)
    del data["complaint"]
    found = compare(document.data, data)
    assert {change.path for change in found} == {
        f"complaint.{key}" for key in ("to", "contact", "hidden_from", "clause")
    }
    assert all(change.after is None for change in found)
