"""Letters by SMS keep what every carrier promises, against a real HTTP server."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from tests.support.hooks import http_sink

from helpdesk.contracts.carriers import Carriage, Carrier
from helpdesk.testing.carriers import CarrierContract
from helpdesk_notifier_sms.carrier import SmsCarrier

_FILE = """
[gateways.own]
url = "{url}"
fields = {{ to = "{{to}}", text = "{{text}}", client_id = "{{id}}" }}
success = {{ status = "ok" }}
message_id = "id"
error = ["code"]
never = ["no_such_number"]

[[lines]]
numbers = ["+74950000012"]
gateway = "own"
"""
_SAYS = {"takes": b'{"status": "ok", "id": 7}', "refuses": b'{"status": "no", "code": "no_such_number"}'}


class TestSms(CarrierContract):
    """Mobile numbers of our own number's country."""

    ours = "+74950000012"
    reached: ClassVar = ("+79160000001", "+77010000001")
    not_reached: ClassVar = (
        "+74953242442",
        "+78090000001",
        "+78001234567",
        "+12025550123",
        "+7",
        "anonymous",
        "79160000001",
    )

    def carrier(self) -> Carrier:
        return SmsCarrier()

    @pytest.fixture(autouse=True)
    def _beside(self, tmp_path: Path) -> None:
        self._path = tmp_path / "sms.toml"

    def settings(self, url: str = "http://127.0.0.1:9/") -> Mapping[str, Any]:
        self._path.write_text(_FILE.format(url=url), encoding="utf-8")
        return {"HELPDESK_SMS_FILE": str(self._path), "HELPDESK_SMS_ALLOW_LOOPBACK": "yes"}

    def remote(self, behaviour: str) -> AbstractAsyncContextManager[tuple[Carriage, list[bytes]]]:
        @asynccontextmanager
        async def pair() -> AsyncIterator[tuple[Carriage, list[bytes]]]:
            does = {"busy": "503", "takes": "200", "refuses": "200"}.get(behaviour, behaviour)
            async with http_sink(does, body=_SAYS.get(behaviour, b"")) as (url, taken):
                carriage = self.carrier().carriage(self.settings(url))
                assert carriage is not None
                yield carriage, taken

        return pair()
