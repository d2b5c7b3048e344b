"""What was announced stays announced: an edition that is published later takes the open announcements over."""

from helpdesk.kernel.instants import Instant
from helpdesk.regulation.announced import takes_hours, with_break, with_dated_hours
from helpdesk.regulation.snapshot import Snapshot
from helpdesk.store.announcements import Announcements
from helpdesk.store.session import Session


def carried(session: Session, snapshot: Snapshot, since: Instant) -> Snapshot:
    """Return a snapshot that comes into force at ``since`` with the overrides that are not over by then.

    Announced hours are left out where the text takes none.
    """
    for announcement in Announcements(session).standing(since):
        if announcement.hours and takes_hours(snapshot) is not None:
            snapshot = with_dated_hours(snapshot, announcement.hours)
        if announcement.break_since is not None and announcement.break_until is not None:
            snapshot = with_break(snapshot, announcement.break_since, announcement.break_until)
    return snapshot
