"""One tree of errors; the class docstring is the default message.

::

    HelpdeskError
    ├── Invalid            the input is wrong; says where
    ├── NotAuthenticated   who is asking is not known
    ├── NotAllowed         who is asking may not do this
    ├── NotFound           there is no such thing for this principal
    ├── Conflict           the thing is in a state that forbids this
    │   ├── VersionConflict    somebody changed it first
    │   └── KeyReused          an idempotency key came back with another request
    ├── Refused            the regulation does not accept this; names the clause
    └── Unavailable        a dependency is down; try again later
"""

from typing import ClassVar
from uuid import UUID


class HelpdeskError(Exception):
    """The service could not do what was asked."""

    code: ClassVar[str] = "error"
    """Stable name of the kind, the last part of its problem type."""

    def __init__(self, detail: str | None = None) -> None:
        self.detail = detail or (type(self).__doc__ or "").strip()
        super().__init__(self.detail)


class Invalid(HelpdeskError):
    """The input is not valid."""

    code = "invalid"

    def __init__(
        self, detail: str | None = None, *, fields: dict[str, str] | None = None, clause: str | None = None
    ) -> None:
        super().__init__(detail)
        self.fields = fields or {}
        """What is wrong, by the field's path."""
        self.clause = clause or None
        """The clause of the regulation that demands more, where one does."""


class NotAuthenticated(HelpdeskError):
    """The request carries no valid credential."""

    code = "not-authenticated"


class NotAllowed(HelpdeskError):
    """The credential does not allow this."""

    code = "not-allowed"


class NotFound(HelpdeskError):
    """There is no such thing."""

    code = "not-found"


class Conflict(HelpdeskError):
    """The present state forbids this."""

    code = "conflict"

    def __init__(self, detail: str | None = None, *, clause: str | None = None, hint: str | None = None) -> None:
        super().__init__(detail)
        self.clause = clause or None
        """The clause of the regulation behind it, where there is one."""
        self.hint = hint
        self.current: int | None = None
        """The version that is stored now, of what was to be changed; None where nothing that has one was."""


class VersionConflict(Conflict):
    """The thing was changed by somebody else meanwhile."""

    code = "version-conflict"

    def __init__(self, detail: str | None = None, *, current: int | None = None) -> None:
        super().__init__(detail)
        self.current = current


class KeyReused(Conflict):
    """The idempotency key was used before with another request."""

    code = "idempotency-key-reused"


class Refused(HelpdeskError):
    """The regulation does not accept this."""

    code = "refused"

    def __init__(self, detail: str | None = None, *, clause: str, hint: str | None = None, ledger_id: UUID) -> None:
        super().__init__(detail)
        self.clause = clause
        self.hint = hint
        self.ledger_id = ledger_id


class Unavailable(HelpdeskError):
    """A dependency of the service is not available."""

    code = "unavailable"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 2) -> None:
        super().__init__(detail)
        self.retry_after_seconds = retry_after_seconds
