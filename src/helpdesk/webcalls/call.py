"""One guarded HTTP call, for plugins that call addresses which somebody else chose.

The name is resolved once, every address checked, the connection made to the one that was checked. No redirect is
followed, no proxy asked, no cookie kept, no connection used twice; what is raised names no address.
"""

import asyncio
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
from msgspec import Struct

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.webcalls.addresses import Address, is_public, normalise
from helpdesk.webcalls.breakers import Breakers, Busy

_WORD_LIMIT = 200
_TRANSPORT = (httpx2.HTTPError, httpx2.StreamError, OSError)

# They would log the whole address, which may hold a secret.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class Answer(Struct, frozen=True):
    """What the other side said."""

    status: int
    retry_after_seconds: float
    """For how long it wants to be left alone (RFC 9110, 10.2.3); 0 where it does not say."""
    body: bytes
    """Its first bytes, as many as were asked for."""

    @property
    def is_success(self) -> bool:
        """Whether the status is one of yes."""
        return 200 <= self.status < 300


class WebCaller:
    """Makes calls, with slots and a breaker for each host. Of one event loop. ``callee`` is what errors call it."""

    def __init__(self, *, callee: str, user_agent: str, allow_loopback: bool, timeout_seconds: int) -> None:
        self.tls = ssl.create_default_context()
        """Whose certificates are believed."""
        self._callee = callee
        self._user_agent = user_agent
        self._allow_loopback = allow_loopback
        self._timeout_seconds = timeout_seconds
        self._breakers = Breakers()

    async def call(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes = b"",
        *,
        body_limit: int = 0,
        well: Callable[[int], bool],
    ) -> Answer:
        """Call once; return the answer with at most ``body_limit`` bytes of its body.

        ``well`` says of a status whether the host is well: of others the breaker counts.

        Raises:
            TemporaryFailure: there is no answer, it is a redirect, or the host is left alone for now.
            PermanentFailure: the address cannot be one.
        """
        try:
            target = normalise(url, allow_loopback=self._allow_loopback)
        except ValueError as problem:
            raise PermanentFailure(f"{self._callee} {problem}") from None
        host = urlsplit(target).netloc
        try:
            await self._breakers.enter(host)
        except Busy as busy:
            raise TemporaryFailure(f"{self._callee} {busy}", retry_after_seconds=busy.seconds) from None
        is_well = False
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._call(method, target, headers, content, body_limit)
            is_well = well(answer.status)
        except TimeoutError:
            raise TemporaryFailure(f"no answer within {self._timeout_seconds} s") from None
        except _TRANSPORT as error:
            raise TemporaryFailure(_describe(error)) from None
        finally:
            self._breakers.leave(host, well=is_well)
        if 300 <= answer.status < 400:
            raise TemporaryFailure(f"{answer.status}: redirects are not followed")
        return answer

    async def _call(self, method: str, url: str, headers: Mapping[str, str], content: bytes, body_limit: int) -> Answer:
        """Connect to an address of the host that was checked, and to no other."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._resolved(parts.hostname, port)
        literal = f"[{address}]" if address.version == 6 else str(address)
        request = httpx2.Request(
            method,
            httpx2.URL(f"{parts.scheme}://{literal}:{port}").copy_with(
                raw_path=(parts.path + (f"?{parts.query}" if parts.query else "")).encode()
            ),
            headers={**headers, "host": parts.netloc, "user-agent": self._user_agent},
            content=content,
            extensions={
                "sni_hostname": parts.hostname,
                "timeout": httpx2.Timeout(self._timeout_seconds).as_dict(),
            },
        )
        body = bytearray()
        # One connection for one request: reused by its address, it could have been checked for another name.
        async with httpx2.AsyncHTTPTransport(verify=self.tls, trust_env=False, retries=0) as transport:
            response = await transport.handle_async_request(request)
            try:
                if body_limit:
                    async for block in response.aiter_raw():
                        body += block
                        if len(body) >= body_limit:
                            break
            finally:
                await response.aclose()
        pause = _retry_after(response.headers.get("retry-after", ""))
        return Answer(response.status_code, pause, bytes(body[:body_limit]))

    async def _resolved(self, host: str, port: int) -> Address:
        """Return an address of ``host``.

        Raises:
            TemporaryFailure: it has none, or one of them is not public.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise TemporaryFailure(f"{self._callee}'s name has no address") from None
        addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
        if not addresses:
            raise TemporaryFailure(f"{self._callee}'s name has no address")
        for address in addresses:
            if not is_public(address) and not (self._allow_loopback and address.is_loopback):
                raise TemporaryFailure(f"{self._callee}'s name leads to an address that is not public")
        return addresses[0]


def _retry_after(value: str) -> float:
    if value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0


def _describe(error: Exception) -> str:
    """Return what went wrong on the way, without the address."""
    return " ".join(f"{type(error).__name__} {error}".split())[:_WORD_LIMIT]
