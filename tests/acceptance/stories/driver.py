"""What the stories are told with: a client who writes and calls, agents, and what the client and the head get to see.

Everything goes through the service's real doors: SMTP, HTTP, and out through SMTP again. An instant is written as the
company's clock shows it; what the regulation demands is computed by hand in the story and compared to the microsecond.
"""

import smtplib
from datetime import datetime
from email import policy
from email.message import EmailMessage
from itertools import count
from typing import Any, Self
from uuid import uuid4

import httpx2
from tests.acceptance.stories.house import ALERTS, PHONES, House
from tests.integration.desk.companies import COMPANIES
from tests.support.seen import BEFORE_ANY, seen

from helpdesk.demo.sink import Mail

ZONES = {company: "+06:00" if company == "siroca" else "+03:00" for company in COMPANIES}
MAILBOXES = {
    "telemedhelp": "support@telemed.help",
    "specpromdesign": "support@specpromdesign.example",
    "intervale": "helpdesk@intervale.ru",
    "siroca": "support@siroca.com",
    "pass24": "support@pass24online.ru",
}
COMPANY = {
    "telemedhelp": "ТелемедХелп",
    "specpromdesign": "СпецПромДизайн",
    "intervale": "Интервэйл",
    "siroca": "Сирока Технолоджи",
    "pass24": "PASS24.online",
}
"""As Russian letters are signed."""
BASES: dict[str, dict[str, dict[str, Any]]] = {
    "telemedhelp": {},
    "specpromdesign": {"equipment": {"name": "Шкаф управления", "accepted_on": "2020-01-01"}},
    "intervale": {},
    "siroca": {"contracts": {"kind": "licence", "first_day": "2020-01-01"}},
    "pass24": {"contracts": {"kind": "client", "first_day": "2020-01-01"}},
}
"""What gives an ordinary client of each company the right to support."""
_WHOLE_LINES = policy.SMTP.clone(max_line_length=900)
_stories = count(1)


class Story:
    """One client of one company, and the agents who help."""

    def __init__(self, house: House, company: str) -> None:
        self.house, self.company = house, company
        self.mailbox, self.phone = MAILBOXES[company], PHONES[company]
        index = next(_stories)
        self.client = f"client-{index}@clients.example"
        self.number = f"+7916000{index:04d}"
        self.organisation = ""
        self.last: Mail | None = None
        """The client's latest letter of ours."""
        self._seen: set[int] = set()
        self._begun = len(house.sink.mails)
        self._http = {
            role: httpx2.Client(base_url=house.url, headers={"Authorization": f"Bearer {secret}"}, timeout=30.0)
            for role, secret in house.keys[company].items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._http.values():
            client.close()

    def moment(self, local: str) -> datetime:
        """Return the instant at which the company's clock shows ``local``, e.g. ``2026-03-04 10:05``."""
        return datetime.fromisoformat(f"{local}{ZONES[self.company]}")

    def at(self, local: str) -> None:
        """Let it be then."""
        self.house.move_to(self.moment(local))

    # The client's side

    def mail(self, text: str, subject: str = "Не работает", *, answers: Mail | None = None, **other: str) -> str:
        """Send a letter by SMTP; return its Message-ID. ``answers``: the letter of ours that it replies to.

        ``sender``, ``to``, and ``results`` (the Authentication-Results of our mail server) may be given.
        """
        sender, to = other.get("sender", self.client), other.get("to", self.mailbox)
        message = EmailMessage(_WHOLE_LINES)
        if "results" in other:
            message["Authentication-Results"] = f"mx.desk.example; {other['results']}"
        message["From"], message["To"] = sender, to
        message["Subject"] = f"Re: {answers.subject}" if answers is not None else subject
        message["Message-ID"] = f"<{uuid4()}@clients.example>"
        if answers is not None:
            message["In-Reply-To"] = message["References"] = answers.message_id
        message.set_content(text)
        with smtplib.SMTP("127.0.0.1", self.house.smtp_port, timeout=30) as server:
            server.send_message(message, sender, [to])
        self.house.settle()
        return str(message["Message-ID"])

    def bounce(self, letter: Mail) -> None:
        """Have the client's mail server send a letter of ours back, with a delivery report."""
        report = (
            f"From: MAILER-DAEMON@clients.example\r\nTo: {self.mailbox}\r\nSubject: Undelivered Mail\r\n"
            f"Message-ID: <{uuid4()}@clients.example>\r\nReferences: {letter.message_id}\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\nMIME-Version: 1.0\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nNobody of that name.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.clients.example\r\n\r\n"
            f"Final-Recipient: rfc822; {self.client}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n"
        )
        with smtplib.SMTP("127.0.0.1", self.house.smtp_port, timeout=30) as server:
            server.sendmail("", [self.mailbox], report.encode())
        self.house.settle()

    def write(self, text: str = "Ничего не открывается.", subject: str = "Не работает") -> tuple[int, str]:
        """Write in for the first time; return the ticket's number and the letter's Message-ID."""
        sent = self.mail(text, subject)
        return self.newest()["number"], sent

    def call(self, **body: Any) -> httpx2.Response:
        """Have an agent register a call of the client."""
        told = {"dialled": self.phone, "caller": self.number, "summary": "Не работает", "contact": self.client}
        return self.ask("POST", "/v1/calls", **{**told, **body})

    # The agents' side

    def ask(self, method: str, path: str, role: str = "agent", **body: Any) -> httpx2.Response:
        """Ask the API; return whatever it answers once all that follows has happened."""
        headers = {"Idempotency-Key": str(uuid4())} if method != "GET" else {}
        json = body if method in {"POST", "PUT"} else None
        if method == "PUT":  # whoever replaces something has seen it
            told = self._http[role].put(path, json=json, headers=BEFORE_ANY)
            headers |= seen(told) if told.status_code == httpx2.codes.PRECONDITION_FAILED else BEFORE_ANY
        answer = self._http[role].request(method, path, json=json, headers=headers)
        self.house.settle()
        return answer

    def do(self, method: str, path: str, role: str = "agent", **body: Any) -> dict[str, Any]:
        """Ask for something that is granted; return the answer's body."""
        answer = self.ask(method, path, role, **body)
        assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
        found: dict[str, Any] = answer.json()
        return found

    def act(self, number: int, what: str, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Do something with a ticket."""
        return self.do(method, f"/v1/tickets/{number}/{what}", **body)

    def refuses(self, number: int, what: str, status: int, method: str = "POST", **body: Any) -> dict[str, Any]:
        """Try something with a ticket that is refused with ``status``; return the problem."""
        answer = self.ask(method, f"/v1/tickets/{number}/{what}", **body)
        assert answer.status_code == status, answer.text
        problem: dict[str, Any] = answer.json()
        problem["fields"] = {each["path"]: each["message"] for each in problem.get("errors", ())}
        return problem

    def registered(self, **basis: dict[str, Any]) -> Self:
        """Register the client's organisation, with the client as its person and what its right to support rests on."""
        made = self.do("POST", "/v1/organisations", "admin", name=f"ООО {self.client}")["id"]
        addresses = [{"channel_kind": "email", "address": self.client}]
        addresses.append({"channel_kind": "phone", "address": self.number})
        self.do("POST", "/v1/contacts", "admin", name="Лицо", organisation_id=made, addresses=addresses)
        for what, body in basis.items():
            self.do("POST", f"/v1/organisations/{made}/{what}", "admin", **body)
        self.organisation = str(made)
        return self

    def add_authorised(self, address: str) -> None:
        """Register a person whom notices to the client's organisation go to."""
        body = {"organisation_id": self.organisation, "authorised": True}
        addresses = [{"channel_kind": "email", "address": address}]
        self.do("POST", "/v1/contacts", "admin", name="Уполномоченное лицо", addresses=addresses, **body)

    # What can be seen

    def ticket(self, number: int) -> dict[str, Any]:
        """Read a ticket."""
        return self.do("GET", f"/v1/tickets/{number}")

    def newest(self) -> dict[str, Any]:
        """Read the latest ticket that the client has."""
        found = [each for each in self.do("GET", "/v1/tickets?limit=200")["items"]
                 if self.client in {each["requester"]["address"], each["requester"]["contact"]}]  # fmt: skip
        return max(found, key=lambda each: each["number"])

    def tickets(self) -> int:
        """Count the client's tickets."""
        return sum(
            self.client in {each["requester"]["address"], each["requester"]["contact"]}
            for each in self.do("GET", "/v1/tickets?limit=200")["items"]
        )

    def log(self, number: int) -> list[str]:
        """Read what happened to a ticket, but for the notes of our own post."""
        entries = self.do("GET", f"/v1/tickets/{number}/events?limit=200")["items"]
        return [entry["what"] for entry in entries if entry["what"] != "acknowledged"]

    def ledger(self, outcome: str) -> dict[str, Any]:
        """Read the latest line of the ledger with ``outcome``."""
        line: dict[str, Any] = self.do("GET", f"/v1/ledger?outcome={outcome}&limit=1")["items"][0]
        return line

    def clocks(self, number: int) -> dict[tuple[str, int], dict[str, Any]]:
        """Read a ticket's deadlines by name and number."""
        found = self.do("GET", f"/v1/tickets/{number}/deadlines")["items"]
        return {(clock["name"], clock["seq"]): clock for clock in found}

    def promises(
        self, number: int, name: str, due: str | None, state: str, clause: str, *, seq: int = 0, kind: str = "limit"
    ) -> dict[str, Any]:
        """See that a clock stands as the regulation has it, ``due`` as the company's clock shows it."""
        clock = self.clocks(number)[name, seq]
        told = clock["due"] and datetime.fromisoformat(clock["due"])
        wanted = None if due is None else self.moment(due)
        assert (told, clock["state"], clock["clause"], clock["kind"]) == (wanted, state, clause, kind), clock
        return clock

    def letters(self, recipient: str = "") -> list[Mail]:
        """Take the letters that arrived for the client, or for ``recipient``, and were not taken yet."""
        self.house.settle()
        wanted = recipient or self.client
        found = []
        for index, mail in enumerate(self.house.sink.mails[self._begun :]):
            if mail.recipient == wanted and index not in self._seen:
                self._seen.add(index)
                found.append(mail)
        return found

    def letter(self, subject: str, *says: str, answers: str = "", automatic: bool = False) -> Mail:
        """Take the client's one new letter and see what it says, that it threads, and who wrote it."""
        (mail,) = self.letters()
        self.last = mail
        assert mail.subject == subject
        for words in says:
            assert words in mail.text, mail.text
        sender = str(mail.message["From"])
        assert self.mailbox in sender, sender
        assert (str(mail.message["Auto-Submitted"] or "no") != "no") is automatic
        if answers:
            assert str(mail.message["In-Reply-To"]) == answers
            assert str(mail.message["References"]).split()[-1] == answers
        return mail

    def alerts(self, number: int, *subjects: str) -> None:
        """See exactly these letters to the head, about one ticket."""
        found = self.letters(ALERTS)
        own = [mail.subject for mail in found if f"[#{number}]" in mail.subject and COMPANY[self.company] in mail.text]
        told = [(mail.subject, mail.text) for mail in found]
        assert sorted(own) == sorted(f"[#{number}] {subject}" for subject in subjects), told
