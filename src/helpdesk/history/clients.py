"""A list of a company's clients, brought in; what cannot be is set aside with its line and reason."""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path

import msgspec
from msgspec import Struct

from helpdesk.contracts.channels import Channel, canonical
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.people.bringing import Became, ListedClient, ListedContract, bring_client
from helpdesk.domain.clients import ContactAddress
from helpdesk.history.clients_mapping import CLIENT_FIELDS, NO, YES, ClientsMapping
from helpdesk.history.raw import RejectedError, words_of
from helpdesk.history.records import Record, demand_columns, read_records
from helpdesk.history.rejects import Rejects
from helpdesk.kernel.errors import Conflict, HelpdeskError, Invalid, NotFound
from helpdesk.kernel.principal import Principal
from helpdesk.store.addresses import Addresses
from helpdesk.store.audit import Audit
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session

EMAIL, PHONE = "email", "phone"
Progress = Callable[[int, "Counter[str]"], None]
"""Told how many records are done, and what became of them."""

BATCH = 100
"""Clients written in one transaction."""

_REFUSED = (Invalid, Conflict, NotFound)
_LIST = re.compile(r"[,;\n]")
_DOMAINS = re.compile(r"[,;\s]+")


class ClientsJob(Struct, frozen=True):
    """What to bring in, and how."""

    file: Path
    mapping: ClientsMapping
    rejects: Path
    """Where records go that cannot be brought in, each with its reason; made when there is one."""
    dry: bool = False
    """Only say what would become of each record."""


class ClientsBrought(Struct, frozen=True):
    """What became of a list: records = added + changed + there + rejected."""

    records: int
    added: int
    changed: int
    there: int
    rejected: int


class _DryError(HelpdeskError):
    """It rolls back what was only tried, and tells what would have become of it."""

    def __init__(self, became: Sequence[Became]) -> None:
        super().__init__()
        self.became = became


def import_clients(
    database: Database,
    principal: Principal,
    resources: Resources,
    channels: Mapping[str, Channel],
    job: ClientsJob,
    *,
    progress: Progress = lambda done, counts: None,  # noqa: ARG005 - names tell what is told
) -> ClientsBrought:
    """Bring in the clients of a list for the principal's tenant; again it changes nothing.

    Raises:
        Invalid: the file cannot be read, or what follows in it cannot be told apart any more.
        Unavailable: the database does not answer. What was written before stays; run it again.
    """
    ours = database.read_now(principal, lambda session: Addresses(session).of(session.tenant_id))
    numbers = [each.address for each in ours if each.channel_kind == PHONE]
    run = _Run(database, principal, resources, _Reader(job.mapping, channels, numbers), job)
    told = run.go(progress)
    if not job.dry:
        facts = {"file": job.file.name, "sha256": _hash(job.file), **msgspec.to_builtins(told)}
        database.write_now(principal, partial(_record, source=job.mapping.source, facts=facts))
    return told


class _Run:
    """One run over one file."""

    def __init__(
        self, database: Database, principal: Principal, resources: Resources, reader: "_Reader", job: ClientsJob
    ) -> None:
        self._database = database
        self._principal = principal
        self._resources = resources
        self._reader = reader
        self._job = job
        self._counts: Counter[str] = Counter()
        self._rejects = Rejects(job.rejects)
        self._waiting: list[tuple[Record, ListedClient]] = []

    def go(self, progress: Progress) -> ClientsBrought:
        mapping = self._job.mapping
        named = ((f"client.{name}", getattr(mapping.client, name)) for name in CLIENT_FIELDS)
        demand_columns(self._job.file, mapping.file, ((key, column) for key, column in named if column))
        try:
            for record in read_records(self._job.file, mapping.file):
                self._counts["records"] += 1
                try:
                    self._waiting.append((record, self._reader.read(record)))
                except RejectedError as error:
                    self._flush()  # so that rejects are kept in the file's order
                    self._reject(record, str(error))
                if len(self._waiting) >= BATCH:
                    self._flush()
                    progress(self._counts["records"], self._counts)
            self._flush()
        finally:
            self._rejects.close()
        progress(self._counts["records"], self._counts)
        return ClientsBrought(*(self._counts[name] for name in ClientsBrought.__struct_fields__))

    def _flush(self) -> None:
        """Write what waits in one transaction; where one of them cannot be, each in its own."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        try:
            became = self._write([listed for _, listed in waiting])
            self._counts.update(each.value for each in became)
        except _REFUSED:
            for record, listed in waiting:
                try:
                    (one,) = self._write([listed])
                    self._counts[one.value] += 1
                except _REFUSED as error:
                    self._reject(record, _reason(error))

    def _write(self, batch: Sequence[ListedClient]) -> Sequence[Became]:
        work = partial(_bring, resources=self._resources, batch=batch, dry=self._job.dry)
        try:
            return self._database.write_now(self._principal, work)
        except _DryError as told:
            return told.became

    def _reject(self, record: Record, reason: str) -> None:
        self._counts["rejected"] += 1
        self._rejects.add(record, reason, of="clients")


def _bring(session: Session, resources: Resources, batch: Sequence[ListedClient], *, dry: bool) -> list[Became]:
    became = [bring_client(session, resources, listed) for listed in batch]
    if dry:
        raise _DryError(became)
    return became


def _record(session: Session, source: str, facts: Mapping[str, object]) -> None:
    Audit(session).record("clients.import", f"source:{source}", facts)


class _Reader:
    """Reads records by one mapping."""

    def __init__(self, mapping: ClientsMapping, channels: Mapping[str, Channel], ours: Sequence[str]) -> None:
        rule, values = mapping.client, mapping.values
        self._columns = {name: getattr(rule, name) for name in CLIENT_FIELDS}
        self._named = tuple((name, column, values.get(name, {})) for name, column in self._columns.items() if column)
        self._defaults = mapping.defaults
        self._form = mapping.file.times
        self._channels = channels
        self._ours = ours
        """The company's own telephone numbers: clients' are written as in their country."""

    def read(self, record: Record) -> ListedClient:
        """Return a record in our words.

        Raises:
            RejectedError: something is missing, or cannot be read.
        """
        if record.fault:
            raise RejectedError(record.fault)
        said = words_of(record.fields, self._named, CLIENT_FIELDS)
        said = {name: text or self._defaults.get(name, "") for name, text in said.items()}
        verified = self._flag(said, "verified") or False
        return ListedClient(
            organisation=said["organisation"],
            domains=tuple(each.removeprefix("@").casefold() for each in _DOMAINS.split(said["domains"]) if each),
            name=said["name"],
            addresses=(
                *self._addresses(EMAIL, said["mail"], verified=verified),
                *self._addresses(PHONE, said["phone"], verified=verified),
            ),
            authorised=self._flag(said, "authorised"),
            contract=self._contract(said),
            equipment=self._equipment(said),
            product=said["product"],
            version=said["version"],
        )

    def _addresses(self, kind: str, text: str, *, verified: bool) -> list[ContactAddress]:
        found = []
        near = self._ours if kind == PHONE else None
        for each in filter(None, (part.strip() for part in _LIST.split(text))):
            try:
                address = canonical(self._channels.get(kind), each, near)
            except ValueError:
                raise RejectedError(f"{each!r} is no address of kind {kind}") from None
            found.append(ContactAddress(kind, address, verified))
        return found

    def _contract(self, said: Mapping[str, str]) -> ListedContract | None:
        if not said["contract"]:
            return None
        first = self._day(said, "contract_from")
        if first is None:
            raise RejectedError("a contract without its first day")
        return ListedContract(said["contract"], said["contract_number"], first, self._day(said, "contract_until"))

    def _equipment(self, said: Mapping[str, str]) -> dict[str, str | None] | None:
        if not said["equipment"]:
            return None
        return {
            "name": said["equipment"],
            "serial": said["serial"],
            "act_number": said["act_number"],
            "accepted_on": self._day(said, "accepted_on"),
            "warranty_until": self._day(said, "warranty_until"),
        }

    def _day(self, said: Mapping[str, str], name: str) -> str | None:
        text = said[name]
        if not text:
            return None
        try:
            if self._form == "iso":
                return date.fromisoformat(text).isoformat()
            return datetime.strptime(text, self._form).date().isoformat()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            form = "a day like 2026-02-07" if self._form == "iso" else f"of the form {self._form}"
            raise RejectedError(f"{self._columns[name]!r}: {text!r} is not {form}") from None

    def _flag(self, said: Mapping[str, str], name: str) -> bool | None:
        """Return what is said, None where nothing is."""
        word = said[name].casefold()
        if word not in (*YES, *NO):
            raise RejectedError(f"{self._columns[name]!r}: {said[name]!r} is neither yes nor no")
        return None if not word else word in YES


def _reason(error: HelpdeskError) -> str:
    fields = error.fields if isinstance(error, Invalid) else {}
    return "; ".join([error.detail, *(f"{name} {wrong}" for name, wrong in fields.items())])


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
