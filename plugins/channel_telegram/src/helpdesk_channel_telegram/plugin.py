"""What the service loads: the Telegram channel."""

from helpdesk.contracts.channels import Channel
from helpdesk.contracts.hookspecs import hookimpl
from helpdesk_channel_telegram.channel import TelegramChannel


@hookimpl
def register_channel() -> Channel:
    """Add the channel ``telegram``."""
    return TelegramChannel()
