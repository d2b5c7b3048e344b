"""Versions: a change says which one it has seen, and whoever is told of a conflict is told which one is stored now."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from msgspec import Struct

from helpdesk.kernel.errors import Conflict, VersionConflict


class Kept(Struct, frozen=True):
    """What was added or changed, and its version: of what belongs to an organisation the organisation's; None: none."""

    id: UUID
    version: int | None = None


@contextmanager
def seen(version: int, expected_version: int | None) -> Iterator[None]:
    """Change within this what is stored at ``version``, if it is the one that was seen; None: whichever it is.

    The version is looked at before the state: of two who change the same, the second is told that it lost a race, not
    that the state forbids what it wanted.

    Raises:
        VersionConflict: it is not.
        Conflict: as the work within raised it, with the version stored.
    """
    if expected_version is not None and version != expected_version:
        raise VersionConflict(f"this is at version {version}", current=version)
    try:
        yield
    except Conflict as error:
        if error.current is None:
            error.current = version
        raise
