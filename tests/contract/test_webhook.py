"""The webhook notifier keeps what every notifier promises, against a real HTTP server."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import ClassVar

from tests.support.hooks import http_sink

from helpdesk.contracts.notifiers import NotificationSender, Notifier
from helpdesk.testing.notifiers import NotifierContract
from helpdesk_notifier_webhook.notifier import WebhookNotifier


class TestWebhook(NotifierContract):
    """Addresses on the public network; in these tests on this machine."""

    targets: ClassVar = {
        " HTTPS://Hooks.Example.COM:443/a?b=c#d ": "https://hooks.example.com/a?b=c",
        "https://пример.рф/а?б=%2F": "https://xn--e1afmkfd.xn--p1ai/%D0%B0?%D0%B1=%2F",
        "https://93.184.216.34:8443": "https://93.184.216.34:8443/",
        "http://127.0.0.1:8080/x": "http://127.0.0.1:8080/x",
    }
    no_targets = (
        "hooks.example.com",
        "ftp://hooks.example.com/",
        "https://",
        "https://a b/",
        "https://user@h.example/",
    )

    def notifier(self) -> Notifier:
        return WebhookNotifier(allow_loopback=True)

    def remote(self, behaviour: str) -> AbstractAsyncContextManager[tuple[NotificationSender, str, list[bytes]]]:
        @asynccontextmanager
        async def pair() -> AsyncIterator[tuple[NotificationSender, str, list[bytes]]]:
            async with http_sink({"busy": "503", "ended": "410"}.get(behaviour, behaviour)) as (url, taken):
                yield self.notifier().sender({}), url, taken

        return pair()
