"""Announcing: a text for everybody, and where it says so other hours or a break, for what is received from now on.

A change of hours is a new version of the edition in force, and of each that is published for later; no ticket that is
there moves (an administrator may have one judged anew, which is an act of its own).
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.events import ANNOUNCEMENT_WITHDRAWN
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.changing.versions import Kept
from helpdesk.desk.companies.editions import put_in_force
from helpdesk.desk.companies.overrides import carried, tell
from helpdesk.domain.clients import day_of
from helpdesk.kernel.errors import Conflict, Invalid
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant, from_datetime
from helpdesk.regulation.judging.announced import READING, takes_hours, with_break
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot
from helpdesk.store.announcements import Announcement, Announcements
from helpdesk.store.audit import Audit
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import Outbox
from helpdesk.store.tenants import Tenants


class Announce(Struct, frozen=True):
    """What to announce."""

    texts: Mapping[str, str]
    """By language; the regulation's own is among them."""
    hours: Mapping[str, tuple[str, ...]] = {}
    """Hours by date; an empty list is a closed date."""
    break_since: Instant | None = None
    break_until: Instant | None = None


def announce(session: Session, resources: Resources, command: Announce) -> Kept:
    """Publish an announcement, audited and told to subscribers.

    A break counts where the text says that an announced one does, and only if it is announced before it begins;
    otherwise its announcement is kept and moves nothing.

    Raises:
        Conflict: no edition is in force.
        Invalid: no text in the regulation's language, hours that it does not take or of a past date, a break without
            its end or that cannot be.
    """
    _hold(session)
    evaluator = resources.directory.in_force(session, session.now)
    texts = {language: text.strip() for language, text in command.texts.items() if text.strip()}
    if evaluator.language not in texts:
        raise Invalid(
            "a text is missing", fields={f"texts.{evaluator.language}": "the regulation's language is needed"}
        )
    _check_days(command, day_of(session.now, evaluator.zone), evaluator)
    counts = bool(command.hours) or _break_counts(session, command, evaluator)
    announcement = Announcement(
        id=new_id(),
        published_at=session.now,
        actor=session.principal.actor,
        clause=_clause(command, evaluator),
        texts=texts,
        hours=dict(command.hours),
        break_since=command.break_since,
        break_until=command.break_until,
        counts=counts,
        until=_until(session, command, evaluator.zone),
        snapshot_hash=evaluator.snapshot.hash,
    )
    if counts:
        announcement = replace(announcement, snapshot_hash=_put_in_force(session, announcement))
    told = {
        "hours": {day: list(hours) for day, hours in command.hours.items()},
        "break": None if command.break_since is None else [command.break_since, command.break_until],
        "counts": counts,
        "snapshot": announcement.snapshot_hash,
        "instead_of": evaluator.snapshot.hash,
    }
    tell(session, announcement, told)
    return Kept(announcement.id)


def withdraw(session: Session, announcement_id: UUID, why: str) -> Kept:
    """Withdraw an announcement before or during its span, audited and told to subscribers. Again it changes nothing.

    What comes from now on is judged by hours without it; what has passed of it stays, and no ticket that is there moves
    (an administrator may have one judged anew).

    Raises:
        NotFound: there is none.
        Conflict: all that it is about is past.
    """
    _hold(session)
    announcements = Announcements(session)
    found = announcements.by_id(announcement_id)
    if found.withdrawn_at is not None:
        return Kept(found.id)
    if found.counts and found.until <= session.now:
        raise Conflict("what was announced is past: there is nothing left to withdraw")
    before = Editions(session).snapshot_in_force(session.now)
    announcements.withdraw(found.id, why.strip())
    after = _put_in_force(session, None) if found.counts else before
    told = {"why": why.strip(), "counts": found.counts, "snapshot": after, "instead_of": before}
    Audit(session).record("announcement.withdraw", f"announcement:{found.id}", told)
    Outbox(session).tell(ANNOUNCEMENT_WITHDRAWN, found.id, told)
    return Kept(found.id)


def _hold(session: Session) -> None:
    """Let nobody else announce or publish for the company meanwhile: each would miss what the other does."""
    tenants = Tenants(session)
    tenants.held(tenants.own().slug)


def _check_days(command: Announce, today: str, evaluator: Evaluator) -> None:
    past = {f"hours.{day}": "lies in the past" for day in command.hours if day < today}
    if past:
        raise Invalid("what is past is not announced any more", fields=past)
    if command.hours and takes_hours(evaluator.snapshot) is None:
        raise Invalid("the regulation takes no announced hours", fields={"hours": "are not for this regulation"})
    if (command.break_since is None) != (command.break_until is None):
        raise Invalid("a break has a beginning and an end", fields={"break": "needs both"})
    if command.break_since is not None and command.break_until is not None:
        with_break(evaluator.snapshot, command.break_since, command.break_until)  # that it can be, counting or not


def _break_counts(session: Session, command: Announce, evaluator: Evaluator) -> bool:
    rule = evaluator.edition.announcements
    if command.break_since is None or rule is None or rule.break_pauses == "no":
        return False
    return command.break_since >= session.now


def _clause(command: Announce, evaluator: Evaluator) -> str:
    rule = evaluator.edition.announcements
    if rule is not None:
        return rule.clause
    return evaluator.edition.readings[READING].clause if command.hours else ""


def _put_in_force(session: Session, also: Announcement | None) -> str:
    """Publish the edition in force and those published for later with what is announced; return the first one's hash.

    ``also`` is what is being announced. Each is made anew of the text as it was published, so that what was withdrawn,
    or announced twice about a date, leaves nothing behind.
    """
    editions = Editions(session)
    later = {each.in_force_from for each in editions.all() if each.in_force_from > session.now}
    for since in sorted({session.now, *later}):
        found = editions.in_force(since)
        if found is None:
            continue
        base = Snapshot.from_json(editions.snapshot_body(found.base_hash))
        after = carried(session, base, found.base_since, also)
        if after.hash != found.snapshot_hash:
            put_in_force(session, after, since, found.snapshot_hash, base=base, base_since=found.base_since)
    in_force = editions.snapshot_in_force(session.now)
    assert in_force is not None
    return in_force


def _until(session: Session, command: Announce, zone: str) -> Instant:
    """Return the end of the last time that the announcement is about: of its dates, of its break, or now."""
    moments = [session.now, command.break_until or session.now]
    for day in command.hours:
        after = date.fromisoformat(day) + timedelta(days=1)
        moments.append(from_datetime(datetime(after.year, after.month, after.day, tzinfo=ZoneInfo(zone))))
    return max(moments)
