"""What a carrier plugin provides: it takes short letters to clients of a channel on which nobody is answered.

A call has no way back: whoever rang without a mail address only hears the number of the request. A carrier (SMS, a
messenger that writes to telephone numbers, push) takes our letters to the address that the client turned to us from.
"""

from collections.abc import Mapping
from typing import Any, Protocol, runtime_checkable

from helpdesk.contracts.messages import Outbound


@runtime_checkable
class Carriage(Protocol):
    """A carrier as it is configured.

    ``reaches`` and ``fits`` are asked within transactions, which wait a second for them and then take it for no:
    they ask nobody else.
    """

    def reaches(self, recipient: str, address: str) -> bool:
        """Say whether who turned from ``recipient`` to ``address`` of ours can be written to there; both canonical."""
        ...

    def fits(self, text: str) -> bool:
        """Say whether a text can be taken as one message; so can whatever it begins with."""
        ...

    async def send(self, message: Outbound) -> str:
        """Send ``message`` once and return the remote side's word for it, not empty.

        It has no subject, no token and no files; its text is one that fits.

        Raises:
            TemporaryFailure: worth another try.
            PermanentFailure: not worth one.
        """
        ...


class Carrier(Protocol):
    """A carrier plugin's object, returned by the hook ``register_carrier``."""

    @property
    def name(self) -> str:
        """Its name, and its deliveries' kind of channel: ``sms``, …; no channel has it."""
        ...

    @property
    def follows(self) -> str:
        """The kind of channel whose clients it reaches at the addresses they have there: ``phone``, …"""
        ...

    def settings(self) -> Mapping[str, str]:
        """Name the settings it reads (``HELPDESK_<NAME>_…``), each with a paragraph: meaning, unit, default."""
        ...

    def carriage(self, settings: Mapping[str, Any]) -> Carriage | None:
        """Return it as it is configured, or None where it is not, so that it rests.

        Raises:
            ValueError: a setting is not valid; the text names it.
        """
        ...
