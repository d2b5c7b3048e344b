"""An organisation as tickets name it: by the name of their registration, whatever it is called since."""

from helpdesk.store.engine.session import Session
from helpdesk.store.organisation_aliases import Aliases
from helpdesk.store.organisations import Organisations


def names_on_tickets(session: Session, name: str) -> tuple[str, ...]:
    """Return the names that tickets of the organisation bear which is or was called ``name``, its present one first.

    A name that no organisation has stands for itself: tickets may name whom nobody registered.
    """
    found = Organisations(session).find_name(name)
    if found is None:
        return (name,)
    return (found.name, *sorted(Aliases(session).renamed(found.id)))
