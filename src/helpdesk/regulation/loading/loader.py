"""A regulation's folder, read strictly: every mistake with its file, line, key path and a suggestion.

::

    <tenant>/regulation.toml          whose, and what the operator must or may supply
    <tenant>/editions/<id>.toml       one complete edition each
    <tenant>/messages/<language>.ftl  texts (Fluent)
    <tenant>/example-parameters.toml  an example of what the operator supplies; never used by itself
    <tenant>/calendars/, ../calendars/   production calendars
"""

import re
import tomllib
from collections.abc import Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from helpdesk.regulation.compiling.patches import references, substitute
from helpdesk.regulation.loading.checks import check_edition, check_readings
from helpdesk.regulation.vocabulary.days import ProductionCalendar, load_days
from helpdesk.regulation.vocabulary.lines import KeyPath, line_of, scan
from helpdesk.regulation.vocabulary.model import Edition, Regulation
from helpdesk.regulation.vocabulary.problems import Mistake, RegulationError, dotted
from helpdesk.regulation.vocabulary.shapes import Misfit, fit, misfits

LARGEST_FILE = 1 << 20
"""Bytes; a regulation is a few pages."""

DEEPEST = 24
"""Tables and lists within each other; the vocabulary needs eight."""

_TOML_PLACE = re.compile(r"\(at line (\d+), column \d+\)")


class Document(Struct, frozen=True):
    """A TOML file with the lines of its keys."""

    file: str
    data: dict[str, Any]
    places: dict[KeyPath, int]

    def problem(self, misfit: Misfit) -> Mistake:
        """Return ``misfit`` with its place."""
        line = line_of(self.places, misfit.path)
        return Mistake(self.file, line, dotted(misfit.path), misfit.message, misfit.suggestion)


class Package(Struct, frozen=True):
    """A loaded regulation: data only; nothing of it has been decided yet."""

    tenant: str
    regulation: Regulation
    editions: tuple[Document, ...]
    """In the order they come into force."""
    messages: dict[str, str]
    """Fluent sources by language."""
    production: dict[str, ProductionCalendar]
    example: dict[str, Any]
    """The example parameters, or empty."""


def load_package(root: Traversable | Path) -> Package:
    """Read the regulation in the folder ``root``.

    Raises:
        RegulationError: with every problem found.
    """
    problems: list[Mistake] = []
    regulation_file = _read(root, "regulation.toml", problems)
    example = _read(root, "example-parameters.toml", problems, optional=True)
    production = _production(root, problems)
    editions = list(_read_editions(root, problems))
    messages = _read_messages(root, problems)
    if regulation_file is None:
        raise RegulationError(problems)
    found = [regulation_file.problem(misfit) for misfit in misfits(Regulation, regulation_file.data)]
    if found:
        raise RegulationError([*problems, *found])
    regulation = fit(Regulation, regulation_file.data)
    problems += _parameter_problems(regulation, regulation_file, editions, example)
    given = example.data if example else {}
    for document in editions:
        problems += _edition_problems(document, given, production)
    if problems:
        raise RegulationError(problems)
    editions.sort(key=lambda document: str(document.data["edition"].get("in_force_from", "")))
    return Package(regulation.tenant, regulation, tuple(editions), messages, production, given)


def parse_toml(file: str, content: bytes) -> Document:
    """Parse one TOML file.

    Raises:
        RegulationError: not TOML, too large, nested too deeply.
    """
    if len(content) > LARGEST_FILE:
        raise RegulationError([Mistake(file, 0, "", f"the file is larger than {LARGEST_FILE} bytes")])
    try:
        text = content.decode("utf-8")
        data = tomllib.loads(text)
        if _depth(data) > DEEPEST:
            raise RegulationError([Mistake(file, 1, "", f"tables or lists are nested deeper than {DEEPEST}")])
        return Document(file, data, scan(text))
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        line = int(place[1]) if place else content.count(b"\n") + 1
        message = _TOML_PLACE.sub("", str(error)).strip()
        raise RegulationError([Mistake(file, line, "", message, "check the TOML at this line")]) from error
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RegulationError([Mistake(file, line, "", "the file is not UTF-8", "save it as UTF-8")]) from error
    except RecursionError as error:
        raise RegulationError([Mistake(file, 1, "", "tables or lists are nested too deeply")]) from error
    except ValueError as error:
        raise RegulationError([Mistake(file, 1, "", str(error))]) from error


def _depth(data: Any) -> int:
    level, depth = [data], 0
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, (dict, list))
        ]
    return depth


def edition_problems(
    data: dict[str, Any], parameters: dict[str, Any], production: dict[str, ProductionCalendar]
) -> Iterator[Misfit]:
    """Yield what is wrong with an edition's raw data once the parameters are in place."""
    try:
        whole = substitute(data, parameters)
    except LookupError as error:
        yield Misfit((), f"this needs {error.args[0]!r}, which the parameters that were given do not have")
        return
    try:
        edition = fit(Edition, whole)
    except (msgspec.ValidationError, ValueError) as error:
        found = list(misfits(Edition, whole))
        yield from found or [Misfit((), str(error))]
        return
    yield from check_edition(edition, production)


def _edition_problems(
    document: Document, example: dict[str, Any], production: dict[str, ProductionCalendar]
) -> Iterator[Mistake]:
    seen: set[Misfit] = set()
    for parameters in ({}, example) if example else ({},):
        seen.update(edition_problems(document.data, parameters, production))
    if not seen:
        seen.update(check_readings(document.data, lambda data: edition_problems(data, example, production)))
        stem = document.file.rsplit("/", 1)[-1].removesuffix(".toml")
        if document.data["edition"]["id"] != stem:
            seen.add(Misfit(("edition", "id"), f"the edition's id is not its file's name {stem!r}", f'id = "{stem}"'))
    for misfit in seen:
        yield document.problem(misfit)


def _read(root: Traversable, name: str, problems: list[Mistake], *, optional: bool = False) -> Document | None:
    file = root / name
    if not file.is_file():
        if not optional:
            problems.append(Mistake(name, 0, "", "the file is missing"))
        return None
    try:
        return parse_toml(name, file.read_bytes())
    except RegulationError as error:
        problems += error.problems
        return None


def _read_editions(root: Traversable, problems: list[Mistake]) -> Iterator[Document]:
    folder = root / "editions"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml")) if folder.is_dir() else []
    if not names:
        problems.append(Mistake("editions", 0, "", "there is no edition", "add editions/<date>.toml"))
    for name in names:
        document = _read(root, f"editions/{name}", problems)
        if document is not None:
            yield document


def _read_messages(root: Traversable, problems: list[Mistake]) -> dict[str, str]:
    folder = root / "messages"
    messages: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name) if folder.is_dir() else ():
        if entry.name.endswith(".ftl"):
            try:
                messages[entry.name.removesuffix(".ftl")] = entry.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                problems.append(Mistake(f"messages/{entry.name}", 0, "", "the file is not UTF-8", "save it as UTF-8"))
    return messages


def _production(root: Traversable, problems: list[Mistake]) -> dict[str, ProductionCalendar]:
    folders: list[Traversable] = [root / "calendars"]
    if isinstance(root, Path):
        folders.insert(0, root.resolve().parent / "calendars")
    found: dict[str, ProductionCalendar] = {}
    for folder in folders:
        try:
            found |= load_days(folder)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            problems.append(Mistake("calendars", 0, "", f"a production calendar cannot be read: {error}"))
    return found


def _parameter_problems(
    regulation: Regulation, file: Document, editions: list[Document], example: Document | None
) -> Iterator[Mistake]:
    used: set[str] = set()
    for document in editions:
        names = references(document.data)
        used |= names
        for name in sorted(names - regulation.parameters.keys()):
            yield Mistake(
                document.file, 1, "", f"the parameter ${name} is not declared", "declare it in regulation.toml"
            )
    for name in sorted(regulation.parameters.keys() - used):
        yield file.problem(Misfit(("parameters", name), f"no edition uses the parameter {name!r}", "remove it"))
    if example:
        for name in sorted(example.data.keys() - regulation.parameters.keys()):
            yield example.problem(Misfit((name,), f"the parameter {name!r} is not declared"))
