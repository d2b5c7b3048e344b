"""What a promise shows."""

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.messages import Outcome
from helpdesk.queries.views.base import Moment, View
from helpdesk.queries.views.tickets import FlagView


class PromisedDeadline(View, frozen=True):
    """A deadline that registering would give."""

    name: str
    name_ru: str
    name_en: str
    kind: ClockKind
    clause: str
    amount_ru: str
    amount_en: str
    goal: Moment | None
    due: Moment | None
    note: str
    """Why there is no ``due``, where there is none."""
    disclaimed_by: str
    """The clause that says that this time is not guaranteed, where there is one."""
    text_ru: str
    """The derivation in words."""
    text_en: str


class PromisedWait(View, frozen=True):
    """Something that the solution would wait for from the registration on."""

    reason: str
    name_ru: str
    name_en: str
    clause: str
    missing: tuple[str, ...]
    """What the client would be asked for."""


class OpenWay(View, frozen=True):
    """An official channel, and whether it takes requests at that instant."""

    channel: str
    channel_kind: str
    addresses: tuple[str, ...]
    """Empty: the text gives none, any of ours of that kind serves."""
    accepted: bool
    clause: str


class CategoryView(View, frozen=True):
    """What a request is about, by the regulation."""

    category: str
    name_ru: str
    name_en: str
    served: bool
    """Whether the regulation serves such requests; one that it does not serve is registered, and may be declined."""
    clause: str
    level: str | None
    """The level that the category gives, where it gives one."""


class PromiseView(View, frozen=True):
    """What would become of a request that came at ``at``; registering it then gives the same."""

    at: Moment
    tenant: str
    edition: str
    snapshot: str
    """Hash of the regulation's snapshot that answers."""
    outcome: Outcome
    official: bool
    """Whether the regulation names the way it would come by as a channel."""
    channel: str
    """The regulation's name of the channel, or of the unofficial way."""
    clause: str
    """The clause that decides whether it is let in."""
    reason_ru: str
    """Why not, where it is not."""
    reason_en: str
    hint_ru: str
    hint_en: str
    level: str | None
    category: CategoryView | None
    """What was said that it is about."""
    needs: tuple[str, ...]
    """What the regulation demands for this level and was not said: facts to record, `criterion`, `affected`. Without it
    registering is refused."""
    read_first: tuple[str, ...]
    """Where the regulation wants clients to look for an answer before they ask. Nothing waits for it."""
    counts_from: Moment
    """From when it counts as received: ``at``, or the next opening where the channel defers."""
    opens_at: Moment | None
    """For what is taken: when working time begins that its deadlines count, ``at`` itself where it runs now or no
    deadline looks at hours. For what is refused: when this channel takes requests again; null: not in sight."""
    flags: tuple[FlagView, ...]
    """What an agent would have to look at."""
    waits: tuple[PromisedWait, ...]
    """What the solution would wait for from the registration on."""
    ways: tuple[OpenWay, ...]
    deadlines: tuple[PromisedDeadline, ...]
    say_ru: str
    """To be read aloud."""
    say_en: str
