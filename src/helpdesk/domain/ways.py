"""By what our letters reach a client: the channel they asked by, a carrier that follows it, or mail. Pure."""

import logging
from collections.abc import Callable

from msgspec import Struct

from helpdesk.contracts.carriers import Carriage
from helpdesk.contracts.channels import Answering
from helpdesk.contracts.transports import EMAIL

_log = logging.getLogger(__name__)

BY_MAIL = Answering({EMAIL: ""})
"""Whoever wrote a mail is answered by mail, and so is everybody else."""


class Carried(Struct, frozen=True):
    """A carrier that is configured."""

    name: str
    follows: str
    """The kind of channel whose clients it reaches."""
    carriage: Carriage

    def reaches(self, recipient: str, address: str) -> bool:
        """Say whether letters about what came from ``recipient`` to ``address`` of ours reach them; if it fails, no."""
        return self._asked(lambda: self.carriage.reaches(recipient, address))

    def fits(self, text: str) -> bool:
        """Say whether a text can be taken as one message; if it fails, no."""
        return self._asked(lambda: self.carriage.fits(text))

    def _asked(self, question: Callable[[], bool]) -> bool:
        try:
            return question()
        except Exception:  # a plugin's mistake costs its own letters only
            _log.exception("the carrier %s failed", self.name)
            return False


class Ways(Struct, frozen=True):
    """The ways that there are."""

    answering: Answering = BY_MAIL
    """Who is answered on the channel that they asked by."""
    carriers: tuple[Carried, ...] = ()

    def carrier(self, channel_kind: str, sender: str, address: str) -> Carried | None:
        """Return what takes letters to ``sender``, who turned to ``address`` of ours; None: nothing does, or need not.

        ``address`` is empty where the request names no address of ours; then nobody can say for whom to send.
        """
        if not sender or not address or self.answering.reaches(channel_kind, sender):
            return None
        following = (each for each in self.carriers if each.follows == channel_kind)
        return next((each for each in following if each.reaches(sender, address)), None)

    def contact(self, channel_kind: str, sender: str, address: str, mail: str) -> str:
        """Return where letters to ``sender`` go: where they asked, to the ``mail`` that is known, or by a carrier."""
        if self.answering.reaches(channel_kind, sender):
            return sender
        return mail or (sender if self.carrier(channel_kind, sender, address) is not None else "")
