"""The mapping: how another system's export says what our logs say. TOML, read strictly, with a JSON Schema."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, field

from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.loading.loader import Document, parse_toml
from helpdesk.regulation.vocabulary.lines import KeyPath
from helpdesk.regulation.vocabulary.problems import RegulationError, nearest
from helpdesk.regulation.vocabulary.shapes import Misfit, fit, misfits
from helpdesk.regulation.vocabulary.strict import Strict

T = TypeVar("T", bound=Strict)

Column = Annotated[str, Meta(max_length=200)]
"""The name of a column, or (JSON lines) the dotted path of a field: ``customer.mail``. Empty: there is none."""

What = Literal[
    "answer_sent", "question_sent", "notice_sent", "client_message", "note_added", "level_set", "assigned",
    "unassigned", "line_set", "paused", "resumed", "resolved", "disagreed", "confirmed", "reopened", "expedited",
    "closed",
]  # fmt: skip
"""What can be brought in; everything else in a log is the service's own."""
HAPPENINGS: tuple[str, ...] = get_args(What)

TICKET_FIELDS = (
    "id", "received_at", "registered_at", "subject", "text", "channel", "requester", "requester_name", "contact",
    "organisation", "level", "line", "agent",
)  # fmt: skip
EVENT_FIELDS = (
    "what", "at", "actor", "text", "level", "line", "agent", "reason", "outcome", "cause", "names_engineer",
)  # fmt: skip


class FileRule(Strict, frozen=True, kw_only=True):
    """``[file]``: how the export is written."""

    format: Literal["csv", "jsonl"]
    encoding: Literal["detect", "utf-8", "cp1251", "koi8-r", "cp866"] = "detect"
    """``detect``: UTF-8 where all of it can be read so, else cp1251."""
    delimiter: Annotated[str, Meta(min_length=1, max_length=1)] = ","
    zone: str = ""
    """Of times that are written without an offset; empty: each must have one."""
    times: str = "iso"
    """``iso``, or the form as `strptime` has it: ``%d.%m.%Y %H:%M``."""


class TicketRule(Strict, frozen=True, kw_only=True):
    """``[ticket]``: which column says what of a ticket."""

    id: Annotated[str, Meta(min_length=1, max_length=200)]
    """What the other system calls it by: brought in once."""
    received_at: Annotated[str, Meta(min_length=1, max_length=200)]
    registered_at: Column = ""
    subject: Column = ""
    text: Column = ""
    channel: Column = ""
    """The channel, as our regulation names it (see ``[values.channel]``)."""
    requester: Column = ""
    requester_name: Column = ""
    contact: Column = ""
    organisation: Column = ""
    level: Column = ""
    """The level it was registered with; empty: unrated, as the regulation begins."""
    line: Column = ""
    """The line it was registered on."""
    agent: Column = ""
    """Who had it from the beginning."""


class EventRule(Strict, frozen=True, kw_only=True):
    """``[[columns]]``: something that happened, told by columns of the ticket's own row: the time it was answered."""

    what: What
    at: Annotated[str, Meta(min_length=1, max_length=200)]
    """When; where the column is empty it did not happen."""
    actor: Column = ""
    text: Column = ""
    level: Column = ""
    line: Column = ""
    agent: Column = ""
    reason: Column = ""
    outcome: Column = ""
    cause: Column = ""
    names_engineer: Column = ""
    set: dict[str, str] = field(default_factory=dict)
    """Values that no column says: ``{ reason = "waiting_client" }``."""


class EventsRule(Strict, frozen=True, kw_only=True):
    """``[events]``: what happened, one record each: a list within the ticket (JSON lines), or a file of its own."""

    path: Column = ""
    """JSON lines: the field of the ticket that has the list."""
    ticket: Column = ""
    """A file of its own (``--events``): the column with the ticket's id."""
    what: Annotated[str, Meta(min_length=1, max_length=200)]
    at: Annotated[str, Meta(min_length=1, max_length=200)]
    actor: Column = ""
    text: Column = ""
    level: Column = ""
    line: Column = ""
    agent: Column = ""
    reason: Column = ""
    outcome: Column = ""
    cause: Column = ""
    names_engineer: Column = ""


class Mapping(Strict, frozen=True, kw_only=True):
    """How one system's export is read."""

    source: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9_.-]*$", max_length=60)]
    """The system's name: part of every id, so that two systems' ids never meet."""
    file: FileRule
    ticket: TicketRule
    defaults: dict[str, str] = field(default_factory=dict)
    """What counts where a ticket's column is empty or none is named, by our field."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    """What the other system's words are here, by our field: ``values.channel."Почта" = "email"``. A word that is not
    named stays as it is; an empty one here drops an event (``values.what``) or leaves the field empty."""
    columns: tuple[EventRule, ...] = ()
    events: EventsRule | None = None
    promised: dict[str, Annotated[str, Meta(min_length=1, max_length=200)]] = field(default_factory=dict)
    """Columns with the due instants that the other system promised, by our target's name: to be compared with ours."""


def columns_of(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """Yield the columns of the tickets' own file that the mapping names, each with its key there."""
    rules: list[tuple[str, Any, Sequence[str]]] = [("ticket", mapping.ticket, TICKET_FIELDS)]
    rules += [(f"columns[{at}]", rule, EVENT_FIELDS[1:]) for at, rule in enumerate(mapping.columns)]
    for place, rule, fields in rules:
        yield from ((f"{place}.{field}", getattr(rule, field)) for field in fields if getattr(rule, field))
    yield from ((f"promised.{target}", column) for target, column in mapping.promised.items())


def event_columns_of(mapping: Mapping) -> Iterator[tuple[str, str]]:
    """Yield the same of the events' file."""
    fields = ("ticket", *EVENT_FIELDS) if mapping.events is not None else ()
    yield from (
        (f"events.{field}", getattr(mapping.events, field)) for field in fields if getattr(mapping.events, field)
    )


def load_mapping(path: Path) -> Mapping:
    """Read a mapping file.

    Raises:
        Invalid: it cannot be read or says what no mapping says; one line for each mistake, with file, line and key.
    """
    return read_mapping(path, Mapping, _contradictions)


def read_mapping(path: Path, kind: type[T], contradictions: Callable[[T], list[Misfit]]) -> T:
    """Read a mapping file of a ``kind``; ``contradictions`` says what fits its shape and cannot work.

    Raises:
        Invalid: as for ``load_mapping``.
    """
    try:
        document = parse_toml(path.name, path.read_bytes())
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error
    except RegulationError as error:
        raise Invalid(str(error)) from error
    found = list(misfits(kind, document.data))
    if not found:
        mapping = fit(kind, document.data)
        found = contradictions(mapping)
        if not found:
            return mapping
    raise Invalid(_told(document, found))


def mapping_schema() -> dict[str, Any]:
    """Return the JSON Schema of mapping files, for editors."""
    return schema_of(Mapping)


def schema_of(kind: type[Strict]) -> dict[str, Any]:
    """Return the JSON Schema of a kind of mapping."""
    schema = msgspec.json.schema(kind)
    for table in schema["$defs"].values():
        table["additionalProperties"] = False
    plain: dict[str, Any] = msgspec.json.decode(
        msgspec.json.encode({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})
    )
    return plain


def _told(document: Document, found: list[Misfit]) -> str:
    return "\n".join(str(problem) for problem in sorted(document.problem(misfit) for misfit in found))


def _contradictions(mapping: Mapping) -> list[Misfit]:
    """Return what fits the shape and cannot work."""
    found = [*_unknown_names(mapping)]
    if mapping.file.zone:
        try:
            ZoneInfo(mapping.file.zone)
        except (LookupError, ValueError, OSError):
            found.append(Misfit(("file", "zone"), f"there is no zone {mapping.file.zone!r}"))
    events = mapping.events
    if events is not None and bool(events.path) == bool(events.ticket):
        found.append(Misfit(("events",), "needs either path (a list within the ticket) or ticket (a file of its own)"))
    if events is not None and events.path and mapping.file.format == "csv":
        found.append(Misfit(("events", "path"), "a row of CSV holds no list: use columns, or a file of its own"))
    if not mapping.ticket.channel and "channel" not in mapping.defaults:
        found.append(Misfit(("ticket",), "no column says the channel", 'add defaults.channel = "…"'))
    return found


def _unknown_names(mapping: Mapping) -> Iterator[Misfit]:
    """Yield every field and every happening that nothing here is called by."""
    translated = {*TICKET_FIELDS[3:], *EVENT_FIELDS} - {"at", "text"}
    happenings = mapping.values.get("what", {})
    constants = [(at, key) for at, rule in enumerate(mapping.columns) for key in rule.set]
    named: list[tuple[KeyPath, str, Iterable[str]]] = [
        *((("defaults", key), key, TICKET_FIELDS[3:]) for key in mapping.defaults),
        *((("values", key), key, translated) for key in mapping.values),
        *((("columns", at, "set", key), key, EVENT_FIELDS[2:]) for at, key in constants),
        *((("values", "what", word), what, HAPPENINGS) for word, what in happenings.items() if what),
    ]
    for path, name, known in named:
        if name not in known:
            yield Misfit(path, f"nothing here is called {name!r}", nearest(name, known))
