"""What the service loads: the phone channel."""

import os

from helpdesk.contracts.channels import Channel
from helpdesk.contracts.hookspecs import hookimpl
from helpdesk_channel_phone.channel import REGION_SETTING, PhoneChannel


@hookimpl
def register_channel() -> Channel:
    """Add the channel ``phone``; numbers without a country code are read as the region in the environment says."""
    return PhoneChannel(os.environ.get(REGION_SETTING, "RU"))
