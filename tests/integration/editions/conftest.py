"""The desk's world, and the operator's hand on its regulation."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.integration.desk.conftest import (
    SAMPLE,
    World,
    anyio_backend,
    database,
    database_urls,
    postgres,
    postgres_template,
    sqlite_template,
    world,
)

from helpdesk.desk.companies.editions import Draft, Supplied, draft_of, publish
from helpdesk.kernel.instants import Instant
from helpdesk.kernel.principal import Principal, Role
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.editions import Edition, Editions

__all__ = [
    "anyio_backend",
    "database",
    "database_urls",
    "postgres",
    "postgres_template",
    "sqlite_template",
    "world",
]

OPERATOR = Principal(Role.OPERATOR, "operator:test")
FIRST = "2026-01-01"

Drafter = Callable[..., Draft]


def edited(folder: Path, *changes: tuple[str, str], edition: str = FIRST) -> Path:
    """Copy the sample's regulation with its edition changed; return the folder."""
    shutil.copytree(SAMPLE, folder)
    file = folder / "editions" / f"{FIRST}.toml"
    text = file.read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    file.unlink()
    text = text.replace(f'id = "{FIRST}"', f'id = "{edition}"')
    (folder / "editions" / f"{edition}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def draft(tmp_path: Path) -> Drafter:
    """Make a draft of the sample's regulation with changes."""

    def make(*changes: tuple[str, str], since: Instant | None = None, edition: str = FIRST) -> Draft:
        number = len(list(tmp_path.glob("draft*")))
        folder = edited(tmp_path / f"draft{number}", *changes, edition=edition)
        return draft_of(load_package(folder), {}, supplied=Supplied({}, {}), since=since)

    return make


def put(world: World, draft: Draft) -> Edition:
    """Publish a draft as an operator."""
    return world.database.write_now(OPERATOR, lambda session: publish(session, draft))


def now(world: World) -> Instant:
    return world.database.read_now(OPERATOR, lambda session: session.now)


def published(world: World) -> tuple[Edition, ...]:
    return world.database.read_now(world.agent, lambda session: Editions(session).all())


def data_of(world: World, work: Callable[[Any], Any]) -> Any:
    return world.database.read_now(world.agent, work)
