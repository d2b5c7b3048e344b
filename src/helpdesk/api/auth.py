"""Who is asking: an API key becomes a credential, and a credential acting for one company becomes a principal."""

import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from uuid import UUID

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from helpdesk.api.doors import AnyRequest
from helpdesk.api.problems import Malformed
from helpdesk.kernel.errors import NotAllowed, NotAuthenticated, NotFound
from helpdesk.kernel.principal import Principal
from helpdesk.store.credentials import NOBODY, Credential, Credentials, hash_secret
from helpdesk.store.engine.database import Database

TENANT_HEADER = "Helpdesk-Tenant"

_PROTECTED = re.compile(r"^/+v1(/|$)")
_BEARER = re.compile(rb"^[Bb]earer +([!-~]{16,200})$")
_CACHED_SECONDS = 2.0
_CACHE_SIZE = 10_000


FindCredential = Callable[[bytes], Awaitable[Credential | None]]
"""Gives the key whose secret has this SHA-256, None where it is unknown or revoked."""


def finder(database: Database) -> FindCredential:
    """Return what finds keys in ``database``, asking as nobody: it is shown the presented key and no other."""

    async def find(secret_hash: bytes) -> Credential | None:
        return await database.read(NOBODY, lambda session: Credentials(session).find(secret_hash))

    return find


class Authenticator:
    """Recognises keys, remembering each for two seconds: a revoked key is dead everywhere within that time.

    Unknown keys are not remembered, so a new key works at once.
    """

    def __init__(self, find: FindCredential, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._find = find
        self._clock = clock
        self._known: OrderedDict[bytes, tuple[float, Credential]] = OrderedDict()
        self._generation = 0

    async def recognise(self, secret: bytes) -> Credential:
        """Return the caller whose key is ``secret``.

        Raises:
            NotAuthenticated: there is none.
        """
        digest = hash_secret(secret)
        remembered = self._known.get(digest)
        if remembered is not None and remembered[0] > self._clock():
            return remembered[1]
        generation, asked_at = self._generation, self._clock()
        caller = await self._find(digest)
        if caller is None:
            self._known.pop(digest, None)
            raise NotAuthenticated
        if generation == self._generation:  # else something was revoked while we asked
            self._known[digest] = (asked_at + _CACHED_SECONDS, caller)
            self._known.move_to_end(digest)
            while len(self._known) > _CACHE_SIZE:
                self._known.popitem(last=False)
        return caller

    def forget(self) -> None:
        """Forget every key, because one was revoked here: the next request of each asks the database."""
        self._generation += 1
        self._known.clear()


def authenticated(app: ASGIApp, authenticator: Authenticator) -> ASGIApp:
    """Wrap ``app``: nothing under ``/v1`` is reached without a valid key; the caller is put into the scope's state."""

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and _PROTECTED.match(scope["path"]):
            scope.setdefault("state", {})["caller"] = await authenticator.recognise(_secret(scope))
        await app(scope, receive, send)

    return call


def _secret(scope: HTTPScope) -> bytes:
    given = [value for name, value in scope["headers"] if name == b"authorization"]
    match = _BEARER.match(given[0]) if len(given) == 1 else None
    if match is None:
        raise NotAuthenticated
    return match[1]


def caller_of(request: AnyRequest) -> Credential:
    """Return the key that is asking.

    Raises:
        NotAuthenticated: nobody was recognised.
    """
    caller = request.scope["state"].get("caller")
    if not isinstance(caller, Credential):
        raise NotAuthenticated
    return caller


def acting(caller: Credential, tenant_id: UUID | None) -> Principal:
    """Return the principal that the key is within one company, or (an operator's) outside of all."""
    served = next((each for each in caller.tenants if each.id == tenant_id), None)
    if served is None or not served.agent:
        return Principal(caller.role, f"key:{caller.id}", tenant_id, caller.name)
    return Principal(caller.role, f"key:{caller.id}", tenant_id, served.display_name, served.agent)


def principal_of(request: AnyRequest) -> Principal:
    """Return the caller as it acts for the company the request is about: its only one, or the one the header names.

    Raises:
        NotFound: the header names a company that the key does not serve, existing or not.
        Malformed: the key serves several companies and the header names none.
        NotAllowed: the key serves none.
    """
    caller = caller_of(request)
    named = request.headers.getall(TENANT_HEADER, [])
    if len(named) > 1:
        raise Malformed("The company is named twice.", fields={f"header.{TENANT_HEADER}": "comes twice"})
    if named:
        for served in caller.tenants:
            if served.slug == named[0]:
                return acting(caller, served.id)
        raise NotFound
    if not caller.tenants:
        raise NotAllowed("This key serves no company.")
    if len(caller.tenants) > 1:
        raise Malformed("This key serves several companies.", fields={f"header.{TENANT_HEADER}": "must name one"})
    return acting(caller, caller.tenants[0].id)
