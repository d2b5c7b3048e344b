"""What went wrong with a plugin, and calling its code so that nothing else goes wrong with it."""

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from msgspec import Struct

from helpdesk.plugins.stacks import stack_of

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


CALL_SECONDS = 30.0
"""How long one call of a plugin's may take while what there is is gathered."""


def call_alone(function: Callable[[], T], *, within_seconds: float = CALL_SECONDS) -> tuple[T | None, str]:
    """Return a foreign function's result and ``""``, or None and what it raised instead, or that it does not return.

    It runs in a thread of its own. ``SystemExit`` and other exceptions that pass ``except Exception`` are caught as
    well; the user's own interrupt ends the waiting.
    """
    outcome: list[tuple[T | None, str]] = []

    def call() -> None:
        try:
            outcome.append((function(), ""))
        except BaseException as error:
            outcome.append((None, _describe(error)))

    thread = threading.Thread(target=call, name="a plugin's call", daemon=True)
    thread.start()
    thread.join(within_seconds)
    return outcome[0] if outcome else (None, f"has not returned within {within_seconds:g} s, at {stack_of(thread)}")


def _describe(error: BaseException) -> str:
    """Return the error in one line; its own ``__str__`` is foreign code too."""
    try:
        text = " ".join(str(error).split())[:500]
    except Exception:
        text = "(its message cannot be shown)"
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
