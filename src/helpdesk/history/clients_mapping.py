"""The mapping of a list of clients: which column says what of an organisation, of a person and of their rights."""

from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from msgspec import Meta, field

from helpdesk.history.mapping import Column, FileRule, read_mapping, schema_of
from helpdesk.regulation.vocabulary.problems import nearest
from helpdesk.regulation.vocabulary.shapes import Misfit
from helpdesk.regulation.vocabulary.strict import Strict

__all__ = ["ClientsMapping", "clients_schema", "load_clients_mapping"]


class ClientRule(Strict, frozen=True, kw_only=True):
    """``[client]``: which column says what. A record is about an organisation, a person, or a person of one."""

    organisation: Column = ""
    """The organisation's name: what it is known by here."""
    domains: Column = ""
    """Domains of its mail, separated by blanks, commas or semicolons."""
    name: Column = ""
    """The person's name."""
    mail: Column = ""
    """The person's mail addresses, separated by commas or semicolons."""
    phone: Column = ""
    """The person's telephone numbers, likewise."""
    verified: Column = ""
    """Whether somebody made sure that the addresses are theirs: yes or no."""
    authorised: Column = ""
    """Whether notices to the organisation go to the person: yes or no."""
    contract: Column = ""
    """The kind of a contract or licence, a basis as the regulation names it (see ``[values.contract]``)."""
    contract_number: Column = ""
    contract_from: Column = ""
    """Its first day."""
    contract_until: Column = ""
    """Its last day; empty: without end."""
    equipment: Column = ""
    """What a piece of equipment is called."""
    serial: Column = ""
    act_number: Column = ""
    accepted_on: Column = ""
    """The day of the signed act of acceptance."""
    warranty_until: Column = ""
    product: Column = ""
    version: Column = ""
    """Of the product."""


CLIENT_FIELDS = ClientRule.__struct_fields__
YES = ("yes", "true", "1", "да")
NO = ("no", "false", "0", "нет", "")


class ClientsMapping(Strict, frozen=True, kw_only=True):
    """How a list of clients is read."""

    source: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_.-]*$", max_length=60)]
    """The name of the system that it is from, for the audit."""
    file: FileRule
    """``times`` is the form of days: ``iso``, or as `strptime` has it: ``%d.%m.%Y``."""
    client: ClientRule
    defaults: dict[str, str] = field(default_factory=dict)
    """What counts where a column is empty or none is named, by our field."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the other system's words are here, by our field: ``values.contract."Лицензия" = "licence"``."""


def load_clients_mapping(path: Path) -> ClientsMapping:
    """Read a mapping file.

    Raises:
        Invalid: it cannot be read or says what no mapping says; one line for each mistake, with file, line and key.
    """
    return read_mapping(path, ClientsMapping, _contradictions)


def clients_schema() -> dict[str, Any]:
    """Return the JSON Schema of mapping files, for editors."""
    return schema_of(ClientsMapping)


def _contradictions(mapping: ClientsMapping) -> list[Misfit]:
    """Return what fits the shape and cannot work."""
    found = []
    if mapping.file.zone:
        try:
            ZoneInfo(mapping.file.zone)
        except (LookupError, ValueError, OSError):
            found.append(Misfit(("file", "zone"), f"there is no zone {mapping.file.zone!r}"))
    for table, names in (("defaults", mapping.defaults), ("values", mapping.values)):
        unknown = [name for name in names if name not in CLIENT_FIELDS]
        found += [
            Misfit((table, each), f"nothing here is called {each!r}", nearest(each, CLIENT_FIELDS)) for each in unknown
        ]
    if not mapping.client.organisation and not mapping.client.name:
        found.append(Misfit(("client",), "no column says an organisation's name or a person's"))
    return found
