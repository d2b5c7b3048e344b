"""Letters by SMS as they are configured: whom they reach, what fits into one, and one try to send it."""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk.webcalls.call import WebCaller
from helpdesk_notifier_sms.config import Config
from helpdesk_notifier_sms.gateway import LARGEST_ANSWER
from helpdesk_notifier_sms.segments import segments

_USER_AGENT = "helpdesk-sms/0.1"
_TOO_MANY = 429
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.UNKNOWN})
"""Unknown: new ranges appear faster than tables of them. Landlines get none; premium numbers cost whoever sends."""


class SmsCarriage:
    """Sends SMS. At least once: after a lost answer the same letter is sent again, with the same id in it."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._caller = WebCaller(
            callee="the gateway",
            user_agent=_USER_AGENT,
            allow_loopback=config.allow_loopback,
            timeout_seconds=config.timeout_seconds,
        )

    def reaches(self, recipient: str, address: str) -> bool:
        """Say whether a gateway is named for callers of ``address``, and may send to ``recipient``."""
        route = self._config.routes.get(address)
        return route is not None and recipient.startswith(route.prefixes) and _is_mobile(recipient)

    def fits(self, text: str) -> bool:
        """Say whether a text takes no more SMS than are allowed."""
        return segments(text) <= self._config.most_segments

    async def send(self, message: Outbound) -> str:
        """Send one SMS; return the gateway's name and its id of the message.

        Raises:
            TemporaryFailure: the gateway is not named any more, not there, busy, or refuses for now.
            PermanentFailure: it can never go: the number, the text, or a refusal that stays one.
        """
        route = self._config.routes.get(message.sender)
        if route is None:
            raise TemporaryFailure(f"no gateway is named for callers of {message.sender}")
        if not self.reaches(message.recipient, message.sender):
            raise PermanentFailure("the number is none that SMS are sent to")
        if not message.text or not self.fits(message.text):
            raise PermanentFailure(f"the text is empty, or takes more than {self._config.most_segments} SMS")
        given = {
            "to": message.recipient,
            "digits": message.recipient.removeprefix("+"),
            "text": message.text,
            "id": message.id,
            "sender": route.sender,
            "secret": route.secret,
        }
        url, headers, body = route.gateway.request(given)
        method = route.gateway.method
        answer = await self._caller.call(method, url, headers, body, body_limit=LARGEST_ANSWER, well=_is_well)
        return f"{route.name}:{route.gateway.judge(answer, given)}"


def _is_well(status: int) -> bool:
    return status < 500 and status != _TOO_MANY


@lru_cache(maxsize=10_000)
def _is_mobile(number: str) -> bool:
    """Say whether a number in E.164 is one that may receive SMS."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_possible_number(parsed) and phonenumbers.number_type(parsed) in _MOBILE
