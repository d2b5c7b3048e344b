"""The AsyncAPI page says what is really published."""

import json
import re
from pathlib import Path
from uuid import UUID

import jsonschema  # type: ignore[import-untyped]
import msgspec
import pytest

from helpdesk.broker.asyncapi import asyncapi
from helpdesk.contracts.events import Published, bus_subject, event_type, tenant_subjects
from helpdesk.contracts.log import Happened
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import to_datetime

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "asyncapi.json"


def example(what: Happened) -> Published:
    return Published(
        id=new_id(),
        tenant_id=UUID(int=7),
        type=event_type(what),
        subject=str(new_id()),
        occurred_at=to_datetime(1_772_600_000_250_000),
        number=12,
        seq=3,
        data={"level": "1"},
    )


def test_the_page_is_in_step() -> None:
    """`python -m helpdesk.broker.asyncapi > docs/reference/asyncapi.json` would change nothing."""
    assert json.loads(PAGE.read_text()) == asyncapi()


@pytest.mark.parametrize("what", Happened)
def test_every_event_fits(what: Happened) -> None:
    """Each kind of event has an address of the described form and a payload of the described schema."""
    document = asyncapi()
    event = example(what)
    schema = {"$ref": "#/components/schemas/Published", "components": document["components"]}
    jsonschema.validate(json.loads(msgspec.json.encode(event)), schema)
    channel = document["channels"]["events"]
    pattern = re.escape(channel["address"])
    for name, parameter in channel["parameters"].items():
        values = parameter.get("enum", [str(event.tenant_id)])
        pattern = pattern.replace(re.escape(f"{{{name}}}"), f"({'|'.join(values)})")
    assert re.fullmatch(pattern, bus_subject(event))
    assert bus_subject(event).startswith(tenant_subjects(event.tenant_id).removesuffix(">"))
