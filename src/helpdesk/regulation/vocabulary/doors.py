"""The vocabulary of getting in and being spoken to: channels, admission, fields, attachments, announcements."""

from typing import Literal

from msgspec import field

from helpdesk.regulation.vocabulary.strict import Name, Place, Strict, Text


class Channel(Strict, frozen=True, kw_only=True):
    """``[[channels]]``: an official way in, by exact address. No address: the text gives none, any of ours serves."""

    name: Name
    """The channel's name, by which targets and fields refer to it."""
    kind: Name
    """The transport: ``email``, ``phone``, ``telegram``, ``web``, …"""
    addresses: tuple[str, ...] = ()
    """Our addresses on it, in the transport's canonical form."""
    chat_kinds: tuple[str, ...] = ()
    """For messengers: the kinds of chat accepted (``private``); empty: any."""
    clause: Place
    on_holiday: Literal["accept", "reject", "defer"] = "accept"
    """What becomes of a request on a public holiday."""
    holiday_clause: str = ""
    """The clause that says so."""
    listed_in: tuple[str, ...] = ()
    """Clauses that list the channels, where there are several lists."""
    consultation_only_ru: str = ""
    """What is told to whoever asks here, where the channel consults or registers and does not solve on the spot."""
    consultation_only_en: str = ""
    """The same in English."""


class Refusal(Strict, frozen=True, kw_only=True):
    """``[[refusals]]``: a way in that the regulation names as unofficial."""

    name: Name
    """The name of what is refused."""
    kind: Name
    """The transport it comes by."""
    chat_kinds: tuple[str, ...] = ()
    """For messengers: the kinds of chat refused; empty: any."""
    clause: Place
    hint_ru: Text
    hint_en: Text


class Suspension(Strict, frozen=True, kw_only=True):
    """A client's access may be suspended: new requests are refused, older ones go on."""

    clause: Place
    new_requests: Literal["refuse", "register"] = "refuse"
    """What becomes of a suspended client's new requests."""
    hint_ru: Text
    hint_en: Text


class Entitlement(Strict, frozen=True, kw_only=True):
    """Who is served, on what basis; ``without`` says what becomes of a request from anybody else."""

    basis: tuple[str, ...]
    """What gives a right to support: ``contract``, ``licence``, ``acceptance_act``, …"""
    without: Literal["refuse", "identify", "register"]
    """What becomes of a request without one."""
    clause: Place
    hint_ru: str = ""
    hint_en: str = ""


class Product(Strict, frozen=True, kw_only=True):
    """Versions served; what an older one means."""

    clause: Place
    older: Literal["flag", "refuse"] = "flag"
    """What a version below the least served means."""
    reason: str = ""
    """The reason (``[[reasons]]``) to postpone that an older version gives."""
    minimum_versions: dict[str, str] | Literal["unknown"] = field(default_factory=dict)
    """The least version served, by product; ``unknown`` where the operator supplies none."""


class Admission(Strict, frozen=True, kw_only=True):
    """``[admission]``: who and what is let in."""

    off_channel: Literal["reject", "register"] = "reject"
    """What becomes of a request that came by none of the official channels."""
    clause: Place
    hint_ru: Text
    hint_en: Text
    holiday_calendar: str = ""
    """The calendar that says what a public holiday is, where a channel depends on it."""
    holiday_hint_ru: str = ""
    holiday_hint_en: str = ""
    entitlement: Entitlement | None = None
    suspension: Suspension | None = None
    product: Product | None = None


class Acceptance(Strict, frozen=True, kw_only=True):
    """``[acceptance]``: when a request counts as accepted, and what an undelivered letter means."""

    when: Literal["registered", "letter_relayed"] = "registered"
    """At the registration, or when the letter with the number was handed over to the client's mail server."""
    bounce_within: str = ""
    """How long after the letter left a bounce takes the acceptance back."""
    fallback_channels: tuple[str, ...] = ()
    """Other channels to reach the client by after a bounce."""
    channels: tuple[str, ...] = ()
    """Only requests that came by these wait for their letter, others are accepted when registered; empty: all wait."""
    clause: Place


class FieldRule(Strict, frozen=True, kw_only=True):
    """``[[fields]]``: what a request should contain; ``hard_on`` names the channels that refuse it otherwise."""

    name: Name
    """The field's name in a request."""
    name_ru: Text
    name_en: Text
    clause: Place
    hard_on: tuple[str, ...] = ()
    """Channels that refuse a request without it."""
    soft_on: tuple[str, ...] = ()
    """Channels where its absence is only asked for; empty with ``hard_on`` empty: all."""
    one_of: tuple[str, ...] = ()
    """What it may say, where the text lists it: a person who registers chooses from these; empty: anything."""


class Attachments(Strict, frozen=True, kw_only=True):
    """``[attachments]``: what may be attached, by what the bytes are."""

    clause: Place
    accept: tuple[str, ...] = ()
    """Content types; empty: any."""
    otherwise: Literal["quarantine", "accept"] = "accept"
    """What becomes of an attachment of any other type."""


class Complaint(Strict, frozen=True, kw_only=True):
    """``[complaint]``: where complaints about staff go."""

    to: str
    """Who takes complaints."""
    contact: str
    """How they are reached."""
    clause: Place
    hidden_from: tuple[str, ...] = ()
    """Roles that must not see a complaint, as the one complained about."""


class AnswerLinks(Strict, frozen=True, kw_only=True):
    """``[answer_links]``: hosts that an answer may link to."""

    hosts: tuple[str, ...]
    """Host names, each with its subdomains; none: any."""
    clause: Place


class Announcements(Strict, frozen=True, kw_only=True):
    """``[announcements]``: where changes of hours and breaks are announced; what a break does."""

    url: str = ""
    """Where they are published."""
    break_pauses: Literal["no", "announced_before"] = "no"
    """Whether an announced break stops the clocks."""
    clause: Place


class Numbering(Strict, frozen=True, kw_only=True):
    """``[numbering]``: how a request's number is written in a subject."""

    form: str
    """``{number}`` stands for the number, e.g. ``Запрос #{number}``."""
    clause: Place


class Duty(Strict, frozen=True, kw_only=True):
    """``[[duties]]``: something the service does for this company because its text says so, or never does."""

    name: Name
    """The duty's name."""
    does: Text
    """What the service does, in a sentence."""
    value: str = ""
    """Its value, where it has one."""
    clause: Place
