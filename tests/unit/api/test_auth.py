"""Keys are recognised quickly and revoked within two seconds."""

import hashlib
from uuid import UUID

import pytest
from litestar.types import Receive, Scope, Send

from helpdesk.api.auth import Authenticator, acting, authenticated
from helpdesk.kernel.errors import NotAuthenticated
from helpdesk.kernel.ids import new_id
from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.credentials import Credential, Served

SECRET = b"hd_0123456789abcdef0123456789abcdef"


def credential(role: Role, *served: Served) -> Credential:
    return Credential(new_id(), role, "a key", 0, None, served)


class Keys:
    """A credential store in memory that counts how often it is asked, and the clock beside it."""

    def __init__(self) -> None:
        self.asked = 0
        self.now = 0.0
        self.caller: Credential | None = credential(Role.AGENT, Served(new_id(), "acme"))
        self.authenticator = Authenticator(self.find, clock=lambda: self.now)

    async def find(self, digest: bytes) -> Credential | None:
        self.asked += 1
        return self.caller if digest == hashlib.sha256(SECRET).digest() else None


@pytest.mark.anyio
async def test_a_key_is_looked_up_once_in_two_seconds() -> None:
    """The database is not asked for every request."""
    keys = Keys()
    for _ in range(10):
        assert keys.caller == await keys.authenticator.recognise(SECRET)
    assert keys.asked == 1
    keys.now = 2.1
    await keys.authenticator.recognise(SECRET)
    assert keys.asked == 2


@pytest.mark.anyio
async def test_a_revoked_key_dies_within_two_seconds_elsewhere_and_at_once_here() -> None:
    """Another instance notices when its memory ends; the one that revoked forgets at once."""
    keys = Keys()
    await keys.authenticator.recognise(SECRET)
    keys.caller = None
    await keys.authenticator.recognise(SECRET)
    keys.now = 2.1
    with pytest.raises(NotAuthenticated):
        await keys.authenticator.recognise(SECRET)
    keys.caller = credential(Role.ADMIN)
    await keys.authenticator.recognise(SECRET)
    keys.caller = None
    keys.authenticator.forget()
    with pytest.raises(NotAuthenticated):
        await keys.authenticator.recognise(SECRET)


@pytest.mark.anyio
async def test_a_key_revoked_during_the_look_up_is_not_remembered() -> None:
    """An answer that was on its way when a key was revoked is used once and forgotten."""
    keys = Keys()
    found = keys.caller

    async def slow(digest: bytes) -> Credential | None:
        keys.authenticator.forget()
        return found

    keys.authenticator = Authenticator(slow, clock=lambda: 0.0)
    await keys.authenticator.recognise(SECRET)
    assert not keys.authenticator._known


@pytest.mark.anyio
async def test_an_unknown_key_is_asked_for_every_time() -> None:
    """A key works the moment it is made."""
    keys = Keys()
    found, keys.caller = keys.caller, None
    with pytest.raises(NotAuthenticated):
        await keys.authenticator.recognise(SECRET)
    keys.caller = found
    assert found == await keys.authenticator.recognise(SECRET)


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/v1/tickets", "/v1", "//v1/tickets", "/v1/", "/v1/no/such"])
@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"authorization", b"Bearer")],
        [(b"authorization", b"Basic " + SECRET)],
        [(b"authorization", b"Bearer " + SECRET + b"x")],
        [(b"authorization", b"Bearer " + SECRET), (b"authorization", b"Bearer " + SECRET)],
    ],
)
async def test_nothing_under_v1_is_reached_without_a_key(path: str, headers: list[tuple[bytes, bytes]]) -> None:
    """However the path is written, whatever the header is."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise AssertionError("reached")

    scope = {"type": "http", "path": path, "headers": headers, "state": {}}
    with pytest.raises(NotAuthenticated):
        await authenticated(app, Keys().authenticator)(scope, None, None)  # type: ignore[arg-type]


def test_an_actor_is_named_by_its_key() -> None:
    """The log names the key's id, never its secret; its name goes along for the service's own log."""
    key, tenant = credential(Role.AGENT), UUID(int=7)
    assert acting(key, tenant) == Principal(Role.AGENT, f"key:{key.id}", tenant, name=key.name)
