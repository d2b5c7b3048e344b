"""What a browser is told: JSON, problems as RFC 9457 has them, and nothing of anybody else's."""

from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import Struct

from helpdesk.contracts.messages import Outcome, Receipt
from helpdesk_channel_web.bodies import BadBody

RETRY_SECONDS = 5
"""After how long to come again when the service cannot take anything in."""
_JSON, _PROBLEM = b"application/json", b"application/problem+json"
_MADE = {Outcome.TICKET: 201, Outcome.FOLLOW_UP: 201}


class Answer(Struct, frozen=True):
    """One answer to one request."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[bytes, bytes], ...] = ()


def told(status: int, **content: Any) -> Answer:
    """Return an answer of JSON."""
    return Answer(status, msgspec.json.encode(content), ((b"content-type", _JSON),))


def problem(status: int, code: str, detail: str, fields: Mapping[str, str] | None = None, **more: str) -> Answer:
    """Return what is wrong: ``code`` for programs, ``detail`` in words, ``errors`` by field."""
    content: dict[str, Any] = {"status": status, "code": code, "detail": detail}
    if fields:
        content["errors"] = [{"path": path, "message": message} for path, message in fields.items()]
    content |= {name: value for name, value in more.items() if value}
    return Answer(status, msgspec.json.encode(content), ((b"content-type", _PROBLEM),))


def of_bad_body(error: BadBody) -> Answer:
    """Return what is wrong with a body."""
    return problem(error.status, error.code, error.detail, error.fields)


def of_receipt(receipt: Receipt) -> Answer:
    """Return what became of a message; to a repetition the same as the first time, and that it is one."""
    outcome = receipt.first or receipt.outcome
    if outcome is Outcome.REFUSED:
        clause, hint = receipt.clause, receipt.hint
        return problem(422, "refused", receipt.detail, clause=clause, hint=hint, ledger_id=receipt.ledger_id)
    found = {"outcome": str(outcome), "ledger_id": receipt.ledger_id, "number": receipt.number}
    return told(_MADE.get(outcome, 202), **found, repeated=receipt.outcome is Outcome.DUPLICATE)


def later() -> Answer:
    """Return that nothing was stored, and when to come again."""
    answer = problem(503, "unavailable", "Nothing was stored. Send the same once more in a moment.")
    return Answer(answer.status, answer.body, (*answer.headers, (b"retry-after", str(RETRY_SECONDS).encode())))


def nobody() -> Answer:
    """Return that there is no such thing, whatever was asked for."""
    return problem(404, "not-found", "There is no such thing.")
