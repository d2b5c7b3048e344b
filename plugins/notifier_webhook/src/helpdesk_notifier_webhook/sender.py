"""One try: the target's name resolved once, every address checked, the connection made to the one that was checked."""

import asyncio
import ipaddress
import logging
import socket
import ssl
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx2
from standardwebhooks import Webhook

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.notifiers import Notification, TargetGone
from helpdesk_notifier_webhook.addresses import Address, is_public, normalise
from helpdesk_notifier_webhook.breaker import Breakers, Busy

_WORD_LIMIT = 200
_USER_AGENT = "helpdesk-webhook/0.1"
_TRANSPORT = (httpx2.HTTPError, httpx2.StreamError, OSError)

# They would log the whole address, whose path may be a secret of the target's.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class WebhookSender:
    """Sends events to targets. At least once: after a lost answer the same event is sent again, under the same id."""

    def __init__(self, *, allow_loopback: bool, timeout_seconds: int) -> None:
        self._allow_loopback = allow_loopback
        self._timeout_seconds = timeout_seconds
        self._tls = ssl.create_default_context()
        self._breakers = Breakers()

    async def send(self, notification: Notification) -> str:
        """Send one event; return the status that the target answered.

        Raises:
            TemporaryFailure: anything but yes: no answer, another status, an address that is not public.
            PermanentFailure: the target cannot be one.
            TargetGone: 410.
        """
        try:
            url = normalise(notification.target, allow_loopback=self._allow_loopback)
        except ValueError as problem:
            raise PermanentFailure(f"the target {problem}") from None
        host = urlsplit(url).netloc
        try:
            await self._breakers.enter(host)
        except Busy as busy:
            raise TemporaryFailure(f"the target {busy}", retry_after_seconds=busy.seconds) from None
        well = False
        try:
            async with asyncio.timeout(self._timeout_seconds):
                answer = await self._post(url, notification)
            well = answer.is_success or answer.status_code == httpx2.codes.GONE
        except TimeoutError:
            raise TemporaryFailure(f"no answer within {self._timeout_seconds} s") from None
        except _TRANSPORT as error:
            raise TemporaryFailure(_describe(error)) from None
        finally:
            self._breakers.leave(host, well=well)
        return _judged(answer)

    async def _post(self, url: str, notification: Notification) -> httpx2.Response:
        """Connect to an address of the target that was checked, and to no other; return status and headers."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        port = parts.port or (443 if parts.scheme == "https" else 80)
        address = await self._resolved(parts.hostname, port)
        literal = f"[{address}]" if address.version == 6 else str(address)
        request = httpx2.Request(
            "POST",
            httpx2.URL(f"{parts.scheme}://{literal}:{port}").copy_with(
                raw_path=(parts.path + (f"?{parts.query}" if parts.query else "")).encode()
            ),
            headers={
                "host": parts.netloc,
                "content-type": "application/json",
                "user-agent": _USER_AGENT,
                **_signed(notification),
            },
            content=notification.body,
            extensions={
                "sni_hostname": parts.hostname,
                "timeout": httpx2.Timeout(self._timeout_seconds).as_dict(),
            },
        )
        # One connection for one request: reused by its address, it could have been checked for another name.
        async with httpx2.AsyncHTTPTransport(verify=self._tls, trust_env=False, retries=0) as transport:
            response = await transport.handle_async_request(request)
            await response.aclose()  # its body is nobody's business
        return response

    async def _resolved(self, host: str, port: int) -> Address:
        """Return an address of ``host``.

        Raises:
            TemporaryFailure: it has none, or one of them is not public.
        """
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise TemporaryFailure("the target's name has no address") from None
        addresses = [ipaddress.ip_address(str(sockaddr[0]).partition("%")[0]) for *_, sockaddr in found]
        if not addresses:
            raise TemporaryFailure("the target's name has no address")
        for address in addresses:
            if not is_public(address) and not (self._allow_loopback and address.is_loopback):
                raise TemporaryFailure("the target's name leads to an address that is not public")
        return addresses[0]


def _signed(notification: Notification) -> dict[str, str]:
    """Return the headers of Standard Webhooks: one signature by each secret."""
    now = datetime.now(UTC)
    text = notification.body.decode()
    signatures = [Webhook(secret).sign(notification.id, now, text) for secret in notification.secrets]
    return {
        "webhook-id": notification.id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _judged(answer: httpx2.Response) -> str:
    status = answer.status_code
    if answer.is_success:
        return str(status)
    if status == httpx2.codes.GONE:
        raise TargetGone("410: the target wants nothing any more")
    if answer.is_redirect:
        raise TemporaryFailure(f"{status}: redirects are not followed")
    raise TemporaryFailure(
        f"answered {status}", retry_after_seconds=_retry_after(answer.headers.get("retry-after", ""))
    )


def _retry_after(value: str) -> float:
    """Return for how many seconds the target wants to be left alone (RFC 9110, 10.2.3); 0 where it does not say."""
    if value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, TypeError):
        return 0.0


def _describe(error: Exception) -> str:
    """Return what went wrong on the way, without the address."""
    return " ".join(f"{type(error).__name__} {error}".split())[:_WORD_LIMIT]
