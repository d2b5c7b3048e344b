"""What the controllers work with, put together by bootstrap and reached through the application's state."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TypeVar

from msgspec import Struct

from helpdesk.api.auth import Authenticator, principal_of
from helpdesk.api.doors import AnyRequest
from helpdesk.api.metrics import Metrics
from helpdesk.api.readings import reading_of
from helpdesk.api.stockroom import Stockroom
from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.companies.confidential import record_reading
from helpdesk.desk.desk import Desk
from helpdesk.kernel.principal import Principal
from helpdesk.plugins.registry import Registry
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session

T = TypeVar("T")

Check = Callable[[], Awaitable[str | None]]
"""Says why the service is not ready, or None when nothing stands in the way."""

Standing = Callable[[], Mapping[str, float]]
"""Says for how many seconds which plugins' code has stood still, by the plugins' names."""


class Services(Struct, frozen=True):
    """Everything that the controllers need."""

    database: Database
    desk: Desk
    directory: Directory
    registry: Registry
    metrics: Metrics
    stockroom: Stockroom
    authenticator: Authenticator
    checks: Mapping[str, Check]
    """What `/ready` asks, by name."""
    standing: Standing = dict
    """Which plugins' code stands still."""


def services(request: AnyRequest) -> Services:
    """Return the application's services."""
    found = request.app.state["services"]
    assert isinstance(found, Services)
    return found


async def read(request: AnyRequest, work: Callable[[Session], T], *, within_seconds: float | None = None) -> T:
    """Run ``work`` in a read-only transaction as the caller, within the company the request is about.

    Raises:
        Malformed, NotFound, NotAllowed: the caller acts for no company here (see ``principal_of``).
        Unavailable: the database does not answer.
    """
    return await read_as(request, principal_of(request), work, within_seconds=within_seconds)


async def read_as(
    request: AnyRequest, principal: Principal, work: Callable[[Session], T], *, within_seconds: float | None = None
) -> T:
    """Do as ``read``, as ``principal``: the caller within one of its companies.

    Where the company is confidential, the reading is recorded before anything is shown.

    Raises:
        Unavailable: the database does not answer; nothing is shown.
    """
    database = services(request).database
    patience = {} if within_seconds is None else {"within_seconds": within_seconds}
    found = await database.read(principal, work, **patience)
    reading = reading_of(request, principal, found)
    if reading is not None:
        await database.write(principal, partial(record_reading, reading=reading))
    return found
