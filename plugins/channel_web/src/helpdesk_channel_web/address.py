"""Addresses: a site by its host name (``www.siroca.com``), a person by whatever the site knows them by."""

import re

_URL = re.compile(r"https?://([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?::[0-9]{1,5})?/?", re.IGNORECASE)
_HOST = re.compile(r"[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}", re.IGNORECASE)
_PERSON = re.compile(r"[^\x00-\x20\x7f-\xa0\u2028\u2029\ud800-\udfff]{1,320}")
_LONGEST = 400


def normalise(address: str) -> str:
    """Return a site's name in lower case, without scheme and port; a mail address in lower case; another as it is.

    Raises:
        ValueError: it is empty or too long, or has blanks or control characters in it.
    """
    text = address.strip()
    if len(text) <= _LONGEST:
        url = _URL.fullmatch(text)
        if url:
            return url[1].lower()
        if _HOST.fullmatch(text):
            return text.lower()
        if _PERSON.fullmatch(text):
            return text.lower() if "@" in text and ":" not in text else text
    raise ValueError("a web address is a site's host name, or up to 320 characters without blanks that name a person")
