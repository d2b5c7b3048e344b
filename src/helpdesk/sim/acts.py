"""From a ticket's log back to what people did: the acts that the same people would do under another edition.

What followed from the regulation alone (timers, automatic closing, what an answer or a reply sets off) is left out; it
follows again, or not, under the other edition. Entries of one act have one instant and one actor.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain import commands
from helpdesk.domain.commands import ReplyKind, TicketCommand
from helpdesk.domain.linking import MERGED
from helpdesk.domain.waiting import WAITING_CLIENT
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.compiling.codes import counts_from

TIMED = frozenset({Happened.WARNED, Happened.GOAL_PASSED, Happened.BREACHED, Happened.EXPIRED})
"""What timers write."""
_LEFT_OUT = TIMED | {Happened.WITHHELD, Happened.REJUDGED}
_WORDLESS = "(as it was)"
"""Stands for the words of letters and notes, on which no deadline depends."""


class ClientWrote(Struct, frozen=True):
    """The client wrote again."""

    channel: str
    since: Instant
    """When it was received."""


class Noted(Struct, frozen=True):
    """Something that moves nothing of itself: a letter left or came back, a note was written."""

    what: Happened
    data: dict[str, object]


class Act(Struct, frozen=True):
    """What somebody did, and when."""

    at: int
    actor: str
    did: TicketCommand | ClientWrote | Noted


def opening(log: Sequence[Entry]) -> int:
    """Return how many entries the registration wrote: received, registered, rated, the waits that began with it."""
    count = min(len(log), 2) if rated_at_once(log) is None else 3
    while log[count:] and log[count].what is Happened.PAUSED and log[count].data.get("automatic") is True:
        count += 1
    return count


def rated_at_once(log: Sequence[Entry]) -> Entry | None:
    """Return the entry of the level with which a ticket was registered, None where nobody asked for one."""
    third = log[2] if len(log) > 2 else None
    if third is None or third.what is not Happened.LEVEL_SET or third.data.get("before") is not None:
        return None
    return third if third.at == log[1].at else None


def without_timers(log: Sequence[Entry]) -> list[Entry]:
    """Return the log without what timers wrote and what followed from that, and without acts of judging anew."""
    kept: list[Entry] = []
    expired: Entry | None = None
    rejudged: Entry | None = None
    for entry in log:
        what = entry.what
        if what in _LEFT_OUT:
            expired = entry if what is Happened.EXPIRED else expired
            rejudged = entry if what is Happened.REJUDGED else rejudged
            continue
        closed_by_timer = expired is not None and what is Happened.CLOSED and _when(entry) == _when(expired)
        ended_by_timer = what is Happened.RESUMED and entry.data.get("planned") is True
        of_rejudging = rejudged is not None and _when(entry) == _when(rejudged) and "rejudged" in entry.data.values()
        if not (closed_by_timer or ended_by_timer or of_rejudging):
            kept.append(entry)
    return kept


def acts(log: Sequence[Entry], *, answer_resolves: bool) -> Iterator[Act]:
    """Yield what people did after the opening. ``answer_resolves``: whether an answer resolved by itself then."""
    rest = without_timers(log[opening(log) :])
    number = int(next((entry.data["number"] for entry in log if entry.what is Happened.REGISTERED), 0))
    for (at, actor), group in groupby(rest, key=_when):
        entries = list(group)
        while entries:
            act, used = _first(entries, number, answer_resolves=answer_resolves)
            yield Act(at, actor, act)
            entries = entries[used:]


def _when(entry: Entry) -> tuple[int, str]:
    return entry.at, entry.actor


def _first(  # noqa: PLR0912 - one case for each kind of act
    entries: list[Entry], number: int, *, answer_resolves: bool
) -> tuple[TicketCommand | ClientWrote | Noted, int]:
    """Return the first act of entries of one moment, and how many of them it wrote."""
    first, names, data = entries[0], [entry.what for entry in entries], entries[0].data
    verdict = _verdict(entries, names, number)
    if verdict is not None:
        return verdict
    match first.what:
        case Happened.ANSWER_SENT:
            used = _run(names, 1, Happened.RESUMED, Happened.RESOLVED)
            resolved = used > 1
            resolves = resolved and not answer_resolves
            return commands.Reply(number, ReplyKind.ANSWER, _WORDLESS, resolves=resolves), used
        case Happened.QUESTION_SENT:
            asked = names[1:2] == [Happened.PAUSED] and entries[1].data.get("reason") == WAITING_CLIENT
            return commands.Reply(number, ReplyKind.QUESTION, _WORDLESS), 2 if asked else 1
        case Happened.NOTICE_SENT:
            named, wider = bool(data.get("names_engineer")), "authorised" in data
            return commands.Reply(number, ReplyKind.NOTICE, _WORDLESS, named, to_authorised=wider), 1
        case Happened.ASSIGNED:
            told = names[1:2] == [Happened.NOTICE_SENT]
            return commands.Assign(number, str(data["agent"]), inform_client=told), 2 if told else 1
        case Happened.LEVEL_SET:
            criterion = str(data.get("criterion") or _WORDLESS)
            facts, affected = tuple(data.get("facts", ())), data.get("affected")
            return commands.SetLevel(number, str(data["level"]), criterion, facts, affected), 1
        case Happened.LINE_SET:
            work = str(data.get("work", ""))
            return commands.SetLine(number, str(data["line"]), str(data.get("reason", "")), work), 1
        case Happened.CATEGORY_SET:
            rated = names[1:2] == [Happened.LEVEL_SET] and entries[1].data.get("category") == data["category"]
            said = entries[1].data if rated else {}
            facts, affected = tuple(said.get("facts", ())), said.get("affected")
            wish = commands.SetCategory(number, str(data["category"]), str(data["reason"]), facts, affected)
            return wish, 2 if rated else 1
        case Happened.WORK_RECORDED:
            return commands.RecordWork(number, str(data["work"]), str(data.get("text", ""))), 1
        case Happened.PAUSED:
            return commands.Hold(number, str(data["reason"]), str(data.get("note", "")), data.get("until")), 1
        case Happened.RESUMED | Happened.RESOLVED:
            used = _run(names, 0, Happened.RESUMED, Happened.RESOLVED)
            return (commands.Resolve(number), used) if used else (commands.Release(number, str(data["reason"])), 1)
        case Happened.CLOSED if data.get("outcome") == MERGED:
            return Noted(Happened.CLOSED, data), 1  # no outcome of the regulation's: it followed from the merge
        case Happened.CLOSED:
            return commands.Close(number, str(data["outcome"]), dict(data.get("facts", {}))), 1
        case Happened.REOPENED:
            return commands.Reopen(number, str(data.get("reason") or _WORDLESS)), 1
        case Happened.SUPPLIED:
            details = dict.fromkeys(map(str, data["details"]), _WORDLESS)
            return commands.Supply(number, details), _while(names, 1, Happened.RESUMED)
        case Happened.IDENTIFIED:
            return Noted(Happened.IDENTIFIED, data), _while(names, 1, Happened.RESUMED)
        case Happened.EXPEDITED:
            return commands.Expedite(number, str(data["cause"]), tuple(data.get("facts", ()))), 1
        case Happened.CLIENT_MESSAGE:
            used = 1
            while names[used : used + 1] and names[used] in {Happened.RESUMED, Happened.REOPENED}:
                used += 1
            return ClientWrote(str(data.get("channel", "")), counts_from(first)), used
        case other:
            return Noted(other, data), 1


def _verdict(entries: list[Entry], names: list[Happened], number: int) -> tuple[TicketCommand, int] | None:
    """Return the client's verdict with which entries begin, and how many of them it wrote; None where they do not."""
    told = 1 if names[0] is Happened.CLIENT_MESSAGE else 0
    words = _WORDLESS if told else ""
    if names[told : told + 1] == [Happened.DISAGREED]:
        return commands.Disagree(number, words), told + 1
    done = _run(names, told, Happened.RESUMED, Happened.RESOLVED)
    if names[done : done + 2] == [Happened.CONFIRMED, Happened.CLOSED]:
        return commands.Confirm(number, words, str(entries[done + 1].data["outcome"])), done + 2
    return None


def _while(names: list[Happened], start: int, many: Happened) -> int:
    """Return where ``many``, any number of times, ends."""
    end = start
    while names[end : end + 1] == [many]:
        end += 1
    return end


def _run(names: list[Happened], start: int, many: Happened, last: Happened) -> int:
    """Return where ``many``, any number of times, and ``last`` end; ``start`` where ``last`` does not come."""
    end = _while(names, start, many)
    return end + 1 if names[end : end + 1] == [last] else start
