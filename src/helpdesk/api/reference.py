"""Writes the API's reference page and its OpenAPI document from the routes themselves, without a running service."""

from importlib.metadata import version
from typing import Any

import msgspec
from litestar import Litestar

from helpdesk.api.description import describe
from helpdesk.api.routes import CONTROLLERS

_HEAD = """\
# The HTTP API

The service describes itself at `/schema/openapi.json` (OpenAPI 3.1; the same document is `openapi.json` beside this
page). This page says what the document cannot, and lists the routes. It is drawn from the code (`make reference`), and
a test keeps the two in step; another sends generated requests to every route and lets nothing come back that the
document does not tell. [Every operation has an example](examples.md) that was run.

## Who asks

`Authorization: Bearer <key>`. Operators make keys (`POST /v1/operator/keys`, or `helpdesk key create`); a key has a
role and the companies that it serves:

- `operator` runs the service: companies and keys, no company's tickets.
- `admin`, `agent` and `integrator` (a program) work for one company. An agent's key may serve several.
- Where a key serves several, `Helpdesk-Tenant: <slug>` says which company a request is about; for `POST /v1/calls` the
  dialled number says it. Any key may send the header; a company that it does not serve is answered 404, existing or
  not.

A revoked key is dead at once on the instance that revoked it, within two seconds on the others.

## What is sent

JSON in UTF-8 as `application/json`, at most 1 MiB and 32 levels deep. Types are strict, unknown fields and query
parameters are refused, texts are bounded. Instants are ISO 8601 with a zone (`2026-03-04T10:10:00+03:00`).

## What comes back

JSON; instants in UTC, spans in whole seconds (`…_seconds`), absent values as `null`, texts that say nothing as `""`.
Only an explanation of a deadline tells instants by its regulation's clock, and spans as they were counted, in
microseconds (`…_us`). Whatever is not what was asked for is a [problem](problems.md). Every answer has an
`X-Request-Id`, which the log has too.

Lists come by page: `limit` (1 to 200, default 50) and `next`, the cursor of the following page, null on the last. A
cursor is opaque and belongs to its list. `/v1/feed` always gives `next`: ask with it again and miss nothing.

## Writing safely

- `Idempotency-Key` (1 to 200 visible ASCII characters) makes a write happen once: the same key with the same request
  gets the stored answer, byte for byte, for 30 days; with another request it is answered 422. Keys are told apart by
  API key and company. Failures are not stored: a refused request may be corrected and sent under the same key only if
  nothing was committed for it (a refusal by the regulation is committed, an invalid request is not).
- A call has `call_id` besides, the telephone system's own: it holds for every key of the company, and every repetition
  is counted in the ledger as a duplicate.
- `If-Match: "<version>"` binds a change to the version that `ETag` gave: 412 if somebody was faster, with the version
  stored now. Every `PUT` replaces something and must say which version (RFC 6585): without it the answer is 428, and
  `If-Match: *` is none. Where a `PUT` may also put what is not there yet, `If-None-Match: *` says so instead. For
  `POST` and `DELETE` it is optional; setting a ticket's level, line or agent by `POST` is a command to whatever is
  there.
- Every 409 and 412 about something that has a version carries it as `current_version`.
- Operators' writes take a key like all others, told apart by API key over all companies. A secret is kept nowhere:
  under its key the same request is given the same secret again.

## Routes
"""


def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    app = Litestar(route_handlers=list(CONTROLLERS), openapi_config=None, logging_config=None)
    return describe(app, version("helpdesk"))


def render_document() -> str:
    """Return the OpenAPI document as the file beside the page."""
    return msgspec.json.format(msgspec.json.encode(document()), indent=1).decode() + "\n"


def render_page() -> str:
    """Return the reference page."""
    lines = [_HEAD]
    described = document()
    tags: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            who = ", ".join(operation.get("x-roles", ())) or "anybody"
            statuses = ", ".join(operation["responses"])
            row = f"| `{method.upper()} {path}` | {operation['summary']} | {who} | {statuses} |"
            tags.setdefault(operation["tags"][0], []).append(row)
    for tag, rows in tags.items():
        lines += [f"### {tag}", "", "| route | what | who | answers |", "|---|---|---|---|", *rows, ""]
    return "\n".join(lines)
