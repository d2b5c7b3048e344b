"""What operators send."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from helpdesk.api.requests.base import (
    Address,
    Name,
    Request,
    Slug,
)


class NewAddress(Request, frozen=True):
    """An address at which the company is reached though its regulation does not name it."""

    channel_kind: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,31}$")]
    address: Address


class NewTenant(Request, frozen=True):
    """A company to be taken on, by the name of its regulation's package."""

    regulation: Slug
    alert_address: Annotated[str, Meta(max_length=320)] = ""
    """The e-mail address that warnings and breaches go to."""
    shadow: bool = False
    """Begin in the shadow of another system: everything is computed, nothing is sent outward."""
    parameters: dict[str, Any] = {}
    """What the regulation leaves to the operator, by name."""
    readings: dict[str, Any] = {}
    """Chosen meanings of ambiguous clauses, by name."""
    addresses: Annotated[tuple[NewAddress, ...], Meta(max_length=100)] = ()


class NewKey(Request, frozen=True):
    """An API key to be made."""

    role: Literal["operator", "admin", "agent", "integrator"]
    name: Name
    tenants: Annotated[tuple[Slug, ...], Meta(max_length=100)] = ()
    """Slugs of the companies it serves: none for an operator's, several only for an agent's."""
