"""What the service loads: the webhook notifier."""

import os

from helpdesk.contracts.hookspecs import hookimpl
from helpdesk.contracts.notifiers import Notifier
from helpdesk_notifier_webhook.notifier import WebhookNotifier, read


@hookimpl
def register_notifier() -> Notifier:
    """Add the notifier ``webhook``; whether targets may be on this machine the environment says."""
    return WebhookNotifier(allow_loopback=read(os.environ).yes("ALLOW_LOOPBACK"))
