"""Reads Authentication-Results (RFC 8601): only the topmost one of the configured server counts."""

import re
from collections.abc import Sequence

_COMMENT = re.compile(r"\([^()]*\)")
_DMARC = re.compile(r"dmarc\s*=\s*([a-z]+)\b", re.IGNORECASE)
_HEADER_FROM = re.compile(r"header\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)


def dmarc_passed(results: Sequence[str], authserv_id: str, sender: str) -> bool:
    """Say whether the configured server vouches for the From address.

    Args:
        results: the values of all Authentication-Results headers, the topmost first.
        authserv_id: the name under which our own mail server writes; empty: nobody is believed.
        sender: the normalised address in From; the server's verdict must be about its domain.
    """
    if not authserv_id:
        return False
    for value in results:
        plain = _COMMENT.sub(" ", value)
        server, _, verdicts = plain.partition(";")
        if (server.split() or [""])[0].lower() != authserv_id.lower():
            continue
        for verdict in verdicts.split(";"):
            method = _DMARC.match(verdict.strip())
            if method is not None:
                domain = _HEADER_FROM.search(verdict)
                about = domain[1].rpartition("@")[2].lower() if domain else ""
                return method[1].lower() == "pass" and about == sender.rpartition("@")[2]
        return False
    return False
