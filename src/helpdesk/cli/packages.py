"""Regulations as commands name them: by company or by folder."""

import os
from collections.abc import Iterable
from datetime import datetime
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from helpdesk.bootstrap.plugins import policy_folders
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.instants import Instant, from_datetime, to_datetime
from helpdesk.plugins.registry import build_registry
from helpdesk.regulation.loading.loader import Package, load_package
from helpdesk.regulation.vocabulary.problems import nearest
from helpdesk.settings import read

FILE = "regulation.toml"


def find_roots(names: Iterable[str]) -> list[Traversable]:
    """Return the regulations' folders, read by nobody yet; all that the settings know where none is named.

    A folder that holds no ``regulation.toml`` stands for the regulations in it.

    Raises:
        Invalid: one of them is not there.
    """
    known = build_registry(policy_folders(read(os.environ))).regulations
    roots: list[Traversable] = []
    for name in names or known:
        if name in known:
            roots.append(known[name].root)
            continue
        folder = Path(name)
        if folder.is_dir():
            inner = [path for path in sorted(folder.iterdir()) if (path / FILE).is_file()]
            roots += [folder] if (folder / FILE).is_file() or not inner else inner
        else:
            raise Invalid(f"there is no regulation {name!r}; known: {', '.join(sorted(known)) or 'none'}")
    return roots


def find_packages(names: Iterable[str]) -> list[Package]:
    """Return the regulations named, loaded; all that the settings know where none is named.

    Raises:
        Invalid: one of them is not there.
        RegulationError: one of them is not valid.
    """
    return [load_package(root) for root in find_roots(names)]


def only_edition(package: Package, edition: str | None) -> Package:
    """Return ``package`` with the edition named alone; as it is where none is named.

    Raises:
        Invalid: it has no such edition.
    """
    if edition is None:
        return package
    for document in package.editions:
        if document.data["edition"]["id"] == edition:
            return replace(package, editions=(document,))
    known = [document.data["edition"]["id"] for document in package.editions]
    raise Invalid(f"{package.tenant} has no edition {edition!r}: {nearest(edition, known)}")


def given(values: Iterable[str]) -> dict[str, Any]:
    """Return ``name=value`` pairs as a mapping; a value that begins like a JSON object or list is read as JSON.

    Raises:
        Invalid: one of them is none.
    """
    found: dict[str, Any] = {}
    for text in values:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise Invalid(f"{text!r} is not NAME=VALUE, e.g. auto_close_base=business")
        try:
            found[name] = msgspec.json.decode(value) if value[:1] in {"{", "["} else value
        except msgspec.DecodeError as error:
            raise Invalid(f"{name}: the value is not JSON: {error}") from error
    return found


def read_toml(path: Path | None) -> dict[str, Any]:
    """Return a TOML file's contents; nothing where no file is named.

    Raises:
        Invalid: it cannot be read, or is not TOML.
    """
    if path is None:
        return {}
    try:
        return msgspec.toml.decode(path.read_bytes(), type=dict[str, Any])
    except OSError as error:
        raise Invalid(f"{path} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid(f"{path}: {error}") from error


def instant(text: str) -> Instant:
    """Return the instant that ``text`` names, with its offset: ``2026-02-07T23:50:00+06:00``.

    Raises:
        Invalid: it names none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{text!r} is no instant; write it like 2026-02-07T23:50:00+06:00") from error
    if moment.tzinfo is None:
        raise Invalid("the instant has no offset; write it like 2026-02-07T23:50:00+06:00")
    return from_datetime(moment)


def iso(at: Instant) -> str:
    """Return an instant as it is printed: in UTC, to the second."""
    return f"{to_datetime(at):%Y-%m-%dT%H:%M:%SZ}"


def as_json(value: Any) -> str:
    """Return a value for machines: one line of JSON."""
    return msgspec.json.encode(value).decode()
