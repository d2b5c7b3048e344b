"""What the service loads: the web channel."""

from helpdesk.contracts.channels import Channel
from helpdesk.contracts.hookspecs import hookimpl
from helpdesk_channel_web.channel import WebChannel


@hookimpl
def register_channel() -> Channel:
    """Add the channel ``web``."""
    return WebChannel()
