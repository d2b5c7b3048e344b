"""Problems (RFC 9457): one kind for every error, one place that renders them.

``docs/reference/problems.md`` documents each kind; a test holds the two together.
"""

from collections.abc import Mapping
from uuid import UUID

import msgspec
from litestar.exceptions import HTTPException
from msgspec import Struct

from helpdesk.kernel import errors
from helpdesk.queries.paging import BadCursor

MEDIA_TYPE = "application/problem+json"
URN = "urn:helpdesk:problem:"


class Malformed(errors.HelpdeskError):
    """The request cannot be read as what this route takes."""

    code = "malformed"

    def __init__(self, detail: str | None = None, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.fields = fields or {}


class VersionNeeded(errors.HelpdeskError):
    """This replaces what is there: `If-Match` must name the version that was seen."""

    code = "version-needed"


class TooSlow(errors.HelpdeskError):
    """The request's body did not arrive in time."""

    code = "too-slow"


class TooLarge(errors.HelpdeskError):
    """The request's body is larger than the service takes."""

    code = "too-large"


class NotJson(errors.HelpdeskError):
    """The body must be JSON in UTF-8, sent as application/json."""

    code = "not-json"


class Overloaded(errors.HelpdeskError):
    """The service has as much to do as it can; try again later."""

    code = "overloaded"


class TooMany(errors.HelpdeskError):
    """This key has as many requests under way as one key may have; try again later."""

    code = "too-many-requests"


class Kind(Struct, frozen=True):
    """One kind of problem. ``opaque``: the detail is always the title, so that it tells nothing."""

    code: str
    status: int
    title: str
    opaque: bool = False

    @property
    def type(self) -> str:
        """The problem's type as RFC 9457 has it."""
        return URN + self.code


class FieldError(Struct, frozen=True, forbid_unknown_fields=True):
    """What is wrong at one place of the request; ``path`` is e.g. ``summary``, ``query.limit``, ``header.If-Match``."""

    path: str
    message: str


class Problem(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """An answer that is not what was asked for (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: tuple[FieldError, ...] = ()
    """For wrong input: every place found wrong."""
    clause: str | None = None
    """For a refusal, and for what the regulation demands or forbids: the clause of the company's regulation."""
    hint: str | None = None
    """What can be done instead."""
    ledger_id: UUID | None = None
    """For a refusal: the entry that records it."""
    current_version: int | None = None
    """For a conflict over something that has a version: the version stored now."""
    incident: UUID | None = None
    """For an unexpected failure: what to quote when asking; the log holds the rest."""


UNEXPECTED = Kind("unexpected", 500, "Something went wrong on our side", opaque=True)

_BY_ERROR: dict[type[errors.HelpdeskError], Kind] = {
    Malformed: Kind("malformed", 400, "The request cannot be read"),
    BadCursor: Kind("bad-cursor", 400, "The cursor is not one of this list", opaque=True),
    errors.NotAuthenticated: Kind("not-authenticated", 401, "A valid API key is needed", opaque=True),
    errors.NotAllowed: Kind("not-allowed", 403, "This key may not do this"),
    errors.NotFound: Kind("not-found", 404, "There is no such thing", opaque=True),
    TooSlow: Kind("too-slow", 408, "The request did not arrive in time", opaque=True),
    errors.VersionConflict: Kind("version-conflict", 409, "Somebody changed it first"),
    errors.KeyReused: Kind("idempotency-key-reused", 422, "The key was used with another request"),
    errors.Conflict: Kind("conflict", 409, "The present state forbids this"),
    TooLarge: Kind("too-large", 413, "The request is too large"),
    NotJson: Kind("not-json", 415, "The body must be JSON"),
    VersionNeeded: Kind("version-needed", 428, "The version that is replaced must be named"),
    errors.Invalid: Kind("invalid", 422, "The input is not valid"),
    errors.Refused: Kind("refused", 422, "The regulation does not accept this"),
    errors.Unavailable: Kind("unavailable", 503, "Not available now", opaque=True),
    Overloaded: Kind("overloaded", 503, "Too much to do now", opaque=True),
    TooMany: Kind("too-many-requests", 429, "Too many requests of this key", opaque=True),
}

PRECONDITION_FAILED = Kind("precondition-failed", 412, "The version stored is another")
METHOD_NOT_ALLOWED = Kind("method-not-allowed", 405, "This path has no such method", opaque=True)

KINDS: tuple[Kind, ...] = (*_BY_ERROR.values(), PRECONDITION_FAILED, METHOD_NOT_ALLOWED, UNEXPECTED)
"""Every kind of problem the service can answer with."""

_BY_HTTP_STATUS: dict[int, Kind] = {
    400: _BY_ERROR[Malformed],
    401: _BY_ERROR[errors.NotAuthenticated],
    403: _BY_ERROR[errors.NotAllowed],
    404: _BY_ERROR[errors.NotFound],
    405: METHOD_NOT_ALLOWED,
    413: _BY_ERROR[TooLarge],
    415: _BY_ERROR[NotJson],
}

Headers = Mapping[str, str]


def describe(error: Exception, *, if_match: bool = False) -> tuple[Problem, Headers]:
    """Return the problem that ``error`` is, with the headers it needs.

    Args:
        error: One of the kernel's errors, this module's, or Litestar's.
        if_match: The request named the version it expects; a version conflict is then a failed precondition.
    """
    if isinstance(error, errors.HelpdeskError):
        return _of_ours(error, if_match=if_match)
    if isinstance(error, HTTPException) and error.status_code in _BY_HTTP_STATUS:
        kind = _BY_HTTP_STATUS[error.status_code]
        return _problem(kind, "" if kind.status >= 404 else error.detail), dict(error.headers or {})
    return unexpected(None)


def unexpected(incident: UUID | None) -> tuple[Problem, Headers]:
    """Return the problem of a failure nobody foresaw; it tells nothing but where to look."""
    problem = Problem(UNEXPECTED.type, UNEXPECTED.title, UNEXPECTED.status, UNEXPECTED.title, incident=incident)
    return problem, {}


def _of_ours(error: errors.HelpdeskError, *, if_match: bool) -> tuple[Problem, Headers]:
    kind = _kind_of(type(error))
    match error:
        case errors.Refused():
            return _problem(kind, error.detail, clause=error.clause, hint=error.hint, ledger_id=error.ledger_id), {}
        case Malformed():
            return _problem(kind, error.detail, places=_field_errors(error.fields)), {}
        case errors.Invalid():
            return _problem(kind, error.detail, places=_field_errors(error.fields), clause=error.clause), {}
        case errors.VersionConflict():
            kind = PRECONDITION_FAILED if if_match else kind
            return _problem(kind, error.detail, current_version=error.current), {}
        case errors.Conflict():
            clause, hint, current = error.clause, error.hint, error.current
            return _problem(kind, error.detail, clause=clause, hint=hint, current_version=current), {}
        case errors.Unavailable():
            return _problem(kind, ""), {"retry-after": str(error.retry_after_seconds)}
        case Overloaded() | TooMany():
            return _problem(kind, ""), {"retry-after": "1"}
        case errors.NotAuthenticated():
            return _problem(kind, ""), {"www-authenticate": "Bearer"}
        case TooSlow() | TooLarge():
            return _problem(kind, error.detail), {"connection": "close"}
        case _:
            return _problem(kind, error.detail), {}


def _kind_of(error: type[errors.HelpdeskError]) -> Kind:
    for ancestor in error.__mro__:
        if ancestor in _BY_ERROR:
            return _BY_ERROR[ancestor]
    return UNEXPECTED


def _problem(
    kind: Kind,
    detail: str,
    *,
    places: tuple[FieldError, ...] = (),
    clause: str | None = None,
    hint: str | None = None,
    ledger_id: UUID | None = None,
    current_version: int | None = None,
) -> Problem:
    shown = kind.title if kind.opaque or not detail else detail
    return Problem(
        kind.type, kind.title, kind.status, shown, places, clause, hint, ledger_id, current_version=current_version
    )


def _field_errors(fields: dict[str, str]) -> tuple[FieldError, ...]:
    return tuple(FieldError(path, message) for path, message in fields.items())


def encode(problem: Problem) -> bytes:
    """Return ``problem`` as JSON."""
    return msgspec.json.encode(problem)
