"""The second implementation of the calendar: small, slow, obvious.

It imports nothing of the service, only the standard library, and walks time step by step, asking the civil clock at
every step whether the desk is open. What it computes from plain data must be what the core computes; the tests and the
checks of deadlines rest on that. Instants are whole microseconds since the Unix epoch.

S1  An instant is open iff the hours of its local date contain its local time of day; opening is open, closing closed.
S2  Working time is elapsed time during which S1 holds: a repeated local hour counts twice, a skipped one not at all.
S3  A term is due at the earliest instant at which its time is used up: at closing today, not at opening tomorrow.
    Nothing to count is due at once, in and outside hours.
S4  Working time between a and b counts [a, b), and is negative where b comes before a.
S5  Paused time does not count. Overlapping pauses unite; a pause without end stops the clock for good, and then there
    is no due instant unless the time was used up before.
S6  N working days: day 1 is the first working day after the local date of the event, the term ends at the closing of
    day N, or at its 24:00.
S7  N calendar days without weekends: weekends and moved days off are skipped, public holidays too unless they count;
    a last day that is no working day rolls to the next working day.
S8  A term in days under pauses is the working time from the midnight after the event to the closing of its last day,
    run with those pauses.
"""

from helpdesk.verify.calendar import Calendar, Unknown
from helpdesk.verify.deadlines import Deadline, recompute
from helpdesk.verify.specs import Rule, Spec, read_case_form, read_pinned_form
from helpdesk.verify.zones import NamedZone, PinnedZone, Zone

__all__ = [
    "Calendar",
    "Deadline",
    "NamedZone",
    "PinnedZone",
    "Rule",
    "Spec",
    "Unknown",
    "Zone",
    "read_case_form",
    "read_pinned_form",
    "recompute",
]
