"""JSON Schemas of a regulation's files, made from the very structs that read them: completion for editors."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from helpdesk.regulation.telling.keys import FILES, meanings, structs_of

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema of each kind of file, by its name (``regulation``, ``edition``, ``scenarios``)."""
    found = {name: {"$schema": _DIALECT, "title": title, **_schema(shape)} for name, (shape, title) in FILES.items()}
    plain: dict[str, dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(found))
    return plain


def _schema(root: type[Struct]) -> dict[str, Any]:
    found = msgspec.json.schema(root)
    for shape in structs_of(root):
        table = found["$defs"][shape.__name__]
        table["additionalProperties"] = False
        _describe(table["properties"], meanings(shape))
        _allow_parameters(table["properties"])
    return found


def _describe(properties: dict[str, Any], said: Mapping[str, str]) -> None:
    """Tell editors what each key means."""
    for name, meaning in said.items():
        properties[name] = {**properties[name], "description": meaning}


def _allow_parameters(properties: dict[str, Any]) -> None:
    """A whole table or list may also be a reference to the operator's parameter (``$contacts.phone``)."""
    reference = {"type": "string", "pattern": r"^\$[a-z][a-z0-9_]*(\.[A-Za-z0-9_]+)*$"}
    for name in ("hours", "minimum_versions", "kind"):
        if name in properties:
            properties[name] = {"anyOf": [properties[name], reference]}
