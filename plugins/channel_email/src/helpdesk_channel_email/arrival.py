"""A mail while it arrives after DATA: collected in blocks, bounded, and ended by CR LF dot CR LF alone."""

from helpdesk_channel_email.caps import MESSAGE_LIMIT

END = b"\r\n.\r\n"
_TOO_LARGE = "552 5.3.4 The mail is too large"
_TOO_MUCH = "452 4.3.1 Too much mail at once, please try again later"


class Budget:
    """Bytes that all connections together may hold in memory while mails arrive."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def take(self, size: int) -> bool:
        """Take ``size`` bytes; say whether there were so many."""
        if size > self._left:
            return False
        self._left -= size
        return True

    def give_back(self, size: int) -> None:
        """Give ``size`` bytes back."""
        self._left += size


class Arrival:
    """One mail. Past a limit its bytes are dropped, and ``complaint`` says so; the peer is heard out all the same."""

    def __init__(self, budget: Budget) -> None:
        self.complaint = ""
        """The refusal, as SMTP says it, or ``""``."""
        self._budget = budget
        self._held = 0
        # The line break before the first line was the command's: an empty mail is a lone dot.
        self._data = bytearray(b"\r\n")
        self._end = -1

    def feed(self, block: bytes) -> bytes | None:
        """Take in a block; return what came after the mail's end, or None while it goes on."""
        searched = max(0, len(self._data) - len(END) + 1)
        self._data += block
        self._end = self._data.find(END, searched)
        if self.complaint:
            pass
        elif (len(self._data) if self._end < 0 else self._end) > MESSAGE_LIMIT + 2:
            self.complaint = _TOO_LARGE
        elif not self._budget.take(len(block)):
            self.complaint = _TOO_MUCH
        else:
            self._held += len(block)
        if self._end >= 0:
            return bytes(self._data[self._end + len(END) :])
        if self.complaint:
            del self._data[: -len(END) + 1]
        return None

    def content(self) -> bytes:
        """Return the mail as it was before the sender doubled the dots at the beginnings of lines (RFC 5321, 4.5.2)."""
        return bytes(self._data[: self._end + 2]).replace(b"\r\n.", b"\r\n")[2:]

    def close(self) -> None:
        """Give what it holds back to the budget."""
        self._budget.give_back(self._held)
        self._held = 0
        self._data.clear()
