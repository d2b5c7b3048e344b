"""What was announced stays announced: an edition that is published later takes the open announcements over.

Where a regulation says that publishing an edition is announced (Siroca 1.8), the publication does that by itself.
"""

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from helpdesk.contracts.events import ANNOUNCEMENT_PUBLISHED
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.regulation.judging.announced import end_of_minute, takes_hours, with_break, with_dated_hours
from helpdesk.regulation.judging.snapshot import Snapshot
from helpdesk.store.announcements import Announcement, Announcements
from helpdesk.store.audit import Audit
from helpdesk.store.engine.session import Session
from helpdesk.store.outbox import Outbox
from helpdesk.texts.renderer import LANGUAGES, Texts

DUTY = "publication_announces"
"""The duty by which publishing an edition is announced."""


def carried(session: Session, snapshot: Snapshot, since: Instant, also: Announcement | None = None) -> Snapshot:
    """Return a snapshot that comes into force at ``since`` with the overrides that are not over by then.

    ``also`` is one that is being announced. Announced hours are left out where the text takes none. What was withdrawn
    counts for the time before its withdrawal.
    """
    standing = Announcements(session).standing(since)
    for announcement in standing if also is None else (*standing, also):
        withdrawn = announcement.withdrawn_at
        if announcement.hours and takes_hours(snapshot) is not None:
            snapshot = with_dated_hours(snapshot, announcement.hours, withdrawn)
        begins, ends = announcement.break_since, announcement.break_until
        if begins is not None and ends is not None:
            ends = ends if withdrawn is None else min(ends, end_of_minute(withdrawn))
            snapshot = with_break(snapshot, begins, ends) if begins < ends else snapshot
    return snapshot


def tell(session: Session, announcement: Announcement, told: Mapping[str, Any]) -> None:
    """Keep an announcement, audit it and tell subscribers; ``told`` is what there is to say beside its texts."""
    Announcements(session).add(announcement)
    Audit(session).record("announcement.publish", f"announcement:{announcement.id}", told)
    words = {"texts": announcement.texts, "clause": announcement.clause}
    Outbox(session).tell(ANNOUNCEMENT_PUBLISHED, announcement.id, {**told, **words})


def announce_edition(session: Session, snapshot: Snapshot, since: Instant, instead_of: str | None) -> None:
    """Announce the publication of an edition, where its regulation says so."""
    body = snapshot.body()
    duty = next((known for known in body.edition.duties if known.name == DUTY), None)
    if duty is None:
        return
    local, texts = to_datetime(since).astimezone(ZoneInfo(body.edition.edition.zone)), Texts(body.messages)
    words = {"edition": snapshot.edition_id, "since": f"{local:%d.%m.%Y %H:%M}"}
    names = {"ru": body.name_ru, "en": body.name}
    announcement = Announcement(
        id=new_id(),
        published_at=session.now,
        actor=session.principal.actor,
        clause=duty.clause,
        texts={
            each: texts.render("edition-announcement", {**words, "company": names[each]}, each) for each in LANGUAGES
        },
        hours={},
        break_since=None,
        break_until=None,
        counts=False,
        until=session.now,
        snapshot_hash=snapshot.hash,
    )
    told: dict[str, Any] = {
        "hours": {},
        "break": None,
        "counts": False,
        "snapshot": snapshot.hash,
        "instead_of": instead_of,
    }
    tell(session, announcement, told)
