"""From a decided letter to the message that leaves: by which channel, from whom, texts, subject, threading token.

Whoever asked by a channel that answers is answered there; where a carrier follows the channel, it takes a short form of
the letter to whoever has no mail address; everybody else gets mail.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import replace

from helpdesk.contracts.channels import Answering
from helpdesk.contracts.clocks import ClockKind, ClockState, ClockView
from helpdesk.contracts.messages import Inbound, Outbound
from helpdesk.contracts.transports import EMAIL
from helpdesk.desk.changing.short import carries, shortened
from helpdesk.domain.firing import CLOSE
from helpdesk.domain.threading import make_token
from helpdesk.domain.ticket import Letter, Ticket
from helpdesk.domain.ways import Carried, Ways
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.instants import Instant, to_datetime
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.vocabulary.work import Level, RequestOutcome, Scope, Target, Term
from helpdesk.texts.renderer import Texts

_KEYS = {
    "acknowledgement": ("ack-subject", "ack-body"),
    "answer": ("answer-subject", "answer-body"),
    "question": ("question-subject", "question-body"),
    "notice": ("notice-subject", "notice-body"),
    "closed": ("closed-subject", "closed-body"),
    "merged": ("merged-subject", "merged-body"),
    "attachment": ("attachment-subject", "attachment-body"),
    "refusal": ("refusal-subject", "refusal-body"),
    "complaint": ("complaint-subject", "complaint-body"),
    "complaint_received": ("complaint-received-subject", "complaint-received-body"),
    "complaint_decided": ("complaint-decided-subject", "complaint-decided-body"),
    "warning": ("warning-subject", "warning-body"),
    "breach": ("breach-subject", "breach-body"),
    "bounce": ("bounce-subject", "bounce-body"),
    "review": ("review-subject", "review-body"),
    "subscription": ("subscription-subject", "subscription-body"),
    "language": ("language-subject", "language-body"),
}
_DASH = "\N{EN DASH}"


class House(Struct, frozen=True):
    """What a tenant's letters need to know of the tenant."""

    tenant_id: UUID
    secret: bytes
    """Keys the threading tokens."""
    alert_address: str
    """Where warnings and breaches are mailed; empty: nowhere."""
    ways: Ways = Ways()
    """By what letters reach clients."""
    confidential: bool = False
    """Nothing that names somebody or quotes a message may be published."""
    called: Callable[[str], str] = str
    """Gives the name by which clients are told of an agent."""


class Route(Struct, frozen=True):
    """How one letter leaves."""

    kind: str
    """The channel's kind, or the carrier's name."""
    sender: str
    """The address of ours that it leaves from."""
    there: bool = False
    """Whether it goes to who asked, where they asked."""
    carrier: Carried | None = None
    """What takes its short form; None: a channel takes the whole."""


class Composer:
    """Composes one tenant's letters under one regulation."""

    def __init__(self, house: House, evaluator: Evaluator, texts: Texts) -> None:
        self._house = house
        self._evaluator = evaluator
        self._texts = texts
        self._zone = ZoneInfo(evaluator.zone)

    @property
    def alert_address(self) -> str:
        """Where the tenant wants warnings and breaches; empty: nowhere."""
        return self._house.alert_address

    @property
    def answering(self) -> Answering:
        """Who is answered on the channel that they asked by."""
        return self._house.ways.answering

    @property
    def confidential(self) -> bool:
        """Whether the tenant's events name nobody and quote nothing."""
        return self._house.confidential

    @property
    def mail_address(self) -> str:
        """Our first official mail address: the letters of other channels leave from it; empty: there is none."""
        mails = (rule.addresses for rule in self._evaluator.channels if rule.kind == EMAIL and rule.addresses)
        return next(mails, ("",))[0]

    def arguments_of(self, ticket: Ticket) -> dict[str, str]:
        """Return what a text about the ticket may say of it, by the names of the texts' arguments."""
        return self._ticket_arguments(ticket)

    def route(self, letter: Letter, ticket: Ticket) -> Route | None:
        """Return how a letter leaves; None where it has no way out: no recipient, no address of ours, no channel."""
        recipient, ways = letter.recipient, self._house.ways
        if recipient and recipient == ticket.requester:
            if ways.answering.reaches(ticket.channel_kind, recipient):
                return Route(ticket.channel_kind, ticket.address, there=True) if ticket.address else None
            carrier = ways.carrier(ticket.channel_kind, recipient, ticket.address) if carries(letter) else None
            if carrier is not None:
                return Route(carrier.name, ticket.address, carrier=carrier)
        if "@" not in recipient:  # the address of a channel that is not here any more, or carries no such letter
            return None
        sender = ticket.address if ticket.channel_kind == EMAIL else self.mail_address
        return Route(EMAIL, sender) if sender else None

    def compose(
        self, letter: Letter, ticket: Ticket, route: Route, clocks: Sequence[ClockView], now: Instant
    ) -> Outbound:
        """Return the message for ``letter``, as it leaves by ``route``.

        ``clocks`` are the ticket's after the change: a question says until when the client's answer is awaited, an
        answer when silence closes the ticket.
        """
        arguments = {**self._ticket_arguments(ticket), "text": letter.text, **letter.arguments}
        due_at = letter.arguments.get("due_at")
        if due_at is not None:
            target = self._target_name(letter.arguments["target"], ticket.language)
            arguments |= {"target": target, "due": self._local(due_at), "left": self._left(due_at, now)}
        awaited = _awaited_until(clocks)
        if letter.purpose == "acknowledgement" and not letter.text_key and letter.arguments.get("missing"):
            arguments["asked"] = self._texts.render("ack-asked", arguments, ticket.language)
        if (letter.purpose == "question" or letter.text_key) and awaited is not None:
            deadline = {"deadline": self._local(awaited)}
            arguments["until"] = self._texts.render("question-deadline", deadline, ticket.language)
        closing = _closing(clocks)
        if letter.purpose == "answer" and closing is not None and closing.due is not None:
            silence = {"deadline": self._local(closing.due), "clause": closing.clause}
            arguments["until"] = self._texts.render("answer-deadline", silence, ticket.language)
        vendor = letter.arguments.get("vendor")
        refer = {"vendor": vendor or _DASH}
        arguments["refer"] = self._texts.render("closed-refer", refer, ticket.language) if vendor else ""
        if route.carrier is not None:  # whoever holds the telephone reads it: no subject, no token
            arguments |= {"ours": ticket.address}
            subject, token = "", ""
            body = shortened(self._texts, letter, arguments, ticket.language, route.carrier.fits)
        else:
            subject, body = self._render(letter, arguments, ticket.language)
            token = make_token(self._house.secret, self._house.tenant_id, ticket.id)
        return Outbound(
            id=str(letter.message_id or new_id()),
            channel_kind=route.kind,
            sender=route.sender,
            recipient=letter.recipient,
            subject=subject,
            text=body,
            token=token,
            automatic=letter.automatic,
            purpose=letter.purpose,
        )

    def copy(self, outbound: Outbound, address: str) -> Outbound | None:
        """Return a letter as a copy of it goes to a mail address, by whichever channel it leaves itself."""
        if outbound.channel_kind == EMAIL:
            return replace(outbound, id=str(new_id()), recipient=address)
        if not self.mail_address:
            return None
        own = replace(outbound, id=str(new_id()), channel_kind=EMAIL, sender=self.mail_address, recipient=address)
        return replace(own, in_reply_to="", references=())

    def compose_apart(self, purpose: str, recipient: str, arguments: Mapping[str, str]) -> Outbound | None:
        """Return a letter about no ticket, in the regulation's language; None where it has no way out."""
        sender, language = self.mail_address, self._evaluator.language
        if not recipient or not sender:
            return None
        words = {"company": self._company(language), **arguments}
        subject, body = self._render(Letter(purpose, recipient, ""), words, language)
        return Outbound(str(new_id()), EMAIL, sender, recipient, subject, body, automatic=True, purpose=purpose)

    def compose_refusal(self, message: Inbound, clause: str, reason: str, hint: str) -> Outbound | None:
        """Return the courtesy letter to somebody whose message is not accepted; it quotes nothing of it.

        None where they are not answered on that channel.
        """
        kind, sender, recipient = message.channel_kind, message.address, message.reply_to or message.sender
        if not recipient or not sender or not self.answering.reaches(kind, recipient):
            return None
        language = self._evaluator.language
        arguments = {"company": self._company(language), "clause": clause, "reason": reason, "hint": hint}
        subject, body = self._render(Letter("refusal", recipient, ""), arguments, language)
        return Outbound(str(new_id()), kind, sender, recipient, subject, body, automatic=True, purpose="refusal")

    def _local(self, instant: Instant) -> str:
        return f"{to_datetime(instant).astimezone(self._zone):%d.%m.%Y %H:%M}"

    def _left(self, until: Instant, now: Instant) -> str:
        return str(timedelta(seconds=max(0, until - now) // 1_000_000))

    def _render(self, letter: Letter, arguments: dict[str, str], language: str) -> tuple[str, str]:
        subject_key, body_key = _KEYS[letter.purpose]
        subject = self._texts.render(subject_key, arguments, language)
        return subject, self._texts.render(letter.text_key or body_key, arguments, language)

    def _company(self, language: str) -> str:
        return self._evaluator.company.get(language, self._evaluator.company["en"])

    def _target_name(self, name: str, language: str) -> str:
        edition = self._evaluator.edition
        rules: tuple[Target | Term, ...] = (*edition.targets, *edition.terms)
        return next((_named(rule, language) for rule in rules if rule.name == name), name)

    def _ticket_arguments(self, ticket: Ticket) -> dict[str, str]:
        language, edition = ticket.language, self._evaluator.edition
        level = next((_named(rule, language) for key, rule in edition.levels.items() if key == ticket.level), None)
        clause = next((rule.clause for rule in self._evaluator.channels if rule.name == ticket.channel), "")
        outcome = next((_named(rule, language) for rule in edition.outcomes if rule.code == ticket.outcome), None)
        category = next((_named(rule, language) for rule in edition.scope if rule.category == ticket.category), None)
        return {
            "category": category or _DASH,
            "company": self._company(language),
            "number": str(ticket.number),
            "received": self._local(ticket.received_at),
            "subject": ticket.subject,
            "level": level or ticket.level or _DASH,
            "agent": self._house.called(ticket.assignee) if ticket.assignee else _DASH,
            "clause": clause,
            "until": "",
            "asked": "",
            "note": self._note(ticket),
            "outcome": outcome or ticket.outcome or _DASH,
        }

    def _note(self, ticket: Ticket) -> str:
        rule = next((rule for rule in self._evaluator.edition.channels if rule.name == ticket.channel), None)
        if rule is None:
            return ""
        return rule.consultation_only_ru if ticket.language == "ru" else rule.consultation_only_en


def _named(rule: Level | RequestOutcome | Scope | Target | Term, language: str) -> str:
    """Return what the regulation calls it in ``language``."""
    own = rule.name_ru if language == "ru" else rule.name_en
    return own or (rule.name if isinstance(rule, Target | Term) else rule.name_ru)


def _closing(clocks: Sequence[ClockView]) -> ClockView | None:
    """Return the running term whose end closes the ticket; None where silence closes nothing."""
    terms = (clock for clock in clocks if clock.kind is ClockKind.TERM and clock.state is ClockState.RUNNING)
    return next((clock for clock in terms if clock.then.startswith(CLOSE)), None)


def _awaited_until(clocks: Sequence[ClockView]) -> Instant | None:
    """Return when the first of the client's terms runs out, or None where none is running.

    Of several that end in the same act the last counts: it belongs to what is asked now, not to what was asked before.
    """
    found: dict[str, Instant] = {}
    for clock in clocks:
        if clock.kind is ClockKind.TERM and clock.state is ClockState.RUNNING and clock.due is not None:
            found[clock.then] = max(clock.due, found.get(clock.then, clock.due))
    return min(found.values(), default=None)
