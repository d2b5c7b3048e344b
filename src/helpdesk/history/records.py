"""Reading an export: one record after another, with its line, whatever the file's encoding; memory holds one record."""

import codecs
import csv
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from msgspec import Struct

from helpdesk.history.mapping import FileRule
from helpdesk.kernel.errors import Invalid
from helpdesk.regulation.vocabulary.problems import nearest

Fields = dict[str, Any]
_CHUNK = 1 << 20
_LARGEST_FIELD = 16_000_000


class Record(Struct, frozen=True):
    """One row of CSV or one line of JSON."""

    line: int
    """Where it begins, from 1."""
    fields: Fields
    fault: str = ""
    """Why it cannot be read; ``fields`` then hold what there is."""


def encoding_of(path: Path, declared: str) -> str:
    """Return the encoding to read with: the one declared, else UTF-8 where all of the file is, else cp1251.

    Raises:
        Invalid: the file cannot be read.
    """
    if declared != "detect":
        return "utf-8-sig" if declared == "utf-8" else declared
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1251"
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error
    return "utf-8-sig"


def read_records(path: Path, rule: FileRule) -> Iterator[Record]:
    """Yield the records of a file in their order.

    Raises:
        Invalid: it cannot be read, or is not in the encoding that is declared.
    """
    encoding = encoding_of(path, rule.encoding)
    try:
        with path.open("r", encoding=encoding, newline="") as file:
            yield from _csv(file, rule) if rule.format == "csv" else _json_lines(file)
    except UnicodeDecodeError as error:
        raise Invalid(f"{path} is not {encoding}: byte {error.start} of a block cannot be read") from error
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error


def demand_columns(path: Path, rule: FileRule, named: Iterable[tuple[str, str]]) -> None:
    """Hold the columns that a mapping names, each with its key there, against the head of a file of CSV.

    A column that is misspelt would be empty in every record, and a record is brought in once.

    Raises:
        Invalid: the head has no such column, or has it twice; names all of them. Or as for ``read_records``.
    """
    head = _head(path, rule)
    wrong = [(key, column) for key, column in named if head and head.count(column) != 1]
    if wrong:
        raise Invalid("\n".join(f"{key}: {path.name} {_fault(column, head)}" for key, column in wrong))


def _fault(column: str, head: list[str]) -> str:
    return f"has {column!r} twice" if column in head else f"has no column {column!r}: {nearest(column, head)}"


def _head(path: Path, rule: FileRule) -> list[str]:
    """Return the names of a CSV file's columns; none where it is empty, or is JSON lines."""
    if rule.format != "csv":
        return []
    try:
        with path.open("r", encoding=encoding_of(path, rule.encoding), newline="") as file:
            return next(csv.reader(file, delimiter=rule.delimiter, strict=True), [])
    except (UnicodeDecodeError, csv.Error):
        return []  # reading its records says what is wrong
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error


def _csv(file: Iterator[str], rule: FileRule) -> Iterator[Record]:
    csv.field_size_limit(min(_LARGEST_FIELD, sys.maxsize))
    reader = csv.reader(file, delimiter=rule.delimiter, strict=True)
    try:
        head = next(reader, [])
        begins = reader.line_num + 1
        for row in reader:
            line, begins = begins, reader.line_num + 1
            if not row:
                continue
            fields = dict(zip(head, row, strict=False))
            if len(row) == len(head):
                yield Record(line, fields)
            else:
                wrong = f"{len(row)} columns where the head has {len(head)}"
                yield Record(line, {**fields, "": row[len(head) :]}, wrong)
    except csv.Error as error:  # what follows cannot be told apart any more
        raise Invalid(f"line {reader.line_num}: this is not CSV: {error}; nothing after it was read") from error


def _json_lines(file: Iterator[str]) -> Iterator[Record]:
    for line, text in enumerate(file, 1):
        if not text.strip():
            continue
        try:
            found = json.loads(text)
        except (ValueError, RecursionError) as error:
            yield Record(line, {"": text}, f"this is not JSON: {error}")
            continue
        if isinstance(found, dict):
            yield Record(line, found)
        else:
            yield Record(line, {"": found}, "this is not a JSON object")


def field_of(fields: Fields, column: str) -> Any:
    """Return what a record says in a column, or at a dotted path; None where it says nothing."""
    if column in fields:
        return fields[column]
    found: Any = fields
    for part in column.split("."):
        if not isinstance(found, dict) or part not in found:
            return None
        found = found[part]
    return found


class EventStore:
    """The events of a file of their own, by ticket, in their order; on disk, so that any file fits."""

    def __init__(self, records: Iterator[Record], column: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="helpdesk-import-")
        self._base = sqlite3.connect(Path(self._folder.name) / "events.db")
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("CREATE TABLE events (ticket TEXT, line INTEGER, record TEXT, fault TEXT, taken INTEGER)")
        rows = (
            (str(field_of(one.fields, column) or ""), one.line, json.dumps(one.fields, ensure_ascii=False), one.fault)
            for one in records
        )
        self._base.executemany("INSERT INTO events VALUES (?, ?, ?, ?, 0)", rows)
        self._base.execute("CREATE INDEX by_ticket ON events (ticket, line)")
        self._base.commit()

    def take(self, ticket: str) -> list[Record]:
        """Return the ticket's events; what nobody takes is left."""
        self._base.execute("UPDATE events SET taken = 1 WHERE ticket = ?", (ticket,))
        rows = self._base.execute("SELECT line, record, fault FROM events WHERE ticket = ? ORDER BY line", (ticket,))
        return [Record(line, json.loads(record), fault) for line, record, fault in rows]

    def left(self) -> Iterator[Record]:
        """Yield the events of no ticket that was read."""
        rows = self._base.execute("SELECT line, record, fault FROM events WHERE taken = 0 ORDER BY line")
        for line, record, fault in rows:
            yield Record(line, json.loads(record), fault or "no ticket of this id was in the file")

    def close(self) -> None:
        """Remove the file."""
        self._base.close()
        self._folder.cleanup()
