"""What the queue shows."""

from helpdesk.domain.attention import Need
from helpdesk.domain.states import State
from helpdesk.queries.views.base import Moment, View


class QueueEntry(View, frozen=True):
    """A ticket that needs an agent's act, with what its place in the queue comes from."""

    number: int
    subject: str
    channel: str
    state: State
    level: str | None
    line: str
    assignee: str | None
    expedited: bool
    received_at: Moment
    next_due: Moment | None
    needs: Need
    """Why an agent must act; empty, where the list was asked for by state: nobody must."""
    waits: tuple[str, ...]
    """The reasons for which it waits."""
    version: int


class QueuePage(View, frozen=True):
    """A page of the queue, most urgent first, in the order of the company's regulation."""

    items: tuple[QueueEntry, ...]
    next: str | None
