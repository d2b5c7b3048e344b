"""What a reader of docs/concepts/scope.md and participants.md expects of a ticket's letters and people."""

from collections import Counter
from uuid import UUID

from msgspec import Struct, field
from tests.support.expected import Shadow

from helpdesk.kernel.instants import HOUR, Instant

RESTS_ON_ITS_LETTER = {"telemedhelp", "pass24"}
"""Where a request by mail is accepted with its letter (6.10, 3.8)."""


class Fate(Struct):
    """Whether a request counts as accepted, and who takes part."""

    rests: bool
    """It is accepted once its letter of registration left."""
    accepted: bool
    arrived: bool = False
    """The client's own word, or somebody of ours, shows that they know of it."""
    left: Instant | None = None
    """When its letter left."""
    came_back: bool = False
    """The client is to be reached another way."""
    copied: set[str] = field(default_factory=set)
    guests: set[str] = field(default_factory=set)
    tags: set[str] = field(default_factory=set)
    files: list[UUID] = field(default_factory=list)
    loose: set[UUID] = field(default_factory=set)
    """Files that a letter may take along."""
    settled: set[UUID] = field(default_factory=set)
    """Letters whose fate is known."""
    owed: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Letters besides those to the client: purpose and recipient."""

    @classmethod
    def of(cls, shadow: Shadow) -> "Fate":
        """Return how a ticket begins; one that was brought in was accepted elsewhere."""
        rests = shadow.company in RESTS_ON_ITS_LETTER and shadow.by == "email" and shadow.since < 0
        return cls(rests, not rests)

    def letter_left(self, now: Instant) -> None:
        """Let the letter of registration leave."""
        self.left = now
        self.accepted, self.came_back = True, False

    def known(self) -> None:
        """Let the client's word, or ours, show that the number arrived."""
        self.accepted, self.arrived, self.came_back = True, True, False

    def bounces(self, now: Instant, alert: str) -> None:
        """Let the post send a letter back."""
        if self.left is not None and now - self.left <= HOUR:
            self.letter_failed(alert)

    def letter_failed(self, alert: str) -> None:
        """Let the letter of registration be one that never arrives."""
        if self.rests and not self.arrived:
            self.accepted, self.came_back = False, True
            self.owed["bounce", alert] += 1
