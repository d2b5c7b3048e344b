"""Certificates to check and to damage: of the worked cases and scenarios of the companies, and mutants of them."""

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from helpdesk.contracts.clocks import ClockKind
from helpdesk.contracts.log import Entry
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.certifying.certificates import certify, to_json
from helpdesk.regulation.certifying.seal import Seal
from helpdesk.regulation.examining.replay import Replayer, _instant, case_log
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import take_snapshot
from helpdesk.regulation.loading.loader import load_package
from helpdesk.verify.certificates import Refused, verify

ROOT = Path(__file__).parents[2]
COMPANIES = ("telemedhelp", "specpromdesign", "intervale", "siroca", "pass24")
SEAL = Seal(b"the secret of a test installation")
Place = tuple[str | int, ...]


def certificates_of(
    evaluator: Evaluator, log: Sequence[Entry], now: Instant, ticket: int | None = 7
) -> Iterator[tuple[str, bytes]]:
    """Yield the certificate of every clock that promises a time, with its due instant as we compute it."""
    for view in evaluator.clocks(log, now):
        if view.kind in {ClockKind.NONE, ClockKind.UNKNOWN}:
            continue
        found = certify(evaluator, SEAL, ticket, log, view.name, view.seq, now)
        assert found.derived.state is view.state
        yield f"{view.name}/{view.seq}", to_json(found)


def golden() -> Iterator[tuple[str, bytes]]:
    """Yield the certificates of every worked case that is accepted: company, case, clock; content."""
    replayer = Replayer({company: load_package(ROOT / "policies" / company) for company in COMPANIES})
    for file in sorted((ROOT / "tests/data/calendar/golden").glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            case = json.loads(line)
            evaluator = replayer.evaluator(case["company"], case["readings"])
            received = _instant(case["received"])
            admission = evaluator.admit_by_name(case["channel"], received)
            if admission.accepted:
                log = case_log(case, evaluator, admission.channel, received, admission.counts_from)
                for clock, content in certificates_of(evaluator, log, max(entry.at for entry in log)):
                    yield f"{case['company']} {case['id']} {clock}", content


def evaluators() -> dict[str, Evaluator]:
    """Return an evaluator of each company, with its example parameters."""
    found = {}
    for company in COMPANIES:
        package = load_package(ROOT / "policies" / company)
        found[company] = Evaluator(take_snapshot(package, parameters=package.example))
    return found


def varied(found: Sequence[tuple[str, bytes]], each: int) -> list[tuple[str, bytes]]:
    """Return up to ``each`` certificates of every company, first those in which the most different things happen."""
    chosen: list[tuple[str, bytes]] = []
    for company in COMPANIES:
        own = [(name, content) for name, content in found if name.startswith(company)]
        chosen += sorted(own, key=lambda item: -len(set(item[1].split(b"\n"))))[:: max(1, len(own) // each)][:each]
    return chosen


def sealed_anew(document: dict[str, Any], issued: dict[str, Any]) -> bytes:
    """Return the document with the hash of what it says now, unless the hash is what was altered; not signed anew."""
    if document.get("hash") != issued["hash"]:
        return json.dumps(document).encode()
    said = {key: value for key, value in document.items() if key not in {"hash", "signature"}}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return json.dumps({**document, "hash": hashlib.sha256(text).hexdigest()}).encode()


def signed_anew(document: dict[str, Any], seal: Seal = SEAL) -> bytes:
    """Return the document signed again, as only the holder of the key can."""
    said = {key: value for key, value in document.items() if key not in {"key", "hash", "signature"}}
    return json.dumps(seal.sealed(said)).encode()


def holds(content: bytes) -> bool:
    """Say whether a certificate holds; no key is trusted."""
    try:
        verify(content)
    except Refused:
        return False
    return True


def mutants(document: dict[str, Any], dice: random.Random, count: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield ``count`` changed documents, each changed in one place, and what was changed.

    The first ones change every scalar once, in any order; the others are drawn: keys taken away, added, renamed, lists
    reversed, cut short, emptied, doubled, values of another type, scalars changed in another way.
    """
    original = json.dumps(document, sort_keys=True)
    whole = json.dumps({"": document})
    places = list(_places(document, ()))
    scalars = [place for place in places if not isinstance(_at(document, place), dict | list)]
    dice.shuffle(scalars)
    made = 0
    while made < count:
        place = scalars[made] if made < len(scalars) else dice.choice(places)
        around = json.loads(whole)
        how = _change(around, ("", *place), dice)
        changed = around[""]
        if isinstance(changed, dict) and json.dumps(changed, sort_keys=True) != original:
            made += 1
            yield f"{'.'.join(map(str, place))}: {how}", changed


def _places(value: Any, place: Place) -> Iterator[Place]:
    yield place
    children = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in children:
        yield from _places(child, (*place, key))


def _at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def _change(document: dict[str, Any], place: Place, dice: random.Random) -> str:
    """Change the document at ``place``; say how."""
    around, key = _at(document, place[:-1]), place[-1]
    value = around[key]
    if isinstance(value, list):
        how, after = dice.choice(
            [
                ("reversed", value[::-1]),
                ("cut short", value[:-1]),
                ("its first taken away", value[1:]),
                ("emptied", []),
                ("its last doubled", [*value, *value[-1:]]),
                ("null added", [*value, None]),
                ("null", None),
            ]
        )
        around[key] = after
        return how
    if isinstance(value, dict):
        return _change_table(around, key, value, dice)
    if dice.random() < 0.1 and isinstance(around, dict):
        del around[key]
        return "taken away"
    how, around[key] = dice.choice(_other_values(value, dice))
    return how


def _change_table(around: Any, key: str | int, value: dict[str, Any], dice: random.Random) -> str:
    if not value or dice.random() < 0.3:
        value[dice.choice([name for name in ("x", "due", "note", "value") if name not in value])] = dice.choice(
            (None, 0, "x", {})
        )
        return "a key added"
    inner = dice.choice(sorted(value))
    if dice.random() < 0.4:
        value[f"{inner}_"] = value.pop(inner)
        return f"{inner} renamed"
    if dice.random() < 0.2:
        around[key] = None
        return "null"
    del value[inner]
    return f"{inner} taken away"


def _other_values(value: Any, dice: random.Random) -> list[tuple[str, Any]]:
    """Return changes that fit the value's type, and a few that do not."""
    if value is None:
        return [("text", "x"), ("number", 1), ("instant", "2026-03-04T10:10:00+03:00"), ("false", False)]
    if isinstance(value, bool):
        return [("negated", not value), ("number", int(value)), ("null", None), ("text", str(value).lower())]
    if isinstance(value, int):
        return [
            ("one more", value + 1),
            ("one less", value - 1),
            ("doubled", value * 2),
            ("negated", -value),
            ("huge", value + 10**18),
            ("text", str(value)),
            ("float", float(value)),
            ("true", True),
            ("null", None),
        ]
    return _other_texts(value, dice)


def _other_texts(value: str, dice: random.Random) -> list[tuple[str, Any]]:
    changes: list[tuple[str, Any]] = [
        ("longer", f"{value} "),
        ("shorter", value[:-1]),
        ("upper case", value.upper()),
        ("null", None),
        ("number", 0),
    ]
    if value:
        at = dice.randrange(len(value))
        other = dice.choice("0123456789abcdef")
        changes.append(("a character replaced", value[:at] + other + value[at + 1 :]))
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return changes
    spans = {"microsecond": timedelta(microseconds=1), "second": timedelta(seconds=1), "day": timedelta(days=1)}
    changes += [(f"a {name} later", (moment + span).isoformat()) for name, span in spans.items()]
    changes += [(f"a {name} earlier", (moment - span).isoformat()) for name, span in spans.items()]
    return [*changes, ("another offset", value[:-1] + "7")]
