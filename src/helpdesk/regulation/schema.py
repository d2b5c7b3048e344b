"""JSON Schemas of a regulation's files, made from the very structs that read them: completion for editors."""

from collections.abc import Mapping
from typing import Any

import msgspec

from helpdesk.regulation.model import Edition, Regulation
from helpdesk.regulation.scenarios import ScenarioFile

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

_FILES: Mapping[str, tuple[type, str]] = {
    "regulation": (Regulation, "regulation.toml"),
    "edition": (Edition, "editions/<id>.toml"),
    "scenarios": (ScenarioFile, "scenarios/*.toml"),
}


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each kind of file, by its name (``regulation``, ``edition``, ``scenarios``)."""
    found = {name: {"$schema": _DIALECT, "title": title, **_schema(shape)} for name, (shape, title) in _FILES.items()}
    plain: dict[str, dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(found))
    return plain


def _schema(shape: type) -> dict[str, Any]:
    found = msgspec.json.schema(shape)
    for table in found["$defs"].values():
        if "properties" in table:
            table["additionalProperties"] = False
            _allow_parameters(table["properties"])
    return found


def _allow_parameters(properties: dict[str, Any]) -> None:
    """A whole table or list may also be a reference to the operator's parameter (``$contacts.phone``)."""
    reference = {"type": "string", "pattern": r"^\$[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)*$"}
    for name in ("hours", "minimum_versions", "kind"):
        if name in properties:
            properties[name] = {"anyOf": [properties[name], reference]}
