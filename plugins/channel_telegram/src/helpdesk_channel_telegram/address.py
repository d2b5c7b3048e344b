"""Addresses: a bot by its name (``@siroca_technology_bot``), a person or a chat by the id that Telegram gave it."""

import re

# 5 to 32 letters, digits and underscores, beginning with a letter: so Telegram names accounts.
_NAME = re.compile(r"(?:https?://)?(?:(?:www\.)?(?:t|telegram)\.me/|@)([A-Za-z][A-Za-z0-9_]{3,31})/?")
_ID = re.compile(r"-?[1-9][0-9]{0,18}")
_LONGEST = 100
_LARGEST_ID = 2**63 - 1


def normalise(address: str) -> str:
    """Return ``@name`` in lower case, or the id in digits; a group's begins with a minus.

    Raises:
        ValueError: it is neither a name nor an id.
    """
    text = address.strip()
    if len(text) <= _LONGEST:
        if _ID.fullmatch(text) and abs(int(text)) <= _LARGEST_ID:
            return text
        name = _NAME.fullmatch(text)
        if name:
            return f"@{name[1].lower()}"
    raise ValueError("a Telegram address is @name of 4 to 32 letters, digits and underscores, or an id in digits")


def is_group(recipient: str) -> bool:
    """Say whether a recipient's id is that of a group or a channel: they are negative."""
    return recipient.startswith("-")
