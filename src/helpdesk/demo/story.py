"""What the demonstration does, step by step, through the service's real doors only."""

import asyncio
import smtplib
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

import msgspec

from helpdesk.demo.api import Api
from helpdesk.demo.bus import Bus
from helpdesk.demo.script import ALERTS, COMPANIES, ENGINEER, SERVED, UNOFFICIAL, Company
from helpdesk.demo.service import Service
from helpdesk.demo.sink import Mail, Sink
from helpdesk.demo.table import Row, promise_row

MAIL_SECONDS = 15.0
"""How long a letter may take from the step that causes it to the sink."""
TIMER_SECONDS = 25.0
"""How long the demonstration company's breach may take."""

_WHOLE_LINES = policy.SMTP.clone(max_line_length=900)
"""Mail programs send a long Message-ID back on one line; the library's default would encode it."""

Say = Callable[[str], None]


class Story:
    """One run. Every step raises where something else happens than it tells."""

    def __init__(self, service: Service, sink: Sink, bus: Bus, policies: Path, say: Say) -> None:
        self.rows: list[Row] = []
        self._service = service
        self._sink = sink
        self._bus = bus
        self._policies = policies
        self._say = say
        self._addresses: dict[str, dict[str, str]] = {}
        self._received: dict[str, int] = {company.slug: 0 for company in COMPANIES}
        self._tickets: dict[tuple[str, str], int] = {}
        self._api: Api

    async def run(self) -> None:
        """Go through all steps.

        Raises:
            Exception: whatever did not happen as told.
        """
        await self._bus.start(self._service.nats_url())
        async with Api(self._service, await self._take_on()) as self._api:
            await self._send_letters()
            await self._register_calls()
            await self._try_the_unofficial()
            await self._see_acknowledgements()
            await self._work_and_converse()
            await self._see_timers()
            await self._gather_rows()
            await self._balance()

    async def _take_on(self) -> str:
        """Take on the companies while the service runs, one by a command; return an agent's key."""
        first, *rest = COMPANIES
        operator = ["key", "create", "--role", "operator", "--name", "demonstration", "--quiet"]
        key, _ = await asyncio.gather(self._service.command(*operator), self._service.command(*self._words(first)))
        async with Api(self._service, key.strip()) as api:
            await asyncio.gather(*(api.post("/v1/operator/tenants", "", self._request(company)) for company in rest))
            slugs = [company.slug for company in COMPANIES]
            body = {"role": "agent", "name": "demonstration", "tenants": slugs}
            agent = await api.post("/v1/operator/keys", "", body)
        for line in (await self._service.command("tenant", "list", "--json")).splitlines():
            tenant = msgspec.json.decode(line, type=dict[str, Any])
            reached = self._addresses[tenant["slug"]] = {}
            for known in tenant["addresses"]:
                reached.setdefault(known["channel_kind"], known["address"])
        self._say(f"{len(slugs)} companies taken on by their regulations: {', '.join(slugs)}")
        return str(agent["secret"])

    def _words(self, company: Company) -> list[str]:
        """Return the command that takes on a company."""
        words = ["tenant", "add", "--regulation", str(self._policies / company.slug), "--alert", ALERTS]
        return [*words, "--address", f"phone:{company.other_phone}"] if company.other_phone else words

    def _request(self, company: Company) -> dict[str, Any]:
        """Return the body of the request that takes on a company."""
        body: dict[str, Any] = {"regulation": company.slug, "alert_address": ALERTS}
        example = self._policies / company.slug / "example-parameters.toml"
        if example.exists():
            body["parameters"] = msgspec.toml.decode(example.read_bytes())
        return body

    async def _send_letters(self) -> None:
        """Send one mail to each company, all at once, and see a ticket each."""
        await asyncio.gather(*(self._send(company) for company in COMPANIES))
        for company in COMPANIES:
            ticket = await self._only_ticket(company.slug)
            self._tickets[company.slug, "email"] = ticket["number"]
        self._say(f"{len(COMPANIES)} mails sent to the service's SMTP port; each became a ticket of the right company")
        for company in COMPANIES:
            if company.letter.level:
                letter = company.letter
                body: dict[str, Any] = {"level": letter.level, "criterion": letter.criterion, "facts": letter.facts}
                body |= {} if letter.affected is None else {"affected": letter.affected}
                number = self._tickets[company.slug, "email"]
                await self._api.post(f"/v1/tickets/{number}/level", company.slug, body)

    async def _send(self, company: Company) -> None:
        letter = company.letter
        await self._mail(letter.sender, self._addresses[company.slug]["email"], letter.subject, letter.text)
        self._received[company.slug] += 1

    async def _mail(self, sender: str, recipient: str, subject: str, text: str, reply_to: Mail | None = None) -> None:
        message = EmailMessage(_WHOLE_LINES)
        message["From"], message["To"], message["Subject"] = sender, recipient, subject
        message["Message-ID"] = make_msgid(domain="clients.example")
        if reply_to is not None:
            message["In-Reply-To"] = message["References"] = reply_to.message_id
        message.set_content(text)

        def send() -> None:
            with smtplib.SMTP("127.0.0.1", self._service.smtp_port, timeout=10) as client:
                client.send_message(message, sender, [recipient])

        await asyncio.to_thread(send)

    async def _only_ticket(self, slug: str) -> dict[str, Any]:
        found = (await self._api.get("/v1/tickets", slug))["items"]
        _must(len(found) == 1, f"{slug} has {len(found)} tickets after one mail")
        ticket: dict[str, Any] = found[0]
        return ticket

    async def _register_calls(self) -> None:
        """Register a call for each company that takes calls. One may be closed to calls on a public holiday."""
        refused = 0
        for company in COMPANIES:
            if company.slug == UNOFFICIAL:
                continue
            answer = await self._api.try_post("/v1/calls", company.slug, self._call_body(company))
            self._received[company.slug] += 1
            body = answer.json()
            if answer.status_code == 422 and body.get("clause"):
                refused += 1
                self._refusal_row(company.slug, "phone", body)
                continue
            _must(answer.status_code == 201, f"the call to {company.slug}: {answer.status_code} {answer.text}")
            self._tickets[company.slug, "phone"] = body["number"]
        done = len(COMPANIES) - 1 - refused
        _must(done > 0, "no company took a call")
        today = f"; {refused} refused today by the regulation" if refused else ""
        self._say(f"{done} calls registered over HTTP with a phone agent's key{today}")

    def _call_body(self, company: Company) -> dict[str, Any]:
        call = company.call
        body: dict[str, Any] = {
            "dialled": self._addresses[company.slug]["phone"],
            "caller": call.caller,
            "summary": call.summary,
            "contact": call.contact,
        }
        if call.level:
            body |= {"level": call.level, "criterion": call.criterion}
            body |= {} if call.affected is None else {"affected": call.affected}
        return body

    async def _try_the_unofficial(self) -> None:
        """A call to a company whose regulation knows no calls is refused with the clause, and counted."""
        company = next(company for company in COMPANIES if company.slug == UNOFFICIAL)
        answer = await self._api.try_post("/v1/calls", company.slug, self._call_body(company))
        self._received[company.slug] += 1
        body = answer.json()
        _must(answer.status_code == 422, f"a call to {company.slug} was answered {answer.status_code}")
        _must(body.get("clause") == "6.1", f"the refusal names clause {body.get('clause')!r}")
        _must(bool(body.get("ledger_id")), "the refusal names no line of the ledger")
        self._refusal_row(company.slug, "phone", body)
        self._say(
            f"a call to {company.slug} was refused: 422, clause {body['clause']}, ledger {body['ledger_id'][:8]}…"
        )

    def _refusal_row(self, slug: str, channel: str, problem: dict[str, Any]) -> None:
        why = " ".join(text for text in (problem.get("detail"), problem.get("hint")) if text)
        self.rows.append(Row(slug, channel, "refused", "–", "–", "–", problem["clause"], why))

    async def _see_acknowledgements(self) -> None:
        """Every ticket's client gets its number by mail."""
        companies = {company.slug: company for company in COMPANIES}
        for (slug, door), number in self._tickets.items():
            client = companies[slug].letter.sender if door == "email" else companies[slug].call.contact
            await self._sink_gets(_acknowledges(client, self._addresses[slug]["email"], number))
        self._say(f"{len(self._tickets)} acknowledgements with the ticket's number arrived at the SMTP sink")

    async def _work_and_converse(self) -> None:
        """An agent takes a ticket and answers; the client replies to that mail, and the reply joins the ticket."""
        company = next(company for company in COMPANIES if company.slug == UNOFFICIAL)
        slug, client, number = company.slug, company.letter.sender, self._tickets[company.slug, "email"]
        ticket = f"/v1/tickets/{number}"
        await self._api.post(f"{ticket}/assignment", slug, {"agent": ENGINEER, "inform_client": True})
        await self._sink_gets(lambda mail: mail.recipient == client and ENGINEER in mail.text)
        words = "Проверьте, пожалуйста, доступ к интернету и напишите, что видите."
        await self._api.post(f"{ticket}/replies", slug, {"kind": "answer", "text": words})
        answer = await self._sink_gets(lambda mail: mail.recipient == client and words in mail.text)
        ours = self._addresses[slug]["email"]
        await self._mail(client, ours, f"Re: {answer.subject}", "Доступ есть, страница пуста.", reply_to=answer)
        self._received[slug] += 1
        joined = (await self._api.get(f"{ticket}/messages", slug))["items"]
        _must(any("страница пуста" in message["text"] for message in joined[1:]), "the client's reply did not join")
        self._say(f"an agent took ticket #{number} of {slug} and answered; the client's reply joined it by its token")

    async def _see_timers(self) -> None:
        """Nobody answers the demonstration company's caller: a warning, then a breach, on NATS and by mail."""
        number = self._tickets[SERVED, "phone"]
        for what in ("warned", "breached"):
            event = await self._bus.expect(_tells(what, number), TIMER_SECONDS)
            _must(event["number"] == number, f"{what}: another ticket")
        await self._until(lambda: len(self._alerts(number)) >= 2, "the warning and the breach were not both mailed")
        log = (await self._api.get(f"/v1/tickets/{number}/events", SERVED))["items"]
        for what in ("warned", "breached"):
            _must(sum(entry["what"] == what for entry in log) == 1, f"{what} is not exactly once in the log")
        self._say(f"ticket #{number} of {SERVED}: a warning, then a breach; each on NATS, by mail, once in the log")

    def _alerts(self, number: int) -> set[str]:
        """Return the ids of the mails to the staff that speak of the ticket."""
        mails = (mail for mail in self._sink.mails if mail.recipient == ALERTS)
        return {mail.message_id for mail in mails if f"{number}" in mail.subject}

    async def _gather_rows(self) -> None:
        """Read every ticket's deadlines, with their explanations."""
        for (slug, _), number in self._tickets.items():
            ticket = await self._api.get(f"/v1/tickets/{number}", slug)
            deadlines = (await self._api.get(f"/v1/tickets/{number}/deadlines", slug))["items"]
            _must(bool(deadlines), f"ticket #{number} of {slug} has no deadline")
            self.rows += [promise_row(slug, ticket, deadline) for deadline in deadlines if deadline["kind"] != "term"]

    async def _balance(self) -> None:
        """What each company received is what was sent to it, each with one outcome; NATS has told of each ticket."""
        today = datetime.now(UTC).date()
        span = f"first_day={today - timedelta(days=1)}&last_day={today + timedelta(days=1)}"
        for slug, sent in self._received.items():
            totals = await self._api.get(f"/v1/ledger/totals?{span}", slug)
            _must(totals["received"] == sent, f"{slug}: {sent} sent, {totals['received']} in the ledger")
            _must(sum(item["count"] for item in totals["items"]) == sent, f"{slug}: the ledger does not add up")
        registered = {
            (subject, event["number"]) for subject, event in self._bus.events if subject.endswith(".registered")
        }
        _must(len(registered) == len(self._tickets), f"NATS told of {len(registered)} of {len(self._tickets)} tickets")
        received = sum(self._received.values())
        self._say(
            f"the ledger adds up: {received} inputs, {received} outcomes; {len(self._bus.events)} events came on NATS"
        )

    async def _sink_gets(self, wanted: Callable[[Mail], bool]) -> Mail:
        try:
            return await self._sink.expect(wanted, MAIL_SECONDS)
        except TimeoutError:
            subjects = "; ".join(f"{mail.recipient}: {mail.subject}" for mail in self._sink.mails)
            raise TimeoutError(f"a mail did not come within {MAIL_SECONDS:g} s; the sink has: {subjects}") from None

    async def _until(self, holds: Callable[[], bool], otherwise: str) -> None:
        limit = time.monotonic() + MAIL_SECONDS
        while not holds():
            _must(time.monotonic() < limit, otherwise)
            await asyncio.sleep(0.05)


def _acknowledges(client: str, ours: str, number: int) -> Callable[[Mail], bool]:
    """Tell the automatic letter that names this ticket of the company with this address."""

    def wanted(mail: Mail) -> bool:
        return (
            mail.recipient == client
            and ours in str(mail.message["From"])
            and str(mail.message["Auto-Submitted"] or "no") != "no"
            and f"{number}" in mail.subject
        )

    return wanted


def _tells(what: str, number: int) -> Callable[[str, dict[str, Any]], bool]:
    return lambda subject, event: subject.endswith(f".ticket.{what}") and event["number"] == number


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)
