"""Mail addresses, read strictly: what can be read in two ways is not read at all (CVE-2023-27043 and its family)."""

import re
import unicodedata

from msgspec import Struct

_LOCAL = re.compile(r"[^\s<>()\[\]\\,;:\"@\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,64}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|<[^<>]*>|[,;]|[^"<>(),;]+|.', re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_LONGEST = 254


def normalise(address: str) -> str:
    """Return the address in lower case, its domain in ASCII (IDNA), its plus part kept.

    Quoted local parts, domain literals, routes and comments are refused: no mailbox of a helpdesk's client needs them,
    and programs disagree about what they mean.

    Raises:
        ValueError: it is not ``local@domain``.
    """
    text = unicodedata.normalize("NFC", address.strip().lower())
    if len(text) > _LONGEST:
        raise ValueError("a mail address has at most 254 characters")
    local, at, domain = text.partition("@")
    if not at or not _LOCAL.fullmatch(local) or len(local.encode()) > 64:
        raise ValueError("not a mail address")
    if unicodedata.normalize("NFC", local.lower()) != local:
        raise ValueError("not a mail address: its letters have no single lower case")
    return f"{local}@{_ascii_domain(domain)}"


def _ascii_domain(domain: str) -> str:
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii").lower()
        except UnicodeError as error:
            raise ValueError("not a mail address: its domain is not valid") from error
    if len(domain) > 253 or not all(_LABEL.fullmatch(label) for label in domain.split(".")):
        raise ValueError("not a mail address: its domain is not valid")
    return domain


class Mailbox(Struct, frozen=True):
    """One mailbox of a header: the display name as written (still encoded), and the normalised address."""

    name: str
    address: str


def single_mailbox(header: str) -> Mailbox:
    """Return the one mailbox that a From header must hold.

    Raises:
        ValueError: there is none, there are several, it is a group, or it cannot be read in one way only.
    """
    pieces = _split(header)
    if len(pieces) != 1 or ":" in pieces[0].atoms:
        raise ValueError("From must hold one mailbox")
    return _mailbox(pieces[0])


def mailboxes(header: str, most: int) -> list[Mailbox]:
    """Return the readable mailboxes among the first ``most`` of a recipients' header; groups are opened."""
    try:
        pieces = _split(header, most)
    except ValueError:
        return []
    found = []
    for piece in pieces:
        try:
            found.append(_mailbox(piece))
        except ValueError:
            continue
    return found


class _Piece:
    """What stands between two commas."""

    __slots__ = ("angles", "atoms", "name", "trailing")

    def __init__(self) -> None:
        self.atoms = ""
        """Text outside brackets and quotes."""
        self.name = ""
        """The same with quoted strings, unquoted."""
        self.angles: list[str] = []
        """What stood in ``<>``."""
        self.trailing = False
        """Something followed the ``<>``."""

    def take(self, token: str) -> None:
        whole = len(token) > 1
        if token[0] == "(" and whole:
            return
        if token[0] == "<" and whole:
            self.angles.append(token[1:-1])
            return
        self.trailing = self.trailing or (bool(self.angles) and not token.isspace())
        if token[0] == '"' and whole:
            self.name += _ESCAPED.sub(r"\1", token[1:-1])
        elif token[0] in '"<>()':
            raise ValueError("a quote or bracket has no counterpart")
        else:
            self.atoms += token
            self.name += token

    def blank(self) -> bool:
        return not self.name.strip() and not self.angles


def _split(header: str, most: int = 2) -> list[_Piece]:
    """Read a list of mailboxes in one pass, and stop after ``most``.

    Raises:
        ValueError: brackets, quotes or comments do not match, or comments are nested.
    """
    pieces = [_Piece()]
    for token in _TOKEN.findall(header):
        if token not in (",", ";"):
            pieces[-1].take(token)
        elif not pieces[-1].blank():
            if len(pieces) == most:
                break
            pieces.append(_Piece())
    return [piece for piece in pieces if not piece.blank()]


def _mailbox(piece: _Piece) -> Mailbox:
    if not piece.angles:
        if piece.atoms.strip() != piece.name.strip():
            raise ValueError("not a mail address: a quoted string stands in it")
        return Mailbox("", normalise(piece.atoms.rpartition(":")[2]))
    if len(piece.angles) > 1 or piece.trailing:
        raise ValueError("more than one address in one mailbox")
    return Mailbox(piece.name.strip(), normalise(piece.angles[0]))
