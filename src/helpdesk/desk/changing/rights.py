"""The admission of persons: what is kept of who asks, the regulation's decision, and the flags that follow from it."""

from msgspec import Struct

from helpdesk.contracts.transports import EMAIL
from helpdesk.domain.rights import Rights, Standing, decide
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.store.contacts import Contacts
from helpdesk.store.engine.session import Session
from helpdesk.store.organisations import Organisations
from helpdesk.store.standing import Asker, standing_of

__all__ = ["Asker", "Decided", "authorised_mail", "decide_rights"]


class Decided(Struct, frozen=True):
    """Who asks, and whether a new request of theirs is let in."""

    standing: Standing
    rights: Rights

    @property
    def organisation(self) -> str:
        """The organisation's name as it is kept; empty where it is not known."""
        return self.standing.organisation.name if self.standing.organisation is not None else ""

    @property
    def name(self) -> str:
        """The person's name as it is kept; empty where it is not known."""
        return self.standing.contact.name if self.standing.contact is not None else ""

    @property
    def mail(self) -> str:
        """A verified mail address of the person; empty where none is known."""
        return self.standing.mail


def authorised_mail(session: Session, organisation: str) -> tuple[str, ...]:
    """Return the verified mail addresses of the organisation's authorised persons, by their names."""
    found = Organisations(session).find_name(organisation) if organisation else None
    if found is None:
        return ()
    people = [person for person in Contacts(session).of(found.id) if person.authorised]
    mails = (each for person in people for each in person.addresses if each.verified and each.channel_kind == EMAIL)
    return tuple(dict.fromkeys(each.address for each in mails))


def decide_rights(
    session: Session, evaluator: Evaluator, asker: Asker, at: Instant, *, product: str = "", version: str = ""
) -> Decided:
    """Return the decision about a new request of ``asker`` at ``at``, by the day in the company's zone."""
    standing = standing_of(session, asker, at, evaluator.zone)
    return Decided(standing, decide(evaluator.edition, standing, product, version))
