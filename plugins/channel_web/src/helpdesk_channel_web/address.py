"""Addresses: a site by its host name (``www.siroca.com``), a person by whatever the site knows them by."""

import re
from urllib.parse import quote

MEMBER = "user:"
"""How the address of somebody begins whom a site signed in."""
_URL = re.compile(r"https?://([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::[0-9]{1,5})?/?", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}", re.IGNORECASE)
_PERSON = re.compile(r"[^\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]{1,320}")
_MEMBER = re.compile(r"user:([a-z0-9.-]{1,253})/([A-Za-z0-9._~%-]{1,300})", re.IGNORECASE)
_LONGEST = 600


def member(site: str, subject: str) -> str:
    """Return the address of somebody whom ``site`` knows as ``subject``."""
    return f"{MEMBER}{site}/{quote(subject, safe='')}"


def normalise(address: str) -> str:
    """Return a site's name in lower case, without scheme and port; a mail address in lower case; others as they are.

    Whom a site signed in is ``user:<site>/<subject>``, the subject percent-encoded.

    Raises:
        ValueError: it is empty or too long, or has blanks or control characters in it.
    """
    text = address.strip()
    if len(text) <= _LONGEST:
        url = _URL.fullmatch(text)
        if url:
            return url[1].lower()
        signed_in = _MEMBER.fullmatch(text)
        if signed_in:
            return f"{MEMBER}{signed_in[1].lower()}/{signed_in[2]}"
        if _HOST.fullmatch(text):
            return text.lower()
        if _PERSON.fullmatch(text):
            return text.lower() if "@" in text and ":" not in text else text
    raise ValueError("a web address is a site's host name, or up to 320 characters without blanks that name a person")
