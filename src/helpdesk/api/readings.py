"""Which answers are readings to be recorded: whatever shows tickets of a confidential company to its staff."""

from typing import Any

from helpdesk.api.auth import caller_of
from helpdesk.api.doors import AnyRequest
from helpdesk.desk.companies.confidential import Reading
from helpdesk.kernel.principal import Principal

_SHOW_NO_TICKETS = frozenset(
    {
        "agents",
        "announcements",
        "audit",
        "canned-answers",
        "contacts",
        "organisations",
        "promise",
        "regulation",
        "reports",
        "telephony",
    }
)
"""What stands behind ``/v1``. A route that is not named here is recorded."""
_LISTS = ("items", "differences", "breaches", "exclusions")
"""Where answers list tickets."""
_LIST_TICKETS = frozenset({"sla", "comparison"})
"""The reports that do."""


def reading_of(request: AnyRequest, principal: Principal, shown: object) -> Reading | None:
    """Return the reading that showing ``shown`` is; None: the company is not confidential, or no ticket is shown."""
    caller = caller_of(request)
    if not any(served.id == principal.tenant_id and served.confidential for served in caller.tenants):
        return None
    parts = request.scope["path"].strip("/").split("/")
    lists = parts[1:2] == ["reports"] and parts[2:3] != [] and parts[2] in _LIST_TICKETS
    if len(parts) < 2 or (parts[1] in _SHOW_NO_TICKETS and not lists):
        return None
    data: dict[str, Any] = {"name": principal.name, "way": f"{request.method} /{'/'.join(parts)}"[:200]}
    number = request.path_params.get("number")
    if number is not None:
        return Reading(f"ticket:{number}", data)
    items = [each for name in _LISTS for each in getattr(shown, name, ())]
    numbers = sorted({each.number for each in items if getattr(each, "number", None) is not None})
    return Reading(f"list:{parts[1]}", {**data, "numbers": numbers})
