"""A certificate as a document: read strictly, its shape, its hash, its signature. Its claims are checked elsewhere."""

import hashlib
import json
from collections.abc import Collection
from typing import Any, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from helpdesk.verify.shape import (
    Misshapen,
    anything,
    at_least,
    by_key,
    chosen_by,
    kind,
    listing,
    one_of,
    optional,
    pair,
    sized_hex,
    table,
)

FORMAT = "helpdesk-deadline-1"
SIGNED_AS = b"helpdesk deadline certificate 1\n"
"""Stands before the signed bytes, so that no signature made for another purpose fits."""
_LARGEST = 4_000_000
"""Bytes. A certificate takes a few thousand."""

_TEXT, _WHOLE, _YES_NO = kind(str), kind(int), kind(bool)
_TEXTS = listing(_TEXT)
_SPAN = pair(_TEXT, _TEXT)
_HOURS = listing(pair(at_least(0), at_least(1)))
_DAY_END = one_of("close", "midnight")
_DAYS = {"unit": _TEXT, "days": at_least(1)}

_AMOUNT = chosen_by(
    "unit",
    {
        "elapsed": table(unit=_TEXT, seconds=at_least(1)),
        "working": table(unit=_TEXT, seconds=at_least(1), closing_edge=one_of("same_instant", "next_open")),
        "working_days": chosen_by(
            "day_term",
            {
                "business_hours": table(**_DAYS, day_term=_TEXT),
                **dict.fromkeys(
                    ("next_day", "same_day"),
                    table(**_DAYS, day_term=_TEXT, after_hours=one_of("event_date", "next_open"), day_end=_DAY_END),
                ),
            },
        ),
        "calendar_days_without_weekends": table(
            **_DAYS, skip=one_of("weekends_and_holidays", "weekends"), roll=_YES_NO, day_end=_DAY_END
        ),
        "calendar_days": table(**_DAYS, roll=_YES_NO, day_end=_DAY_END),
    },
)
_RULE = table(
    name=_TEXT,
    kind=one_of("limit", "average", "term"),
    clause=_TEXT,
    channels=_TEXTS,
    levels=_TEXTS,
    lines=_TEXTS,
    unrated_level=optional(_TEXT),
    first_line=_TEXT,
    starts_on=_TEXTS,
    stops_on=_TEXTS,
    resumes_on=_TEXTS,
    cancelled_on=_TEXTS,
    pause_on=_TEXTS,
    repeat=one_of("first", "last", "each"),
    counts_from=one_of("start", "request"),
    clock_start=one_of("registered", "received"),
    level_change=one_of("ignored", "from_start", "from_change", "from_start_not_before_change"),
    amount=_AMOUNT,
    goal=optional(table(amount=_AMOUNT, capped=_YES_NO)),
    act=optional(table(then=_TEXT, min_requests=at_least(0), before_min=_TEXT, min_gap_seconds=at_least(0))),
)
_DATED = table(kind=optional(_TEXT), hours=optional(_HOURS), shortened_s=at_least(0))
_CALENDAR = table(name=_TEXT, weekly=listing(_HOURS, count=7), dates=by_key(_DATED), first=_TEXT, last=_TEXT)
_DERIVED = table(
    counted_from=_TEXT,
    started_by=at_least(1),
    ended_by=optional(at_least(1)),
    level_change=optional(at_least(1)),
    pauses=listing(pair(_TEXT, optional(_TEXT))),
    counted=listing(_SPAN),
    days=_TEXTS,
    goal=optional(_TEXT),
    goal_capped=_YES_NO,
    due=optional(_TEXT),
    state=_TEXT,
    then=_TEXT,
)
_CERTIFICATE = table(
    format=one_of(FORMAT),
    tenant=_TEXT,
    ticket=optional(at_least(1)),
    edition=_TEXT,
    snapshot=sized_hex(32),
    as_of=_TEXT,
    zone=table(name=_TEXT, initial_offset_s=_WHOLE, changes=listing(pair(_WHOLE, _WHOLE))),
    calendar=optional(_CALENDAR),
    rule=_RULE,
    readings=listing(table(name=_TEXT, clause=_TEXT, value=anything)),
    log=listing(table(seq=at_least(1), at=_TEXT, what=_TEXT, data=by_key(kind(str, bool, type(None))))),
    clock=at_least(0),
    derived=_DERIVED,
    key=sized_hex(32),
    hash=sized_hex(32),
    signature=sized_hex(64),
)


class Refused(ValueError):
    """This is no certificate, or not the one that was issued. The message says where."""


def read(content: bytes) -> dict[str, Any]:
    """Return the document of a certificate of the right shape.

    Raises:
        Refused: not JSON in UTF-8, a key twice, a number that is not whole, or another shape.
    """
    if len(content) > _LARGEST:
        raise Refused(f"it is larger than {_LARGEST} bytes")
    try:
        document = json.loads(
            content.decode("utf-8"), object_pairs_hook=once, parse_float=_no_number, parse_constant=_no_number
        )
        _CERTIFICATE(document, "")
    except Misshapen as error:
        raise Refused(str(error)) from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"it is not JSON as certificates have it: {error}") from None
    assert isinstance(document, dict)
    return document


def canonical(document: Any) -> bytes:
    """Return the one way to write a document down: keys sorted, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def check_seal(
    document: dict[str, Any],
    trusted: Collection[str] = (),
    *,
    signed_as: bytes = SIGNED_AS,
    called: str = "certificate",
) -> None:
    """Check the hash and the signature; with ``trusted`` keys (hexadecimal), that one of them signed.

    ``signed_as`` stands before the signed bytes; ``called`` is what the messages call the document.

    Raises:
        Refused: it was altered, or another key signed.
    """
    try:
        sealed = canonical({key: value for key, value in document.items() if key not in {"hash", "signature"}})
    except UnicodeEncodeError as error:
        raise Refused(f"it holds text that is not Unicode: {error}") from None
    if hashlib.sha256(sealed).hexdigest() != document["hash"]:
        raise Refused(f"hash: it is not the hash of what the {called} says")
    if trusted and document["key"] not in trusted:
        raise Refused(f"key: it was signed by {fingerprint(document['key'])}, not by the key that is trusted")
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(document["key"]))
        key.verify(bytes.fromhex(document["signature"]), signed_as + sealed)
    except (InvalidSignature, ValueError):
        raise Refused(f"signature: the key has not signed what the {called} says") from None


def fingerprint(key: str) -> str:
    """Return what people compare: the beginning of the key's SHA-256, in groups."""
    digest = hashlib.sha256(bytes.fromhex(key)).hexdigest()[:32]
    return ":".join(digest[at : at + 4] for at in range(0, 32, 4))


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON whose keys come once each (RFC 8259, section 4).

    Raises:
        ValueError: one comes twice.
    """
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice in one object")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is not a whole number")
