"""Who has a right to support, by the regulation, from what is kept of the company's clients. Pure.

Where the company has registered no organisations at all, nobody's right is checked: the operator has not supplied the
list, and to refuse everybody would be to invent that it is empty.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from helpdesk.contracts.transports import EMAIL
from helpdesk.domain.clients import ACCEPTANCE_ACT, Contact, Contract, Day, Equipment, Organisation
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging import decisions
from helpdesk.regulation.vocabulary.model import Edition

IDENTIFICATION = "identification_required"
"""The flag on a request whose author is not known; its clocks run."""
INCOMPLETE = "incomplete"
"""The flag on a request that lacks what the regulation demands; its reason: what."""
OLD_VERSION = "old_version"
"""The flag on a request about a version that the regulation no longer serves."""

_HOLD_UNIDENTIFIED = "hold_unidentified"
"""The duty by which a regulation wants to know who asks."""


class Standing(Struct, frozen=True):
    """What is kept of who asks, on the day of the request."""

    checked: bool
    """Whether the company has registered organisations at all."""
    at: Instant | None = None
    """When the request was received; None: now."""
    contact: Contact | None = None
    """The person whose verified address it is."""
    organisation: Organisation | None = None
    bases: tuple[str, ...] = ()
    """On what the organisation's right rests that day, e.g. ``licence``."""
    versions: Mapping[str, str] = {}
    """By product, as far as it is known."""

    @property
    def mail(self) -> str:
        """A verified mail address of the person; empty where none is known."""
        addresses = self.contact.addresses if self.contact is not None else ()
        return next((each.address for each in addresses if each.verified and each.channel_kind == EMAIL), "")


class Flag(Struct, frozen=True):
    """What an agent must look at."""

    flag: str
    clause: str
    reason: str = ""
    """The regulation's code of a reason, where it names one."""


class Rights(Struct, frozen=True):
    """Whether a new request is let in on account of who asks, and what is to be looked at."""

    act: Literal["register", "refuse"]
    clause: str = ""
    reason_ru: str = ""
    reason_en: str = ""
    hint_ru: str = ""
    hint_en: str = ""
    flags: tuple[Flag, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether it is not let in."""
        return self.act == "refuse"


def bases_on(day: Day, contracts: tuple[Contract, ...], equipment: tuple[Equipment, ...]) -> tuple[str, ...]:
    """Return the bases in force on ``day``: the kinds of contracts, and the act of acceptance where one is signed."""
    kinds = [contract.kind for contract in contracts if contract.in_force(day)]
    if any(piece.accepted(day) for piece in equipment):
        kinds.append(ACCEPTANCE_ACT)
    return tuple(dict.fromkeys(kinds))


def decide(edition: Edition, standing: Standing, product: str = "", version: str = "") -> Rights:
    """Decide about a new request of who has this ``standing``, about a ``product`` in a ``version`` (empty: not said).

    An older version is refused or flagged whether or not the company has registered organisations.
    """
    flags: list[Flag] = []
    if standing.checked:
        refusal = _entitlement(edition, standing, flags)
        if refusal is not None:
            return refusal
    known = version or standing.versions.get(product, "")
    if known:
        served = decisions.version_served(edition, product, known)
        if not served.allowed:
            return Rights(
                "refuse", served.clause, "Эта версия продукта не поддерживается.", "This version is not served."
            )
        if served.act == "flag":
            flags.append(Flag(OLD_VERSION, served.clause, "".join(served.needs[:1])))
    return Rights("register", flags=tuple(flags))


def _entitlement(edition: Edition, standing: Standing, flags: list[Flag]) -> Rights | None:
    organisation = standing.organisation
    suspended = organisation is not None and organisation.is_suspended(standing.at)
    rule = edition.admission.entitlement
    basis = next((kind for kind in standing.bases if rule is None or kind in rule.basis), None)
    verdict = decisions.entitled(edition, basis, suspended=suspended)
    if not verdict.allowed and verdict.act == "refuse":
        ru, en = _SUSPENDED if suspended and verdict.needs == () else _NOT_ENTITLED
        return Rights("refuse", verdict.clause, ru, en, verdict.hint_ru, verdict.hint_en)
    if verdict.act == "identify":
        flags.append(Flag(IDENTIFICATION, verdict.clause))
    duty = next((duty for duty in edition.duties if duty.name == _HOLD_UNIDENTIFIED), None)
    if duty is not None and standing.contact is None and organisation is None:
        flags.append(Flag(duty.value or IDENTIFICATION, duty.clause))
    return None


_SUSPENDED = ("Поддержка этого клиента приостановлена.", "Support of this client is suspended.")
_NOT_ENTITLED = ("Нет действующего основания для поддержки.", "There is no basis for support in force.")
