"""The evidence of one ticket checked: bytes, shape, seal, and that everything in it belongs together.

It must be written in the one canonical way, so there is no byte that could be altered unnoticed. Then hashes are
counted anew (snapshots, originals), the log must be whole, every part must refer to it rightly, and every certificate
in it is checked as one by itself (``certificates.py``), its deadlines counted anew.
"""

import binascii
import hashlib
import json
from base64 import b64decode
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple, NoReturn

from helpdesk.verify.cases import instant
from helpdesk.verify.certificates import verify as verify_certificate
from helpdesk.verify.document import Refused, canonical, check_seal, fingerprint, once
from helpdesk.verify.shape import (
    Misshapen,
    Shape,
    anything,
    at_least,
    by_key,
    kind,
    listing,
    one_of,
    optional,
    sized_hex,
    table,
)

FORMAT = "helpdesk-evidence-1"
SIGNED_AS = b"helpdesk ticket evidence 1\n"
"""Stands before the signed bytes, so that no signature made for another purpose fits."""
_LARGEST = 512_000_000
"""Bytes."""

_TEXT, _WHOLE = kind(str), kind(int)
_ENTRY = table(seq=at_least(1), at=_TEXT, what=_TEXT, actor=_TEXT, data=by_key(anything))
_CLOCK = table(
    name=_TEXT,
    seq=at_least(0),
    kind=one_of("limit", "average", "term", "none", "unknown"),
    state=_TEXT,
    clause=_TEXT,
    started_at=optional(_TEXT),
    stopped_at=optional(_TEXT),
    goal=optional(_TEXT),
    due=optional(_TEXT),
    warn_at=listing(_TEXT),
    then=_TEXT,
    elapsed_us=_WHOLE,
    paused_us=_WHOLE,
    note=_TEXT,
)


def _with(**known: Shape) -> Shape:
    """Take an object that has at least these keys: rows grow columns over time."""

    def check(value: Any, place: str) -> None:
        by_key(anything)(value, place)
        for key, shape in known.items():
            if key not in value:
                raise Misshapen(f"{place}.{key}: is missing")
            shape(value[key], f"{place}.{key}")

    return check


_ROWS = listing(_with())
_EVIDENCE: dict[str, Shape] = {
    "format": one_of(FORMAT),
    "tenant": _TEXT,
    "ticket": at_least(1),
    "as_of": _TEXT,
    "row": _with(number=at_least(1), snapshot_hash=sized_hex(32), last_seq=at_least(1), state=_TEXT),
    "snapshots": by_key(_TEXT),
    "log": listing(_ENTRY),
    "messages": listing(_with(id=_TEXT, seq=at_least(1), text=_TEXT, raw_hash=optional(sized_hex(32)))),
    "originals": by_key(_TEXT),
    "attachments": listing(_with(id=_TEXT, sha256=_TEXT, message_id=optional(_TEXT), size=at_least(0))),
    "files": by_key(_TEXT),
    "letters": listing(_with(id=_TEXT, seq=at_least(0), state=_TEXT, payload=by_key(anything))),
    "clocks": listing(_CLOCK),
    "certificates": by_key(by_key(anything)),
    "audit": listing(_with(id=_TEXT, at=_TEXT, act=_TEXT, object=_TEXT)),
    "ledger": listing(_with(id=_TEXT, outcome=_TEXT, day=_TEXT)),
    "key": sized_hex(32),
    "hash": sized_hex(32),
    "signature": sized_hex(64),
}
_FURTHER = ("participants", "flags", "links", "calls", "repairs", "problems")
"""Parts that only some tickets, or some versions, have: rows that are signed and refer to nothing."""


class Evidence(NamedTuple):
    """What a document that holds is about."""

    tenant: str
    ticket: int
    as_of: str
    entries: int
    messages: int
    certificates: int
    fingerprint: str
    """Of the key that signed it."""


def verify_evidence(content: bytes, trusted: Collection[str] = ()) -> Evidence:
    """Check a document; with ``trusted`` keys (hexadecimal), that one of them signed it.

    Raises:
        Refused: it does not hold; says what and where.
    """
    document = read_evidence(content)
    check_seal(document, trusted, signed_as=SIGNED_AS, called="document")
    check_contents(document)
    return Evidence(
        document["tenant"],
        document["ticket"],
        document["as_of"],
        len(document["log"]),
        len(document["messages"]),
        len(document["certificates"]),
        fingerprint(document["key"]),
    )


def is_evidence(content: bytes) -> bool:
    """Say whether ``content`` claims to be such a document, whatever else it is."""
    return b'"format":"helpdesk-evidence-' in content[:_LARGEST]


def read_evidence(content: bytes) -> dict[str, Any]:
    """Return the document of an evidence file of the right shape, written in the canonical way.

    Raises:
        Refused: it is not.
    """
    if len(content) > _LARGEST:
        raise Refused(f"it is larger than {_LARGEST} bytes")
    try:
        document = json.loads(content.decode("utf-8"), object_pairs_hook=once, parse_constant=_no_number)
        written = canonical(document)
    except (ValueError, RecursionError) as error:
        raise Refused(f"it is not JSON as evidence is written: {error}") from None
    if written != content:
        raise Refused("it is not written in the canonical way: a byte was added, taken away or altered")
    try:
        table(**_shapes(document))(document, "")
    except Misshapen as error:
        raise Refused(str(error)) from None
    assert isinstance(document, dict)
    return document


def check_contents(document: Mapping[str, Any]) -> None:
    """Hold the parts of a document of the right shape against each other; the seal is not looked at.

    Raises:
        Refused: they do not belong together.
    """
    try:
        _check_row(document)
        _check_log(document)
        _check_messages(document)
        _check_files(document)
        _check_letters(document)
        _check_clocks(document)
    except Refused:
        raise
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise Refused(f"nothing can be checked of it: {error}") from None


def _shapes(document: Any) -> dict[str, Shape]:
    further = _FURTHER if isinstance(document, dict) else ()
    return _EVIDENCE | {name: _ROWS for name in further if name in document}


def _check_row(document: Mapping[str, Any]) -> None:
    row = document["row"]
    if row["number"] != document["ticket"]:
        raise Refused("row.number: it is another ticket's")
    if row["snapshot_hash"] not in document["snapshots"]:
        raise Refused("snapshots: the one that judges the ticket is missing")
    for name, body in document["snapshots"].items():
        if hashlib.sha256(body.encode("utf-8")).hexdigest() != name:
            raise Refused(f"snapshots.{name}: it is not the hash of what the snapshot says")
        if json.loads(body).get("tenant") != document["tenant"]:
            raise Refused(f"snapshots.{name}: it is another company's")


def _check_log(document: Mapping[str, Any]) -> None:
    log = document["log"]
    if [entry["seq"] for entry in log] != [*range(1, document["row"]["last_seq"] + 1)]:
        raise Refused("log: it has gaps, or ends before the ticket's last entry")
    if log[0]["what"] != "received":
        raise Refused("log: it does not begin with the receipt")
    moments = [instant(entry["at"]) for entry in log]
    if moments != sorted(moments):
        raise Refused("log: its entries are not in order")
    if moments[-1] > instant(document["as_of"]):
        raise Refused("log: an entry lies after the instant as of which it was issued")
    judges = [entry["data"] for entry in log if entry["what"] == "rejudged"]
    if judges and judges[-1]["after"]["snapshot"] != document["row"]["snapshot_hash"]:
        raise Refused("row.snapshot_hash: it is not the one by which the log says the ticket is judged")
    closed = any(entry["what"] == "closed" for entry in log)
    if closed != (document["row"]["state"] == "closed"):
        raise Refused("row.state: the log says otherwise")


def _check_messages(document: Mapping[str, Any]) -> None:
    last, originals = document["row"]["last_seq"], document["originals"]
    known = set()
    for index, message in enumerate(document["messages"]):
        if message["seq"] > last or message["id"] in known:
            raise Refused(f"messages[{index}]: no entry of the log tells of it, or it comes twice")
        known.add(message["id"])
        if message["raw_hash"] is not None and message["raw_hash"] not in originals:
            raise Refused(f"messages[{index}].raw_hash: its original is missing")
    if set(originals) - {message["raw_hash"] for message in document["messages"]}:
        raise Refused("originals: there is one that no message came in")
    for name, content in originals.items():
        _check_bytes(f"originals.{name}", name, content)


def _check_files(document: Mapping[str, Any]) -> None:
    messages, files = {message["id"] for message in document["messages"]}, document["files"]
    for index, file in enumerate(document["attachments"]):
        if file["message_id"] is not None and file["message_id"] not in messages:
            raise Refused(f"attachments[{index}].message_id: there is no such message")
        name = file["sha256"]
        if name and name not in files:
            raise Refused(f"attachments[{index}].sha256: its bytes are missing")
        if name and file["size"] != _check_bytes(f"files.{name}", name, files[name]):
            raise Refused(f"attachments[{index}].size: it is not that of its bytes")
    if set(files) - {file["sha256"] for file in document["attachments"]}:
        raise Refused("files: there is one that no attachment names")


def _check_bytes(place: str, name: str, content: str) -> int:
    """Hold bytes in base64 against the hash that names them; return how many they are."""
    try:
        found = b64decode(content, validate=True)
    except binascii.Error:
        raise Refused(f"{place}: it is not base64") from None
    if hashlib.sha256(found).hexdigest() != name:
        raise Refused(f"{place}: it is not the hash of what is there")
    return len(found)


def _check_letters(document: Mapping[str, Any]) -> None:
    for index, letter in enumerate(document["letters"]):
        if letter["seq"] > document["row"]["last_seq"]:
            raise Refused(f"letters[{index}]: no entry of the log tells of it")
    for index, act in enumerate(document["audit"]):
        if act["object"] != f"ticket:{document['ticket']}":
            raise Refused(f"audit[{index}]: it is about something else")


def _check_clocks(document: Mapping[str, Any]) -> None:
    """Check every certificate by itself, then that it is of this ticket, this log and the clock it is filed under."""
    clocks = {f"{clock['name']}/{clock['seq']}": clock for clock in document["clocks"]}
    if len(clocks) != len(document["clocks"]):
        raise Refused("clocks: one comes twice")
    entries = {entry["seq"]: (entry["what"], instant(entry["at"])) for entry in document["log"]}
    for name, clock in clocks.items():
        certificate = document["certificates"].get(name)
        if certificate is None:
            if clock["due"] is not None:
                raise Refused(f"certificates.{name}: is missing, though the clock has a due instant")
            continue
        found = verify_certificate(json.dumps(certificate).encode("utf-8"), [document["key"]])
        of = (found.tenant, found.ticket, f"{found.name}/{found.clock}", found.state, certificate["snapshot"])
        if of != (document["tenant"], document["ticket"], name, clock["state"], document["row"]["snapshot_hash"]):
            raise Refused(f"certificates.{name}: it is not this clock's")
        for side in ("due", "goal"):
            said, certified = clock[side], certificate["derived"][side]
            if (said and instant(said)) != (certified and instant(certified)):
                raise Refused(f"clocks.{name}.{side}: its certificate says otherwise")
        if instant(certificate["as_of"]) != instant(document["as_of"]):
            raise Refused(f"certificates.{name}: it was issued as of another instant")
        for entry in certificate["log"]:
            if entries.get(entry["seq"]) != (entry["what"], instant(entry["at"])):
                raise Refused(f"certificates.{name}: the ticket's log has no such entry {entry['seq']}")
    strangers = set(document["certificates"]) - set(clocks)
    if strangers:
        raise Refused(f"certificates.{min(strangers)}: the ticket has no such clock")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text[:40]} is no number")
