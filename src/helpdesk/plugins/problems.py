"""What went wrong with a plugin, and calling its code so that nothing else goes wrong with it."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

T = TypeVar("T")


class Trouble(StrEnum):
    """The kinds of problems with plugins."""

    MANIFEST = "manifest"
    """It has none, or one that cannot be read, or one for other contracts, or one that is not true."""
    IMPORT = "import"
    """Importing it failed."""
    HOOK = "hook"
    """It implements a hook that does not exist, or with arguments that the hook does not have."""
    CALL = "call"
    """A hook of it raised, or tried to end the process."""
    RESULT = "result"
    """A hook of it returned something else than it must."""
    DUPLICATE = "duplicate"
    """What it provides is there already; the first stays."""
    FOLDER = "folder"
    """A regulation's folder cannot be used."""


class Problem(Struct, frozen=True):
    """One plugin's problem: it works without the part named, or not at all; all others are unharmed."""

    plugin: str
    trouble: Trouble
    cause: str


def call_alone(function: Callable[[], T]) -> tuple[T | None, str]:
    """Return a foreign function's result and ``""``, or None and what it raised instead.

    ``SystemExit`` and other exceptions that pass ``except Exception`` are caught as well; only the user's own
    interrupt goes through.
    """
    try:
        return function(), ""
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        return None, _describe(error)


def _describe(error: BaseException) -> str:
    """Return the error in one line; its own ``__str__`` is foreign code too."""
    try:
        text = " ".join(str(error).split())[:500]
    except Exception:
        text = "(its message cannot be shown)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
