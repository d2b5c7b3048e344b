"""Certificates of deadlines checked: shape, hash, signature, and every claim computed anew the slow way.

What a certificate takes from the service (``tenant`` to ``log``) is the signature's to protect. What it derives from
that (``derived``) is believed by nobody: the ticket's log is read anew (``history.py``), the deadline counted anew
(``deadlines.py``), and each value must come out the same.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from helpdesk.verify.calendar import Calendar
from helpdesk.verify.cases import instant
from helpdesk.verify.deadlines import Deadline, recompute
from helpdesk.verify.document import Refused, check_seal, fingerprint, read
from helpdesk.verify.history import Clock, Entry, clocks, fits, level_change
from helpdesk.verify.specs import read_pinned_form
from helpdesk.verify.zones import SECOND, PinnedZone, Zone

__all__ = ["Refused", "Verified", "check_derivation", "verify"]

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a wall clock's reading; its offset is written beside it


class Verified(NamedTuple):
    """What a certificate that holds is about."""

    tenant: str
    ticket: int | None
    name: str
    clock: int
    state: str
    due: str | None
    fingerprint: str
    """Of the key that signed it."""


def verify(content: bytes, trusted: Collection[str] = ()) -> Verified:
    """Check a certificate; with ``trusted`` keys (hexadecimal), that one of them signed it.

    Raises:
        Refused: it does not hold; says what and where.
    """
    document = read(content)
    check_seal(document, trusted)
    check_derivation(document)
    derived = document["derived"]
    return Verified(
        document["tenant"],
        document["ticket"],
        document["rule"]["name"],
        document["clock"],
        derived["state"],
        derived["due"],
        fingerprint(document["key"]),
    )


def check_derivation(document: Mapping[str, Any]) -> None:
    """Compute every derived value of a document of the right shape anew; the seal is not looked at.

    Raises:
        Refused: one of them does not come out.
    """
    try:
        computed = _derive(document)
    except Refused:
        raise
    except (ValueError, LookupError, TypeError, ArithmeticError) as error:
        raise Refused(f"nothing can be computed from it: {error}") from None
    for key, value in computed.items():
        said = document["derived"][key]
        if said != value:
            raise Refused(f"derived.{key}: it says {said!r}, computed anew it is {value!r}")


def _derive(document: Mapping[str, Any]) -> dict[str, Any]:
    rule = document["rule"]
    zone = PinnedZone(document["zone"]["initial_offset_s"], document["zone"]["changes"])
    calendar = _calendar(document)
    log = _log(document, zone)
    as_of = _instant("as_of", document["as_of"], zone)
    _check_sense(document, log, as_of)
    clock = _clock(document, log)
    change = None if rule["level_change"] == "ignored" else level_change(log, clock)
    since = change.at if change is not None and rule["level_change"] == "from_change" else clock.since
    limit = recompute(calendar, since, _amount(rule["amount"]), clock.pauses)
    due = limit.due
    if due is not None and change is not None and rule["level_change"] == "from_start_not_before_change":
        due = max(due, change.at)
    goal, capped = _goal(rule, calendar, since, clock, due)
    return {
        "counted_from": _iso(since, zone),
        "started_by": clock.start.seq,
        "ended_by": clock.end.seq if clock.end is not None else None,
        "level_change": change.seq if change is not None else None,
        "pauses": [[_iso(begins, zone), _iso(ends, zone)] for begins, ends in clock.pauses],
        "counted": [[_iso(begins, zone), _iso(ends, zone)] for begins, ends in limit.counted],
        "days": [day.isoformat() for day in limit.dates],
        "goal": _iso(goal, zone),
        "goal_capped": capped,
        "due": _iso(due, zone),
        "state": _state(rule["kind"], clock, due, as_of),
        "then": _act(rule["act"], clock),
    }


def _calendar(document: Mapping[str, Any]) -> Calendar | None:
    plain = document["calendar"]
    amounts = [document["rule"]["amount"]] + ([document["rule"]["goal"]["amount"]] if document["rule"]["goal"] else [])
    if (plain is None) != all(amount["unit"] == "elapsed" for amount in amounts):
        raise Refused("calendar: there is one exactly if something but elapsed time is counted")
    return None if plain is None else Calendar(read_pinned_form(plain, document["zone"]))


def _log(document: Mapping[str, Any], zone: Zone) -> list[Entry]:
    log = []
    for index, line in enumerate(document["log"]):
        at = _instant(f"log[{index}].at", line["at"], zone)
        named = line["data"].get("counts_from")
        counts_from = at if named is None else _instant(f"log[{index}].data.counts_from", named, zone)
        log.append(Entry(line["seq"], at, line["what"], line["data"], counts_from))
    return log


def _check_sense(document: Mapping[str, Any], log: list[Entry], as_of: int) -> None:
    """Refuse what no service writes: a log out of order or after the present, facts that bear on nothing."""
    rule = document["rule"]
    if not log or log[0].what != "received":
        raise Refused("log: it does not begin with the receipt")
    _check_rising("log: its entries are not in order", [entry.seq for entry in log])
    _check_rising("zone.changes: they are not in order", [at for at, _ in document["zone"]["changes"]])
    if any(entry.at > as_of for entry in log):
        raise Refused("log: an entry lies after the instant as of which it was issued")
    _check_judges([entry.data for entry in log if entry.what == "rejudged"], document["snapshot"])
    if not rule["levels"] and rule["unrated_level"] is not None:
        raise Refused("rule.unrated_level: the rule names no levels")
    if not rule["lines"] and rule["first_line"]:
        raise Refused("rule.first_line: the rule names no lines")
    if (rule["act"] is not None) != (rule["kind"] == "term"):
        raise Refused("rule.act: a term has one, and nothing else has")


def _check_judges(changes: list[Mapping[str, Any]], snapshot: str) -> None:
    """Refuse acts of judging anew that do not lead from one snapshot to the next, and to the certificate's at last."""
    judges = [change["before"] for change in changes[1:]] + [snapshot]
    if changes and [change["after"] for change in changes] != judges:
        raise Refused("snapshot: it is not the one by which the log says the ticket is judged")


def _check_rising(complaint: str, numbers: Iterable[int]) -> None:
    found = list(numbers)
    if found != sorted(set(found)):
        raise Refused(complaint)


def _clock(document: Mapping[str, Any], log: list[Entry]) -> Clock:
    rule, number = document["rule"], int(document["clock"])
    found = clocks(rule, log)
    if number >= len(found):
        raise Refused(f"clock: the log begins {len(found)} of this rule, there is no number {number}")
    if not fits(rule, log, found[number]):
        raise Refused("rule: it is not the one for this request's channel, level and line")
    return found[number]


def _amount(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {**plain, "value": plain["seconds"] * SECOND if "seconds" in plain else plain["days"]}


def _goal(
    rule: Mapping[str, Any], calendar: Calendar | None, since: int, clock: Clock, due: int | None
) -> tuple[int | None, bool]:
    if rule["goal"] is None:
        return None, False
    found: Deadline = recompute(calendar, since, _amount(rule["goal"]["amount"]), clock.pauses)
    if found.due is not None and due is not None and rule["goal"]["capped"] and found.due > due:
        return due, True
    return found.due, False


def _state(kind: str, clock: Clock, due: int | None, as_of: int) -> str:
    """Time used up comes first: an answer at the very due instant is too late. A mean is never breached."""
    looked = clock.end.at if clock.end is not None else as_of
    if due is not None and due <= looked and kind != "average":
        return "breached" if kind == "limit" else "expired"
    if clock.end is not None:
        return "cancelled" if clock.moot else "met"
    waiting = any(begins <= looked and (ends is None or ends > looked) for begins, ends in clock.pauses)
    return "paused" if waiting else "running"


def _act(act: Mapping[str, Any] | None, clock: Clock) -> str:
    if act is None:
        return ""
    text = act["then"] if clock.requests >= act["min_requests"] else act["before_min"]
    assert isinstance(text, str)
    return text


def _instant(place: str, text: str, zone: Zone) -> int:
    """Read an instant that is written as the zone's clock shows it."""
    if type(text) is not str:
        raise Refused(f"{place}: an instant is needed")
    try:
        at = instant(text)
        written = _iso(at, zone)
    except (ValueError, TypeError, OverflowError):
        raise Refused(f"{place}: {text[:60]!r} is no instant with its offset") from None
    if written != text:
        raise Refused(f"{place}: {text!r} is not how the zone's clock shows it: {written}")
    return at


def _iso(at: int | None, zone: Zone) -> str | None:
    if at is None:
        return None
    offset = zone.offset_s(at)
    minutes, seconds = divmod(abs(offset), 60)
    shown = (_EPOCH + timedelta(microseconds=at, seconds=offset)).isoformat()
    sign, tail = "-" if offset < 0 else "+", f":{seconds:02d}" if seconds else ""
    return f"{shown}{sign}{minutes // 60:02d}:{minutes % 60:02d}{tail}"
