"""Waits that a regulation has begin by themselves: on what request, for what, and what ends them. Pure."""

from collections.abc import Collection, Mapping

from msgspec import Struct

from helpdesk.regulation.vocabulary.model import Edition

CLIENT_WAITS = "waiting_client"
"""The reason of the wait that follows a question; any word of the client ends it."""


class Begun(Struct, frozen=True):
    """A wait that begins with the registration."""

    reason: str
    clause: str
    missing: tuple[str, ...]
    """What the client is asked for: names of fields, and words of whoever took the request in."""
    letter: str
    """The text of the letter of registration; empty: its usual one."""
    ends_on: tuple[str, ...]


def lacking(edition: Edition, channel: str, stated: Mapping[str, str]) -> tuple[str, ...]:
    """Return the fields without which a request by ``channel`` is incomplete, and that it leaves out or blank."""
    demands = {name for rule in edition.pauses if rule.begins_when == "incomplete" for name in rule.demands}
    return tuple(
        rule.name
        for rule in edition.fields
        if (rule.name in demands or channel in rule.hard_on) and not stated.get(rule.name, "").strip()
    )


def begin_with(edition: Edition, *, unidentified: bool, missing: Collection[str]) -> tuple[Begun, ...]:
    """Return the waits that begin with such a request; none where the regulation says nothing of them."""
    return tuple(
        Begun(
            rule.reason,
            rule.clause,
            tuple(missing) if rule.begins_when == "incomplete" else rule.demands,
            rule.letter,
            rule.ends_on,
        )
        for rule in edition.pauses
        if (rule.begins_when == "unidentified" and unidentified) or (rule.begins_when == "incomplete" and missing)
    )


def ended_by(edition: Edition, what: str) -> tuple[str, ...]:
    """Return the reasons whose waits end by themselves on ``what``, in the order of the edition."""
    named = tuple(rule.reason for rule in edition.pauses if what in rule.ends_on)
    return (*named, CLIENT_WAITS) if what == "client_message" and CLIENT_WAITS not in named else named


def for_completeness(edition: Edition, reason: str) -> bool:
    """Say whether ``reason`` waits for what an incomplete request lacks."""
    return any(rule.reason == reason and rule.begins_when == "incomplete" for rule in edition.pauses)
