"""Writes the pages that are drawn from the code (``PAGES``). ``--check`` only compares."""

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from helpdesk.api.reference import render_document as api_document
from helpdesk.api.reference import render_page as api_page
from helpdesk.contracts.hookspecs import ENTRY_POINT_GROUP
from helpdesk.domain.states import TRANSITIONS, State
from helpdesk.regulation.vocabulary import render as vocabulary_page
from helpdesk.settings.reference import render as settings_page

DOCS = Path(__file__).resolve().parents[1] / "docs"

_STATES_HEAD = """\
# A ticket's states

Every ticket stands in one of five states. What happens to it, each line of its event log, moves it along the edges of
one table, `src/helpdesk/domain/states.py`; what the table does not name cannot happen and is answered 409. This page
is drawn from the table (`make reference`), and a test keeps the two in step.

```mermaid
stateDiagram-v2
    [*] --> new: received, registered
"""


def states_page() -> str:
    """Return the state chart: the edges that change the state, then what may happen without changing it."""
    moves: dict[tuple[State, State], list[str]] = {}
    stays: dict[str, list[State]] = {}
    for (source, what), target in TRANSITIONS.items():
        if source is target:
            stays.setdefault(what.value, []).append(source)
        else:
            moves.setdefault((source, target), []).append(what.value)
    order = list(State)
    lines = [_STATES_HEAD.rstrip("\n")]
    for source, target in sorted(moves, key=lambda edge: (order.index(edge[0]), order.index(edge[1]))):
        lines.append(f"    {source.value} --> {target.value}: {', '.join(sorted(moves[source, target]))}")
    lines += ["    closed --> [*]", "```", "", "## The states", ""]
    lines += [f"- **{state.value}**: {_STATE_SENTENCES[state]}" for state in State]
    lines += ["", "## What may happen without a move", "", "| what | in |", "|---|---|"]
    for happened in sorted(stays):
        places = sorted(stays[happened], key=order.index)
        named = "any state" if places == order else ", ".join(state.value for state in places)
        lines.append(f"| `{happened}` | {named} |")
    lines += [
        "",
        "`new` and the two entries before it, `received` and `registered`, come with the ticket itself. A reply to a",
        "closed ticket opens no edge: it becomes a ticket of its own, linked to the closed one.",
        "",
    ]
    return "\n".join(lines)


_STATE_SENTENCES: Mapping[State, str] = {
    State.NEW: "registered; nobody works on it yet.",
    State.OPEN: "in work.",
    State.WAITING: "a reason to wait is in force: the client is asked, an update is announced, …",
    State.RESOLVED: "done in our eyes; the client may confirm, disagree or stay silent.",
    State.CLOSED: "final.",
}


def _settings() -> str:
    plugins: dict[str, Mapping[str, str]] = {}
    for entry in entry_points(group=ENTRY_POINT_GROUP):
        register = getattr(entry.load(), "register_channel", None)
        if register is not None:
            channel = register()
            plugins[f"channel `{channel.kind}`"] = channel.settings()
    return settings_page(plugins)


PAGES: Mapping[str, Callable[[], str]] = {
    "reference/api.md": api_page,
    "reference/openapi.json": api_document,
    "reference/regulations.md": vocabulary_page,
    "reference/settings.md": _settings,
    "concepts/ticket-states.md": states_page,
}


def main() -> int:
    """Write the pages, or with ``--check`` return 1 and name those that differ from the code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    check = parser.parse_args().check
    stale = 0
    for name, render in PAGES.items():
        path = DOCS / name
        text = render()
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                print(f"{path} is not what the code says; run `make reference`")
                stale = 1
        else:
            path.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    sys.exit(main())
