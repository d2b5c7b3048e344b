"""``helpdesk verify``: certificates and evidence checked by the second implementation: no database, no settings."""

import string
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from helpdesk.kernel.errors import Invalid
from helpdesk.verify.certificates import Refused, Verified, verify
from helpdesk.verify.evidence import Evidence, is_evidence, verify_evidence

_KEY_LENGTH = 64


def verify_files(*files: Path, key: Annotated[list[str] | None, Parameter(negative="")] = None) -> int:
    """Check certificates and evidence of tickets; say OK or the reason of refusal for each; exit 1 if any is refused.

    The log is read anew, the deadline counted anew, hash and signature are checked. Without --key the signature shows
    only that whoever holds the key named in the certificate signed it: compare the fingerprint, or give the key.

    Parameters
    ----------
    files
        Certificates as `GET …/certificate` or `helpdesk certificate` gives them, evidence as `GET …/evidence` or
        `helpdesk evidence` does; - is standard input.
    key
        The public key to trust, in hexadecimal, or a file that holds it (`GET /certificates/key`, `helpdesk
        certificate key`). May be given several times.
    """
    if not files:
        raise Invalid("name the certificates to check")
    trusted = [_key(text) for text in key or ()]
    status = 0
    for file in files:
        try:
            content = _content(file)
            found = verify_evidence(content, trusted) if is_evidence(content) else verify(content, trusted)
        except (Refused, OSError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else problem
            print(f"{file}: REFUSED: {_one_line(str(reason))}")
            status = 1
        else:
            print(f"{file}: OK: {_one_line(_told(found))}, signed by {found.fingerprint}{'' if trusted else ' (any)'}")
    if not status and not trusted:
        print("helpdesk: no --key was given: that this key is the service's is for you to know", file=sys.stderr)
    return status


def _content(file: Path) -> bytes:
    return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()


def _told(found: Verified | Evidence) -> str:
    if isinstance(found, Evidence):
        counts = f"{found.entries} entries, {found.messages} messages, {found.certificates} certificates"
        return f"{found.tenant}, evidence of ticket {found.ticket} as of {found.as_of}: {counts}"
    ticket = "a request not made" if found.ticket is None else f"ticket {found.ticket}"
    due = f"due {found.due}" if found.due else "no due time yet"
    return f"{found.tenant}, {ticket}, {found.name} {found.clock}: {found.state}, {due}"


def _key(text: str) -> str:
    """Return the key in hexadecimal: as given, or the first that the file holds.

    Raises:
        Invalid: it is neither a key nor a file with one.
    """
    if _is_key(text):
        return text.lower()
    try:
        words = Path(text).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise Invalid(f"{text!r} is neither a key ({_KEY_LENGTH} hexadecimal digits) nor a file with one") from problem
    for word in words.replace('"', " ").replace(",", " ").split():
        if _is_key(word):
            return word.lower()
    raise Invalid(f"{text} holds no key ({_KEY_LENGTH} hexadecimal digits)")


def _is_key(text: str) -> bool:
    return len(text) == _KEY_LENGTH and set(text) <= set(string.hexdigits)


def _one_line(text: str) -> str:
    """Return the text with nothing in it that a terminal would act on."""
    return "".join(each if each.isprintable() else "?" for each in text)
