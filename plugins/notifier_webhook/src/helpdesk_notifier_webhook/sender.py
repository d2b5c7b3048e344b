"""One try: signed, called with the guard that all plugins share, and what the answer means."""

from datetime import UTC, datetime

from standardwebhooks import Webhook

from helpdesk.contracts.channels import TemporaryFailure
from helpdesk.contracts.notifiers import Notification, TargetGone
from helpdesk.webcalls.call import WebCaller

_USER_AGENT = "helpdesk-webhook/0.1"
_GONE = 410


class WebhookSender:
    """Sends events to targets. At least once: after a lost answer the same event is sent again, under the same id."""

    def __init__(self, *, allow_loopback: bool, timeout_seconds: int) -> None:
        self.caller = WebCaller(
            callee="the target",
            user_agent=_USER_AGENT,
            allow_loopback=allow_loopback,
            timeout_seconds=timeout_seconds,
        )

    async def send(self, notification: Notification) -> str:
        """Send one event; return the status that the target answered. Its body is nobody's business.

        Raises:
            TemporaryFailure: anything but yes: no answer, another status, an address that is not public.
            PermanentFailure: the target cannot be one.
            TargetGone: 410.
        """
        headers = {"content-type": "application/json", **_signed(notification)}
        answer = await self.caller.call("POST", notification.target, headers, notification.body, well=_is_well)
        if answer.is_success:
            return str(answer.status)
        if answer.status == _GONE:
            raise TargetGone("410: the target wants nothing any more")
        raise TemporaryFailure(f"answered {answer.status}", retry_after_seconds=answer.retry_after_seconds)


def _is_well(status: int) -> bool:
    return 200 <= status < 300 or status == _GONE


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
