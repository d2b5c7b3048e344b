"""Writes the pages that are drawn from the code (``PAGES``). ``--check`` only compares."""

import argparse
import sys
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path

from helpdesk.api.reference import render_document as api_document
from helpdesk.api.reference import render_page as api_page
from helpdesk.contracts.hookspecs import ENTRY_POINT_GROUP
from helpdesk.contracts.log import Happened
from helpdesk.domain.states import TRANSITIONS, UNTOUCHED, State
from helpdesk.regulation.telling.keys import render as vocabulary_page
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
    for (source, what), target in (*TRANSITIONS.items(), *UNTOUCHED.items()):
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
    lines += ["", "## The edges", "", "| edge | on | what it is |", "|---|---|---|"]
    for source, target in sorted(moves, key=lambda edge: (order.index(edge[0]), order.index(edge[1]))):
        for happened in sorted(moves[source, target]):
            said = _EDGE_SENTENCES[happened]
            if UNTOUCHED.get((source, Happened(happened))) is target:
                said = "the last reason to wait ended before anybody took the ticket into work; as above in all else"
            lines.append(f"| {source.value} → {target.value} | `{happened}` | {said} |")
    lines += ["", "## What may happen without a move", "", "| what | in |", "|---|---|"]
    for happened in sorted(stays):
        places = sorted(stays[happened], key=order.index)
        named = "any state" if places == order else ", ".join(state.value for state in places)
        lines.append(f"| `{happened}` | {named} |")
    return "\n".join(lines) + "\n" + _STATES_TAIL


_EDGE_SENTENCES: Mapping[str, str] = {
    "answer_sent": "acceptance into work: a person answered (`POST .../replies`)",
    "assigned": "acceptance into work: an agent became responsible (`POST .../accept`, `PUT .../assignment`)",
    "closed": "closing by outcome: by hand (`POST .../close`), on the client's word (`confirmed` goes before), when a "
    "term of silence ran out (`expired` goes before), by a merge (`merged` goes before)",
    "disagreed": "reasoned disagreement: the client does not take it for solved (`POST .../disagree`)",
    "paused": "a wait began: with the registration for who asks or for what the request lacks, for the client with a "
    "question, else for a reason that the regulation names (`POST .../pauses`), perhaps with a planned end",
    "question_sent": "acceptance into work: a person asked the client for something; the wait for the client follows",
    "reopened": "reopening: the client wrote where any word reopens, or we decided so (`POST .../reopen`)",
    "resolved": "preliminary closing: done in our eyes (`POST .../resolve`, an answer that resolves); ends every wait",
    "resumed": "the last reason to wait ended: the client wrote, somebody said who asks (`PUT .../identity`), what was "
    "missing is there (`POST .../details`), an agent said so (`DELETE .../pauses/{reason}`), or its planned end came; "
    "while another reason is in force the ticket goes on waiting",
}

_STATES_TAIL = """
`new` and the two entries before it, `received` and `registered`, come with the ticket itself.

## How the regulations' words stand in the chart

- **Registration** (`received`, `registered`): a request that the regulation lets in is a ticket, whatever lacks.
- **Identification**: who asks is not known: the ticket is flagged `identification_required`. Where the regulation holds
  it (TelemedHelp 6.7) it begins to wait in the transaction that registers it (`paused` with the reason
  `identification`), and the letter with the number asks for what would tell. `identified` takes the flag down and ends
  the wait.
- **Completeness**: a request that lacks what the regulation demands, or what the agent who takes it in says it lacks,
  is registered all the same, flagged `incomplete`, and waits from its registration on (`incomplete`); the letter with
  the number says that the solution waits, and for what. The client's next word ends the wait, or `supplied`, when an
  agent puts down the last of what was missing. Where the regulation only recommends what to tell (TelemedHelp 6.2,
  Siroca 3.2, PASS24 3.2) nothing waits. Later a question that lists what is `missing` does the same and begins
  `waiting_client`.
- **What stands still meanwhile**: the clocks whose `pause_on` has the reason, and no other. TelemedHelp's and
  SpecPromDesign's reactions run on; a ticket that waits while a promise runs on stays in the queue ([queue](queue.md)).
- **Acceptance into work**: the edges from `new` to `open`. Where the regulation measures it by the notice that names
  the engineer, `accept` sends that notice.
- **Holds by reason**: `paused` and `resumed` carry the reason. What the regulation wants before one begins (a question,
  a notice, certain levels) is demanded, with the clause.
- **Update windows**: a wait with `until` ends by itself at that moment; the log then says the planned moment, however
  late the service is.
- **Hand-over between lines**: `line_set` moves the line and no state.
- **Answer, preliminary closing**: `resolved` follows an answer by itself where the regulation closes on answers
  (Intervale 5.10), else an agent says so.
- **Confirmation**: `confirmed`, then `closed` with the outcome that the regulation's `[closing] confirmed` names.
- **Disagreement**: with reasons where they are demanded (Siroca 3.7), as long as the client's term runs. Where any word
  reopens, none is needed; where it does not, a word raises the flag `verdict_awaited`, and no silence closes. An
  answer to that word which says again that it is done (`resolves`) is `resolved` once more, and the client's time to
  object counts from it.
- **Silence**: the client's term ran out (`expired`) and leads to `closed`, to a reminder (the flag `ask_again`), or to
  whatever the regulation says. Nobody can claim it by hand.
- **Late replies**: a closed ticket opens no edge. What comes then is a ticket of its own that `follows` the closed one.
- **Held messages**: what may belong to a ticket and cannot be proved to is no ticket yet; an agent makes it one, joins
  it to one or discards it (`POST /v1/holds/{ledger_id}/resolution`).
"""

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
        register = getattr(entry.load(), "register_carrier", None)
        if register is not None:
            carrier = register()
            plugins[f"carrier `{carrier.name}`"] = carrier.settings()
        register = getattr(entry.load(), "register_notifier", None)
        if register is not None:
            notifier = register()
            plugins[f"notifier `{notifier.name}`"] = notifier.settings()
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
