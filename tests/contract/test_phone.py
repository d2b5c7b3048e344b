"""The phone channel keeps what every channel promises."""

from typing import ClassVar

from helpdesk.contracts.channels import Channel
from helpdesk.testing.channels import ChannelContract
from helpdesk_channel_phone.channel import PhoneChannel


class TestPhone(ChannelContract):
    """Numbers; there is nothing to listen to and nothing to send."""

    addresses: ClassVar = {"8 (495) 324-24-42": "+74953242442", "00996 755 979 805": "+996755979805"}
    no_addresses = ("112", "anonymous", "support@a.example")

    def channel(self) -> Channel:
        return PhoneChannel()

    def test_it_neither_listens_nor_sends(self) -> None:
        """Calls come through the API; numbers are read aloud or mailed."""
        assert self.channel().listener({}) is None
        assert self.channel().sender({}) is None
