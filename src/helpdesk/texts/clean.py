"""Plain text that harms nobody: without control characters, bidirectional overrides or lone surrogates."""

import re
import unicodedata

SUBJECT_LIMIT = 250
"""Characters in a subject line that leaves the service."""

_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufeff]")
_BIDI = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_MANY_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"\s+")


def clean_text(text: str) -> str:
    r"""Return ``text`` with ``\n`` between lines, no control characters, no trailing blanks, no runs of empty lines."""
    if text.isprintable():  # one line of nothing but what is seen, as most arguments of texts are
        return text.rstrip()
    text = _CONTROLS.sub("", _LINE_BREAKS.sub("\n", text))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return _MANY_BLANK_LINES.sub("\n\n", text).strip("\n")


def clean_line(text: str) -> str:
    """Return ``text`` as one line for a header: NFC, single blanks, nothing invisible, at most 250 characters."""
    text = _BIDI.sub("", _CONTROLS.sub("", _LINE_BREAKS.sub(" ", text)))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()
    return text if len(text) <= SUBJECT_LIMIT else text[: SUBJECT_LIMIT - 1].rstrip() + "…"
