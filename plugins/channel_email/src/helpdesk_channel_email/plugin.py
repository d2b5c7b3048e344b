"""What the service loads: the email channel."""

from helpdesk.contracts.channels import Channel
from helpdesk.contracts.hookspecs import hookimpl
from helpdesk_channel_email.channel import EmailChannel


@hookimpl
def register_channel() -> Channel:
    """Add the channel ``email``."""
    return EmailChannel()
