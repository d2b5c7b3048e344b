"""Who acts: every repository is bound to a principal, and a principal to at most one tenant."""

from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Role(StrEnum):
    """What a principal may be."""

    OPERATOR = "operator"
    """Runs the service for all tenants; sees no tenant's tickets through tenant routes."""
    ADMIN = "admin"
    """Administers one tenant."""
    AGENT = "agent"
    """Works on one tenant's tickets; a phone agent may serve several tenants, one at a time."""
    INTEGRATOR = "integrator"
    """A program acting for one tenant."""
    CONTACT = "contact"
    """A client's person."""
    SYSTEM = "system"
    """The service itself: timers, relay, channels."""


class Principal(Struct, frozen=True):
    """An authenticated actor within one tenant (``tenant_id`` is None only for operators and the service itself)."""

    role: Role
    actor: str
    """Stable name for the log and the audit: ``key:<id>``, ``system:timekeeper``, ``channel:email``."""
    tenant_id: UUID | None = None
    name: str = ""
    """As people know the actor: an agent's name to display, a key's name."""
    agent: str = ""
    """Of the tenant's agents the one whose key it is, as tickets are assigned to them; empty: nobody's."""

    def within(self, tenant_id: UUID) -> "Principal":
        """Return the same actor bound to ``tenant_id``."""
        return Principal(self.role, self.actor, tenant_id, self.name, self.agent)


def system(actor: str, tenant_id: UUID | None = None) -> Principal:
    """Return the service itself acting as ``actor``."""
    return Principal(Role.SYSTEM, f"system:{actor}", tenant_id)
