"""One example of every operation of the API, in an order in which each can be run.

Places in braces are filled from what was made before: ``{number}`` and ``{other}`` are fresh tickets, the rest is what
an earlier example's answer was kept as.
"""

from typing import Any

from msgspec import Struct

DAYS = {"first_day": "2026-01-01", "last_day": "2026-12-31"}
MONTHS = {"first_month": "2026-01", "last_month": "2026-12"}
CALL = {"dialled": "+74953242442", "caller": "+79161234567", "summary": "Не открывается шлагбаум"}
ANSWER = {"kind": "answer", "text": "Обновите приложение до версии 5.3.", "resolves": True}
FACTS = ["not_client_fault", "confirmed_by_staff"]
ORGANISATION = "/v1/organisations/{organisation_id}"
TICKET = "/v1/tickets/{number}"
PROBLEM = "/v1/problems/{problem}"


class Example(Struct, frozen=True):
    """A request that is granted."""

    operation: str
    """Method and path, as the document has them."""
    body: dict[str, Any] | None = None
    query: dict[str, str] = {}
    key: str = "pass24-agent"
    before: tuple[tuple[str, str, dict[str, Any] | None], ...] = ()
    """What is asked first: method, path, body."""
    keep: dict[str, str] = {}
    """What of the answer later examples use: the place's name, the field."""
    content: bytes = b""
    """A body that is no JSON."""


def _post(what: str, body: dict[str, Any] | None = None) -> tuple[str, str, dict[str, Any] | None]:
    return ("POST", f"{TICKET}/{what}", body or {})


_ANSWERED = (_post("replies", ANSWER),)
_ASKED = (_post("replies", {"kind": "question", "text": "Какая версия приложения?"}),)
_HIGH = (("POST", f"{TICKET}/level", {"level": "high", "criterion": "1.5.1", "facts": FACTS}),)

EXAMPLES = (
    Example("GET /healthz", key=""),
    Example("GET /ready", key=""),
    Example("GET /metrics", key=""),
    Example("GET /schema/openapi.json", key=""),
    Example("GET /certificates/key", key=""),
    Example("GET /regulations/{company}", key=""),
    # The operator
    Example("GET /v1/operator/tenants", key="operator"),
    Example(
        "POST /v1/operator/tenants",
        {"regulation": "demo", "alert_address": "duty@demo.example"},
        key="operator",
    ),
    Example("GET /v1/operator/tenants/{tenant}", key="operator"),
    Example("GET /v1/operator/tenants/{tenant}/editions", key="operator"),
    Example("GET /v1/operator/tenants/{tenant}/snapshots/{snapshot}", key="operator"),
    Example(
        "POST /v1/operator/tenants/{tenant}/editions",
        {"{regulation}": None, "readings": {"short_days": "honour"}},
        key="operator",
    ),
    Example(
        "POST /v1/operator/tenants/{tenant}/editions/differences",
        {"{regulation}": None, "readings": {"short_days": "honour"}},
        key="operator",
    ),
    Example(
        "POST /v1/operator/keys",
        {"role": "agent", "name": "phone agents", "tenants": ["pass24"]},
        key="operator",
        keep={"key_id": "id"},
    ),
    Example("GET /v1/operator/keys", key="operator"),
    # Who works for the company
    Example(
        "POST /v1/operator/agents",
        {"name": "ольга-{unique}", "display_name": "Ольга", "tenants": ["intervale"]},
        key="operator",
        keep={"shared_agent_id": "id"},
    ),
    Example("GET /v1/operator/agents", key="operator"),
    Example("GET /v1/operator/agents/{shared_agent_id}", key="operator"),
    Example(
        "PUT /v1/operator/agents/{shared_agent_id}",
        {"display_name": "Ольга К.", "tenants": ["intervale"]},
        key="operator",
    ),
    Example(
        "POST /v1/agents",
        {
            "name": "борис-{unique}",
            "display_name": "Борис Ким",
            "email": "boris@intervale.example",
            "keys": ["{own_key}"],
        },
        key="intervale-admin",
        keep={"agent_id": "id"},
    ),
    Example("GET /v1/agents", key="intervale-agent"),
    Example("GET /v1/agents/{agent_id}", key="intervale-agent"),
    Example("GET /v1/agents/me", key="intervale-agent"),
    Example("PUT /v1/agents/me/state", {"state": "active"}, key="intervale-agent"),
    Example(
        "PUT /v1/agents/{agent_id}",
        {"display_name": "Борис Ким", "state": "left"},
        key="intervale-admin",
    ),
    Example("POST /v1/agents/{agent_id}/handback", {"reason": "уволился"}, key="intervale-admin"),
    Example("DELETE /v1/operator/keys/{key_id}", key="operator"),
    Example("GET /v1/operator/reports/attainment", query=MONTHS, key="operator"),
    # Clients
    Example(
        "POST /v1/organisations", {"name": "ООО «Ромашка» {unique}"}, key="pass24-admin", keep={"organisation_id": "id"}
    ),
    Example("GET /v1/organisations", query={"search": "ромашка"}),
    Example("PUT " + ORGANISATION, {"name": "ООО «Ромашка и партнёры» {unique}"}, key="pass24-admin"),
    Example(
        f"POST {ORGANISATION}/contracts",
        {"kind": "client", "first_day": "2026-01-01", "number": "17/26"},
        key="pass24-admin",
        keep={"contract_id": "id"},
    ),
    Example(f"PUT {ORGANISATION}/contracts/{{contract_id}}/end", {"last_day": "2027-12-31"}, key="pass24-admin"),
    Example(
        f"POST {ORGANISATION}/equipment",
        {"name": "Контроллер въезда", "serial": "A-17"},
        key="pass24-admin",
        keep={"equipment_id": "id"},
    ),
    Example(
        f"PUT {ORGANISATION}/equipment/{{equipment_id}}",
        {"name": "Контроллер въезда", "serial": "A-17", "accepted_on": "2026-02-01"},
        key="pass24-admin",
    ),
    Example(f"PUT {ORGANISATION}/products/{{product}}", {"version": "5.2"}, key="pass24-admin"),
    Example("GET " + ORGANISATION),
    Example(
        "POST /v1/contacts",
        {
            "name": "Дежурный по въезду",
            "organisation_id": "{organisation_id}",
            "authorised": True,
            "addresses": [{"channel_kind": "phone", "address": "+7916123{unique}"}],
        },
        keep={"contact_id": "id"},
    ),
    Example("GET /v1/contacts", query={"search": "дежурный"}),
    Example("GET /v1/contacts/{contact_id}"),
    Example("PUT /v1/contacts/{contact_id}", {"name": "Дежурный по въезду", "organisation_id": "{organisation_id}"}),
    Example("GET /v1/callers", query={"search": "дежурный"}),
    Example("GET /v1/callers/{e164}", query={"dialled": "+74953242442"}),
    Example(
        "PUT /v1/organisations/{suspended_id}/suspension",
        {"why": "нарушены условия использования"},
        key="intervale-admin",
    ),
    Example("DELETE /v1/organisations/{suspended_id}/suspension", key="intervale-admin"),
    Example(f"PUT {ORGANISATION}/domains", {"domains": ["romashka-{unique}.example"]}, key="pass24-admin"),
    Example(f"DELETE {ORGANISATION}/products/{{product}}", key="pass24-admin"),
    Example(f"DELETE {ORGANISATION}/equipment/{{equipment_id}}", key="pass24-admin"),
    Example(f"DELETE {ORGANISATION}/contracts/{{contract_id}}", key="pass24-admin"),
    Example("POST /v1/organisations", {"name": "ООО «Лютик» {unique}"}, key="pass24-admin", keep={"gone_id": "id"}),
    Example("DELETE /v1/organisations/{gone_id}", key="pass24-admin"),
    Example(
        "POST /v1/contacts",
        {
            "name": "Охрана",
            "addresses": [{"channel_kind": "email", "address": "watch@romashka.example", "verified": False}],
        },
        keep={"unverified_id": "id"},
    ),
    Example(
        "POST /v1/contacts/{unverified_id}/verification",
        {"channel_kind": "email", "address": "watch@romashka.example", "how": "перезвонили по номеру из договора"},
    ),
    Example("DELETE /v1/contacts/{unverified_id}", key="pass24-admin"),
    # Before anything is registered
    Example("POST /v1/promise", {"channel_kind": "phone", "level": "high"}),
    Example("GET /v1/regulation/text"),
    Example("GET /v1/regulation"),
    Example(
        "POST /v1/regulation/explanations",
        {"channel": "email", "received_at": "2026-11-23T12:00:00+03:00", "level": "high"},
    ),
    # Coming in
    Example(
        "POST /v1/tickets",
        {
            "subject": "Не открывается шлагбаум",
            "text": "Пропуск выписан, шлагбаум не открывается.",
            "channel_kind": "email",
            "requester": "gate-{unique}@clients.example",
        },
    ),
    Example("POST /v1/calls", {**CALL, "call_id": "pbx-{unique}", "contact": "gate-{unique}@clients.example"}),
    Example("GET /v1/telephony"),
    Example("POST /hooks/telephony/{hook}"),
    Example("GET /v1/calls", query={"state": "open"}),
    Example("GET /v1/calls/{call_id}"),
    Example("GET /v1/holds"),
    Example("POST /v1/holds/{held}/resolution", {"resolution": "ticket"}),
    Example("GET /v1/ledger", query={"outcome": "ticket", "limit": "2"}),
    Example("GET /v1/ledger/totals", query=DAYS),
    Example("GET /v1/feed", query={"limit": "2"}),
    Example("GET /v1/deliveries", query={"limit": "1"}),
    Example("GET /v1/search", query={"q": "шлагбаум", "limit": "1"}),
    # A ticket read
    Example("GET /v1/tickets", query={"state": "new", "level": "normal", "limit": "1"}),
    Example("GET " + TICKET),
    Example(f"GET {TICKET}/messages", query={"limit": "1"}),
    Example(f"GET {TICKET}/events", query={"limit": "2"}),
    Example(f"GET {TICKET}/choices"),
    Example(f"GET {TICKET}/deadlines"),
    Example(f"GET {TICKET}/deadlines/{{name}}/{{seq}}/certificate"),
    Example(f"GET {TICKET}/evidence", key="pass24-admin"),
    # A ticket worked on
    Example("GET /v1/queue", query={"unassigned": "true", "limit": "1"}),
    Example("POST /v1/queue/next", {"agent": "Анна"}),
    Example(f"POST {TICKET}/accept", {"agent": "Анна"}),
    Example(f"POST {TICKET}/assignment", {"agent": "Анна", "inform_client": True}),
    Example(f"PUT {TICKET}/assignment", {"agent": "Борис"}),
    Example(f"DELETE {TICKET}/assignment", before=(_post("accept", {"agent": "Анна"}),)),
    Example(f"POST {TICKET}/level", {"level": "low", "criterion": "общий вопрос"}),
    Example(f"PUT {TICKET}/level", {"level": "high", "criterion": "въезд невозможен", "facts": FACTS}),
    Example(f"POST {TICKET}/category", {"category": "general_advice"}),
    Example(f"PUT {TICKET}/category", {"category": "feature_request"}),
    Example(f"POST {TICKET}/work", {"work": "diagnostics", "text": "Журнал контроллера прочитан."}),
    Example(f"POST {TICKET}/release", {"release": "5.3"}),
    Example(f"PUT {TICKET}/release", {"release": "5.3", "day": "2026-12-20"}),
    Example(f"POST {TICKET}/number-told", {"channel": "phone"}),
    Example(f"POST {TICKET}/line", {"line": "development", "reason": "нужна доработка"}),
    Example(f"PUT {TICKET}/line", {"line": "development", "reason": "нужна доработка"}),
    Example(f"POST {TICKET}/expedite", {"cause": "стоит весь въезд"}, before=_HIGH),
    Example(f"POST {TICKET}/replies", {"kind": "question", "text": "Какая версия приложения?"}),
    Example(f"POST {TICKET}/notes", {"text": "Клиент звонил, просил поторопиться."}),
    Example(f"POST {TICKET}/pauses", {"reason": "waiting_client", "note": "ждём снимок экрана"}),
    Example(f"DELETE {TICKET}/pauses/{{reason}}", before=_ASKED),
    Example(f"POST {TICKET}/details", {"details": {"phone_model": "Pixel 8", "os_version": "15"}}),
    Example(
        f"POST {TICKET}/remote-sessions",
        {"object": "контроллер въезда", "consent": "дежурный, по телефону"},
    ),
    Example(f"GET {TICKET}/remote-sessions"),
    Example(
        f"POST {TICKET}/remote-sessions/{{session}}/end",
        before=(_post("remote-sessions", {"object": "контроллер въезда", "consent": "дежурный, по телефону"}),),
    ),
    Example(f"PUT {TICKET}/identity", {"contact_id": "{contact_id}"}),
    Example(
        f"POST {TICKET}/attachments",
        query={"name": "снимок.png"},
        content=b"\x89PNG\r\n\x1a\n",
        keep={"attachment_id": "attachment.id"},
    ),
    Example(f"GET {TICKET}/attachments"),
    Example("GET /v1/tickets/{attached}/attachments/{attachment_id}"),
    Example(
        "POST /v1/canned-answers",
        {"name": "update-{unique}", "title": "Обновление", "text": "Обновите приложение, { $client }."},
        key="pass24-admin",
        keep={"answer_id": "id"},
    ),
    Example("GET /v1/canned-answers"),
    Example("GET /v1/canned-answers/{answer_id}"),
    Example(
        "PUT /v1/canned-answers/{answer_id}",
        {"name": "update", "title": "Обновление", "text": "Обновите приложение до версии 5.3."},
        key="pass24-admin",
    ),
    Example(f"POST {TICKET}/canned-replies", {"name": "update"}),
    Example("DELETE /v1/canned-answers/{answer_id}", key="pass24-admin"),
    # Events to targets
    Example(
        "POST /v1/subscriptions",
        {
            "target": "https://hooks.example.com/{unique}",
            "events": ["ticket.registered", "ticket.breached"],
            "title": "CRM",
        },
        key="pass24-admin",
        keep={"subscription_id": "id"},
    ),
    Example("GET /v1/subscriptions", key="pass24-admin"),
    Example("GET /v1/subscriptions/{subscription_id}", key="pass24-admin"),
    Example("POST /v1/subscriptions/{subscription_id}/tests", key="pass24-admin"),
    Example("GET /v1/subscriptions/{subscription_id}/deliveries", key="pass24-admin"),
    Example("POST /v1/subscriptions/{subscription_id}/secrets", key="pass24-admin"),
    Example("GET /v1/subscriptions/{subscription_id}/secrets", key="pass24-admin"),
    Example(
        "PUT /v1/subscriptions/{subscription_id}",
        {"target": "https://hooks.example.com/tickets", "events": ["ticket.breached"], "title": "CRM", "enabled": True},
        key="pass24-admin",
    ),
    Example("DELETE /v1/subscriptions/{subscription_id}", key="pass24-admin"),
    # Who takes part, and tags
    Example(f"POST {TICKET}/participants", {"address": "boss-{unique}@clients.example", "copied": True}),
    Example(f"GET {TICKET}/participants"),
    Example(
        f"DELETE {TICKET}/participants/{{channel_kind}}/{{address}}",
        before=(_post("participants", {"address": "boss@clients.example"}),),
    ),
    Example(f"POST {TICKET}/tags", {"tags": ["Шлагбаум", "въезд"]}),
    Example(f"DELETE {TICKET}/tags/{{tag}}", before=(_post("tags", {"tags": ["въезд"]}),)),
    Example("GET /v1/tags"),
    # Tickets together
    Example(f"POST {TICKET}/links", {"relation": "related", "number": "{held_from}"}),
    Example(f"GET {TICKET}/links"),
    Example(
        f"DELETE {TICKET}/links/{{relation}}/{{other}}",
        before=(_post("links", {"relation": "related", "number": "{other}"}),),
    ),
    Example(f"POST {TICKET}/split", {"parts": [{"subject": "Второй вопрос", "text": "Как продлить пропуск?"}]}),
    Example(f"POST {TICKET}/merge", {"into": "{other}"}),
    Example(
        "POST /v1/problems", {"title": "Шлагбаумы не открываются", "cause": "обновление"}, keep={"problem": "number"}
    ),
    Example("GET /v1/problems"),
    Example("GET " + PROBLEM),
    Example("PUT " + PROBLEM, {"title": "Шлагбаумы не открываются с утра", "workaround": "открывать вручную"}),
    Example(f"POST {PROBLEM}/tickets", {"number": "{grouped}"}),
    Example(f"PUT {PROBLEM}/resolution", {"text": "Исправлено в версии 5.3."}),
    Example(f"POST {PROBLEM}/answers"),
    Example(f"DELETE {PROBLEM}/resolution"),
    Example(f"DELETE {PROBLEM}/tickets/{{ticket}}"),
    # A ticket's end
    Example(f"POST {TICKET}/resolve", {"text": "Готово, проверьте."}),
    Example(f"POST {TICKET}/confirm", {"text": "Звонили: всё работает."}, before=_ANSWERED),
    Example(f"POST {TICKET}/disagree", {"text": "Шлагбаум всё ещё закрыт."}, before=_ANSWERED),
    Example(f"POST {TICKET}/reopen", {"reason": "ошибка повторилась у другого клиента"}, before=_ANSWERED),
    Example(f"POST {TICKET}/close", {"outcome": "solved"}),
    Example(
        f"POST {TICKET}/regulation",
        {"cause": "клиент подписал новую редакцию", "snapshot": "{snapshot}"},
        key="pass24-admin",
    ),
    Example(
        "POST /v1/repairs",
        {"ticket": "{serviced}", "equipment_id": "{device}", "fault": "не включается"},
        key="specpromdesign-agent",
        keep={"repair": "number"},
    ),
    Example("GET /v1/repairs", key="specpromdesign-agent"),
    Example("GET /v1/repairs/{repair}", key="specpromdesign-agent"),
    Example("POST /v1/repairs/{repair}/acts", {"act": "receive"}, key="specpromdesign-agent"),
    # Beside the tickets
    Example(
        "POST /v1/announcements",
        {"texts": {"ru": "В ночь на субботу возможны перерывы."}},
        key="pass24-admin",
        keep={"announcement_id": "id"},
    ),
    Example("GET /v1/announcements"),
    Example("GET /v1/announcements/{announcement_id}"),
    Example("POST /v1/announcements/{announcement_id}/withdrawal", {"why": "работы отменены"}, key="pass24-admin"),
    Example(
        "POST /v1/complaints",
        {"text": "Отвечали грубо.", "about": "Борис", "complainant": "Дежурный по въезду"},
        key="siroca-agent",
        keep={"complaint_id": "id"},
    ),
    Example("GET /v1/complaints", key="siroca-admin"),
    Example("GET /v1/complaints/{complaint_id}", key="siroca-admin"),
    Example("PUT /v1/complaints/{complaint_id}/handler", {"agent": "Анна"}, key="siroca-admin"),
    Example(
        "PUT /v1/complaints/{complaint_id}/decision",
        {"text": "Принесены извинения.", "upheld": True},
        key="siroca-admin",
    ),
    Example("GET /v1/audit", query={"limit": "1"}, key="pass24-admin"),
    Example("GET /v1/audit/head", key="pass24-admin"),
    Example("GET /v1/reports/attainment", query=MONTHS),
    Example("GET /v1/reports/averages", query=MONTHS),
    Example("GET /v1/reports/comparison", query=MONTHS),
    Example("GET /v1/reports/ledger", query=DAYS),
    Example("GET /v1/reports/queue-age"),
    Example("GET /v1/reports/sla", query={"month": "2026-01"}),
    Example(
        "POST /v1/operator/tenants/{tenant}/editions/simulations", {"{regulation}": None, "most": 1}, key="operator"
    ),
    Example(
        "PUT /v1/operator/tenants/{tenant}/shadow",
        {"on": True, "cause": "идёт рядом с прежней системой"},
        key="operator",
    ),
    Example(
        "PUT /v1/operator/tenants/{tenant}/confidential",
        {"on": True, "cause": "договор с клиентом"},
        key="operator",
    ),
    Example("POST /v1/operator/regulations/examinations", {"{regulation}": None}, key="operator"),
)
