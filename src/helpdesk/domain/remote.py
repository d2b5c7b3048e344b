"""Remote access to a client's objects: who of ours, when, into which object, by whose consent. Pure.

The log is the record: a session is its entry, and its end another one that names it.
"""

from collections.abc import Iterable

from msgspec import Struct

from helpdesk.contracts.log import Entry, Happened
from helpdesk.domain import commands
from helpdesk.domain.known import Known, begin
from helpdesk.domain.ticket import Change
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.instants import Instant


class RemoteSession(Struct, frozen=True):
    """One time of remote access."""

    seq: int
    """The log's entry that began it: its name within the ticket."""
    agent: str
    object: str
    consent: str
    since: Instant
    until: Instant | None
    """None: it goes on."""
    entered_by: str


def begin_session(command: commands.BeginRemoteSession, known: Known) -> Change:
    """Enter a session that begins now, goes on since an instant, or is over."""
    since = known.now if command.since is None else command.since
    if not command.object.strip():
        raise Invalid("access to what?", fields={"object": "must not be empty"})
    if not command.consent.strip():
        raise Invalid("nobody is let in without consent", fields={"consent": "must say whose, and how it was given"})
    if not known.ticket.received_at <= since <= known.now:
        raise Invalid("the session cannot begin then", fields={"since": "must lie between the request and now"})
    named = known.roster.known(command.agent, "agent") if command.agent else known.agent
    agent = named or known.actor
    progress = begin(known)
    data = {"agent": agent, "object": command.object.strip(), "consent": command.consent.strip()}
    until = None if command.until is None else _end(command.until, since, known.now)
    progress.happened(Happened.REMOTE_SESSION, **data, since=since, until=until)
    return progress.change()


def end_session(command: commands.EndRemoteSession, known: Known) -> Change:
    """Enter that a session is over."""
    session = next((each for each in sessions(known.log) if each.seq == command.session), None)
    if session is None:
        raise Invalid("there is no such session", fields={"session": "is none of the ticket's"})
    if session.until is not None:
        raise Conflict("the session is over already")
    until = _end(known.now if command.until is None else command.until, session.since, known.now)
    progress = begin(known)
    progress.happened(Happened.REMOTE_SESSION_ENDED, session=session.seq, until=until)
    return progress.change()


def sessions(log: Iterable[Entry]) -> tuple[RemoteSession, ...]:
    """Return the ticket's sessions as its log tells of them, in the order they were entered."""
    ends: dict[int, Instant] = {}
    begun: list[Entry] = []
    for entry in log:
        if entry.what is Happened.REMOTE_SESSION:
            begun.append(entry)
        elif entry.what is Happened.REMOTE_SESSION_ENDED:
            ends[int(entry.data["session"])] = int(entry.data["until"])
    return tuple(
        RemoteSession(
            seq=entry.seq,
            agent=entry.data["agent"],
            object=entry.data["object"],
            consent=entry.data["consent"],
            since=entry.data["since"],
            until=ends.get(entry.seq, entry.data["until"]),
            entered_by=entry.actor,
        )
        for entry in begun
    )


def _end(until: Instant, since: Instant, now: Instant) -> Instant:
    if not since <= until <= now:
        raise Invalid("the session cannot end then", fields={"until": "must lie between its beginning and now"})
    return until
