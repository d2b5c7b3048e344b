"""One full service in this process, whose clock stands until somebody moves it, with the five companies in it.

Real are its doors, its NATS server, its workers and its database file; only the database's clock is the test's. So an
instant can be computed by hand and compared to the microsecond, and nothing waits for time to pass.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar
from unittest.mock import patch

from sqlalchemy import func, make_url, select
from tests.integration.desk.companies import COMPANIES, POLICIES
from tests.support.due import due_before
from tests.support.hooks import http_sink
from tests.support.still import OPERATOR, StillDatabase, move_to
from tests.support.telegram import FakeTelegram

from helpdesk.bootstrap import parts as bootstrap
from helpdesk.bootstrap.service import _start
from helpdesk.demo.service import free_port
from helpdesk.demo.sink import Sink
from helpdesk.desk.companies.onboarding import OtherAddress, prepare, take_on
from helpdesk.kernel.instants import from_datetime
from helpdesk.kernel.principal import Role, system
from helpdesk.plugins.registry import build_registry
from helpdesk.regulation.loading.loader import load_package
from helpdesk.settings import read as read_settings
from helpdesk.store.credentials import Credentials
from helpdesk.store.engine.session import Session
from helpdesk.store.migrations import upgrade
from helpdesk.store.schema import outbox

T = TypeVar("T")

ALERTS = "head@desk.example"
OWED = ("open", "published", "sending")
PATIENCE_SECONDS = 20.0
PHONES = {
    "telemedhelp": "+74950000099",  # reached there, though its regulation knows no calls
    "specpromdesign": "+74950000011",
    "intervale": "+74950000012",
    "siroca": "+996755979805",
    "pass24": "+74953242442",
}

BOTS = {
    "siroca": ("@siroca_technology_bot", "100001:canary-of-siroca-xxxxxxxxxxxxxxxx"),
    "specpromdesign": ("@specpromdesign_example_bot", "100002:canary-of-specpromdesign-xxxxxxxx"),
    "telemedhelp": ("@telemed_example_bot", "100003:canary-of-telemedhelp-xxxxxxxxxxx"),  # no official channel of it
}
"""Each company's bot and its token."""
_SMS = """
[gateways.main]
url = "{url}"
encode = "json"
fields = {{ to = "{{to}}", from = "{{sender}}", text = "{{text}}", id = "{{id}}", key = "{{secret}}" }}
[[lines]]
numbers = ["{ours}"]
gateway = "main"
sender = "INTERVALE"
"""
"""Whose callers get an SMS: Intervale's."""

SITES = {"intervale": "helpdesk.intervale.ru", "pass24": "b24-6s4knr.bitrix24.site", "siroca": "www.siroca.com"}
"""The sites whose forms, accounts and chats the regulations name."""
SIGNING = {site: f"canary-of-{site}-xxxxxxxxxxxxxxxxxxxx" for site in SITES.values()}
"""What each signs its users' tokens with."""


class House:
    """The service, run in a thread of its own, with the five companies in it; ``plugins`` are there besides ours."""

    def __init__(self, folder: Path, plugins: Mapping[str, object] | None = None) -> None:
        self.folder = folder
        self._plugins = plugins or {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="service")
        self._thread.start()
        self._running = contextlib.AsyncExitStack()
        self.sink = Sink()
        self._run(self.sink.start())
        self.telegram = FakeTelegram()
        for name, token in BOTS.values():
            self.telegram.add_bot(name.removeprefix("@"), token)
        self._run(self._running.enter_async_context(self.telegram.serving()))
        self.smtp_port, self.web_port = free_port(), free_port()
        url, self.sms = self._run(self._running.enter_async_context(http_sink()))
        (folder / "sms.toml").write_text(_SMS.format(url=url, ours=PHONES["intervale"]), encoding="utf-8")
        path = folder / "helpdesk.sqlite3"
        upgrade(f"sqlite:///{path}")
        self.database = StillDatabase(make_url(f"sqlite:///{path}"))
        settings = read_settings(
            {
                "HELPDESK_DATA_DIR": str(folder),
                "HELPDESK_HTTP_PORT": "0",
                "HELPDESK_EMAIL_LISTEN": f"127.0.0.1:{self.smtp_port}",
                "HELPDESK_EMAIL_SMTP_URL": f"smtp://127.0.0.1:{self.sink.port}",
                "HELPDESK_EMAIL_AUTHSERV_ID": "mx.desk.example",
                "HELPDESK_EMAIL_PARSERS": "1",
                "HELPDESK_TELEGRAM_BOTS": " ".join(f"{name}={token}" for name, token in BOTS.values()),
                "HELPDESK_TELEGRAM_API_URL": self.telegram.url,
                "HELPDESK_WEB_SITES": " ".join(SITES.values()),
                "HELPDESK_WEB_USERS": " ".join(f"{site}={secret}" for site, secret in SIGNING.items()),
                "HELPDESK_WEB_COPIES": SITES["intervale"],
                "HELPDESK_WEB_SECRET": "canary-of-the-forms-xxxxxxxxxxxxxxxxxxxx",
                "HELPDESK_WEB_LISTEN": f"127.0.0.1:{self.web_port}",
                "HELPDESK_WEB_FORM_SECONDS": "0",
                "HELPDESK_SMS_FILE": str(folder / "sms.toml"),
                "HELPDESK_SMS_SECRETS": "main=canary-of-sms-xxxxxxxx",
                "HELPDESK_SMS_ALLOW_LOOPBACK": "yes",
                "HELPDESK_DRAIN_SECONDS": "2",
            }
        )
        self.parts = self._run(self._build(settings))
        self.keys = {name: self.database.write_now(OPERATOR, lambda s, n=name: _settle_in(s, n)) for name in COMPANIES}  # type: ignore[misc]
        self._run(_start(self.parts, self._running))
        assert self.parts.api is not None
        self.url = f"http://127.0.0.1:{self.parts.api.port}"

    async def _build(self, settings: Any) -> bootstrap.Parts:
        """Build the service's parts over the database whose clock stands."""
        with (
            patch.object(bootstrap, "open_store", lambda _: self.database),
            patch.object(bootstrap, "load_plugins", lambda _: build_registry((POLICIES,), objects=self._plugins)),
        ):
            return bootstrap.Parts(settings)

    def stop(self) -> None:
        """Stop all of it."""
        self._run(self._running.aclose())
        self._run(self.sink.stop())
        self.database.close()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def move_to(self, moment: datetime) -> None:
        """Let it be ``moment``, and everything that is due by then happen."""
        move_to(self.database, from_datetime(moment))
        self._loop.call_soon_threadsafe(self.parts._wake)
        self.settle()

    def soon(self, work: Callable[[], T]) -> T:
        """Do ``work`` on the service's loop; return what it returns."""

        async def there() -> T:
            return work()

        return asyncio.run_coroutine_threadsafe(there(), self._loop).result(60)

    def settle(self) -> None:
        """Wait until no timer is due and nothing is owed to the outside."""
        limit = time.monotonic() + PATIENCE_SECONDS
        while left := self.database.read_now(system("test"), _left):
            assert time.monotonic() < limit, f"still to do: {left}"
            time.sleep(0.01)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)


def _left(session: Session) -> int:
    owed = session.connection.execute(
        select(func.count()).select_from(outbox).where(outbox.c.state.in_(OWED))
    ).scalar_one()
    return int(owed) + len(due_before(session, session.now + 1, 10))


def _settle_in(session: Session, name: str) -> dict[str, str]:
    """Take on a company; return the secrets of its keys by role."""
    package = load_package(POLICIES / name)
    parameters = dict(package.example)
    if name == "pass24":
        parameters["minimum_versions"] = {"app": "2.0"}
    unofficial = [OtherAddress("phone", PHONES[name]), OtherAddress("telegram", BOTS["telemedhelp"][0])]
    others = unofficial if name == "telemedhelp" else []
    tenant = take_on(session, prepare(package, {}, parameters=parameters, alert_address=ALERTS, others=others))
    keys = Credentials(session)
    roles = (Role.ADMIN, Role.AGENT)
    return {str(role): keys.create(role, f"{name} {role}", [tenant.id]).secret for role in roles}
