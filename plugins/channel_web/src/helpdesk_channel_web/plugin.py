"""What the service loads: forms and accounts, and the chats beside them."""

from helpdesk.contracts.channels import Channel
from helpdesk.contracts.hookspecs import hookimpl
from helpdesk_channel_web.channel import ChatChannel, WebChannel


@hookimpl
def register_channel() -> Channel:
    """Add the channel ``web``."""
    return WebChannel()


@hookimpl(specname="register_channel")
def register_chat() -> Channel:
    """Add the channel ``chat``."""
    return ChatChannel()
