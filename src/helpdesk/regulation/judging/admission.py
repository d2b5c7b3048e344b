"""Who and what is let in: official channels by exact address, kind of chat and kind of day."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from msgspec import Struct

from helpdesk.kernel.instants import Instant
from helpdesk.regulation.vocabulary.doors import Admission as AdmissionRule
from helpdesk.regulation.vocabulary.doors import Channel, Refusal


class ChannelRule(Struct, frozen=True):
    """An official way in. ``addresses`` empty: the text gives none, any of ours of that kind serves."""

    name: str
    kind: str
    addresses: tuple[str, ...]
    clause: str
    chat_kinds: tuple[str, ...] = ()
    on_holiday: str = "accept"


class Admission(Struct, frozen=True):
    """Whether a request is let in, by which channel, and the clause that decides."""

    accepted: bool
    channel: str
    """The regulation's name of the channel, or of the unofficial way; empty where it names none."""
    clause: str
    reason: str = ""
    """Why not, in Russian."""
    reason_en: str = ""
    hint_ru: str = ""
    hint_en: str = ""
    counts_from: Instant = 0
    """From when the request counts as received: its receipt, or the next opening where the channel defers."""


class Doors(Struct, frozen=True):
    """The edition's channels, refusals and rules of admission, with the calendar that knows holidays."""

    rule: AdmissionRule
    channels: tuple[Channel, ...]
    refusals: tuple[Refusal, ...]
    is_holiday: Callable[[Instant], bool]
    next_open: Callable[[Instant], Instant]

    def admit(self, kind: str, address: str, chat_kind: str, at: Instant, *, no_holiday: bool = False) -> Admission:
        """Decide about a request that came to ``address`` of a transport ``kind`` at ``at``.

        ``no_holiday``: take the day for none, where the calendar does not reach it.
        """
        official = self._official(kind, address, chat_kind)
        if official is not None:
            return self._by_day(official, at, no_holiday=no_holiday)
        refusal = _best(self.refusals, kind, chat_kind)
        return self._unofficial(kind, refusal, at)

    def admit_by_name(self, name: str, at: Instant, *, no_holiday: bool = False) -> Admission:
        """Decide about a request that came by the channel the regulation calls ``name``."""
        for channel in self.channels:
            if channel.name == name:
                return self._by_day(channel, at, no_holiday=no_holiday)
        refusal = next((refusal for refusal in self.refusals if refusal.name == name), None)
        return self._unofficial(name, refusal, at)

    def _official(self, kind: str, address: str, chat_kind: str) -> Channel | None:
        wanted = canonical(kind, address)
        for channel in self.channels:
            if channel.kind != kind or (chat_kind and channel.chat_kinds and chat_kind not in channel.chat_kinds):
                continue
            if not channel.addresses or wanted in (canonical(kind, known) for known in channel.addresses):
                return channel
        return None

    def _by_day(self, channel: Channel, at: Instant, *, no_holiday: bool) -> Admission:
        clause = channel.clause
        if channel.on_holiday == "accept" or no_holiday or not self.is_holiday(at):
            return Admission(True, channel.name, clause, counts_from=at)
        clause = channel.holiday_clause or clause
        if channel.on_holiday == "defer":
            return Admission(True, channel.name, clause, counts_from=self.next_open(at))
        return Admission(
            False,
            channel.name,
            clause,
            reason="В праздничный день обращения по этому каналу не принимаются.",
            reason_en="On a public holiday requests are not taken by this channel.",
            hint_ru=self.rule.holiday_hint_ru,
            hint_en=self.rule.holiday_hint_en,
            counts_from=at,
        )

    def _unofficial(self, name: str, refusal: Refusal | None, at: Instant) -> Admission:
        accepted = self.rule.off_channel == "register"
        return Admission(
            accepted,
            refusal.name if refusal else name,
            refusal.clause if refusal else self.rule.clause,
            reason="" if accepted else "Регламент не называет этот канал официальным.",
            reason_en="" if accepted else "The regulation does not name this channel as official.",
            hint_ru=refusal.hint_ru if refusal else self.rule.hint_ru,
            hint_en=refusal.hint_en if refusal else self.rule.hint_en,
            counts_from=at,
        )


def _best(refusals: Sequence[Refusal], kind: str, chat_kind: str) -> Refusal | None:
    """Return the refusal that names the kind of chat, else the one that names the transport alone."""
    same = [refusal for refusal in refusals if refusal.kind == kind]
    exact = [refusal for refusal in same if chat_kind and chat_kind in refusal.chat_kinds]
    general = [refusal for refusal in same if not refusal.chat_kinds]
    return next(iter([*exact, *general]), None)


@lru_cache(maxsize=4096)
def canonical(kind: str, address: str) -> str:
    """Return the form in which addresses of one kind are compared: numbers by their digits, the rest in lower case."""
    if kind == "phone":
        return "".join(mark for mark in address if mark.isdigit())
    return address.strip().casefold()
