"""How a ticket's threading token travels: in our Message-IDs and, where allowed, in a plus address.

A token is opaque here: 42 letters of ``a–z2–7``. Channels carry it out and bring it back; only
``helpdesk.domain.threading`` makes tokens and checks them.
"""

import re

TOKEN_LENGTH = 42
"""Characters in a token: 26 bytes in base32 without padding."""

_FORM = r"[a-z2-7]{42}"
_OUR_MESSAGE_ID = re.compile(rf"<?([A-Za-z0-9-]{{1,64}})\.({_FORM})@([A-Za-z0-9.-]{{1,253}})>?")
_PLUS_TOKEN = re.compile(rf"t\.({_FORM})")
_LOCAL_PART_LIMIT = 64


def message_id(outbound_id: str, token: str, sender: str) -> str:
    """Return the Message-ID of an outgoing message, angle brackets included: ``<id.token@domain>``.

    It depends on its arguments alone, so every retry of a message has the same one. Without a ``token`` the
    middle part is left out.

    Raises:
        ValueError: ``outbound_id`` holds more than letters, digits and hyphens, or is longer than 64.
    """
    if not re.fullmatch(r"[A-Za-z0-9-]{1,64}", outbound_id):
        raise ValueError(f"{outbound_id!r} cannot be part of a Message-ID")
    domain = sender.rpartition("@")[2]
    return f"<{outbound_id}.{token}@{domain}>" if token else f"<{outbound_id}@{domain}>"


def token_in_message_id(message_id: str) -> str | None:
    """Return the token that a Message-ID of ours carries, or None where it has not our form."""
    match = _OUR_MESSAGE_ID.fullmatch(message_id.strip())
    return match[2] if match else None


def with_token(address: str, token: str) -> str | None:
    """Return ``address`` with ``token`` in its plus part, or None where the local part would pass 64 octets."""
    local, _, domain = address.rpartition("@")
    marked = f"{local}+t.{token}"
    return f"{marked}@{domain}" if len(marked) <= _LOCAL_PART_LIMIT else None


def split_plus(address: str) -> tuple[str, str | None]:
    """Return ``address`` without its plus part, and the token where that part was one of ours."""
    local, at, domain = address.rpartition("@")
    base, plus, detail = local.partition("+")
    if not plus or not base:
        return address, None
    match = _PLUS_TOKEN.fullmatch(detail.lower())
    return f"{base}{at}{domain}", match[1] if match else None
