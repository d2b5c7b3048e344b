"""The five companies on a database whose clock stands still, copied for each random history."""

import shutil
import tomllib
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import make_url
from tests.integration.desk.companies import COMPANIES, POLICIES

from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.editions import Supplied, draft_of, publish
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.domain.clients import ContactAddress
from helpdesk.kernel.instants import DAY, Instant
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.contacts import Contacts
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.engine.sqlite import SqliteDatabase
from helpdesk.store.instance import TimeSource
from helpdesk.store.migrations import upgrade
from helpdesk.store.organisations import Organisations

T = TypeVar("T")

BEGINS = 1_767_214_800_000_000  # 2026-01-01, 00:00 in Moscow
SECOND_VERSION = BEGINS + 151 * DAY
"""When each company's second version comes into force: short days honoured, another count after changes of level."""
SECRET = b"0" * 32
OPERATOR = Principal(Role.OPERATOR, "operator:test")
KNOWN, UNKNOWN, SUSPENDED = "known@client.example", "nobody@else.example", "suspended@client.example"
ALERTS = "head@desk.example"
KNOWN_PHONE, UNKNOWN_PHONE = "+79160000001", "+79160000002"


class StillDatabase(SqliteDatabase):
    """A database whose clock stands still but for the time source's offset, so that a history can be told again."""

    def _now(self, raw: Any, buffer: Any = None) -> Instant:
        (offset,) = raw.execute("SELECT offset_us FROM time_source WHERE id = 1").fetchone()
        return BEGINS + int(offset)


def _settle_in(session: Session, name: str) -> UUID:
    """Take on a company, publish a second version of its edition for June, and register its clients."""
    package = load_package(POLICIES / name)
    example = POLICIES / name / "example-parameters.toml"
    parameters = tomllib.loads(example.read_text("utf-8")) if example.exists() else {}
    tenant = take_on(session, prepare(package, {}, parameters=parameters, alert_address=ALERTS))
    changed = Supplied(parameters, {"priority_change": "from_change", "short_days": "honour"})
    publish(session, draft_of(package, {}, supplied=changed, since=SECOND_VERSION))
    if name == "telemedhelp":
        return tenant.id  # it has no list of clients: nobody's right is checked
    bound = session.within(tenant.id)
    for address in (KNOWN, SUSPENDED):
        organisation = Organisations(bound).add(address)
        addresses = [ContactAddress("email", address)]
        addresses += [ContactAddress("phone", KNOWN_PHONE)] if address == KNOWN else []
        Contacts(bound).add("Лицо", organisation.id, authorised=True, addresses=addresses)
        if name == "siroca":
            Organisations(bound).add_contract(organisation.id, "licence", "1", "2020-01-01", None)
        if name == "specpromdesign":
            fields = {
                "name": "Шкаф",
                "serial": "1",
                "act_number": "1",
                "accepted_on": "2020-01-01",
                "warranty_until": None,
            }
            Organisations(bound).add_equipment(organisation.id, fields)
        if address == SUSPENDED and name == "intervale":
            Organisations(bound).change(organisation.id, None, suspended_at=session.now, suspended_why="5.1")
    return tenant.id


class Installation:
    """The companies taken on once; each history begins with a copy of their database."""

    alerts = ALERTS
    """Where warnings and breaches go."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self._count = 0
        upgrade(f"sqlite:///{self._template}")
        database = StillDatabase(make_url(f"sqlite:///{self._template}"))
        self.tenants = {
            name: database.write_now(OPERATOR, lambda session, name=name: _settle_in(session, name))  # type: ignore[misc]
            for name in COMPANIES
        }
        self.snapshots = {
            name: [each.snapshot_hash for each in database.read_now(self.agent(name), lambda s: Editions(s).all())]
            for name in COMPANIES
        }
        database.close()
        self.resources = Resources(Directory(), SECRET)

    def fresh(self) -> Resources:
        """What handlers of a new instance are given; evaluators are kept, since snapshots never change."""
        return Resources(self.resources.directory, SECRET, self.resources.files)

    def agent(self, company: str) -> Principal:
        """An agent of the company."""
        return Principal(Role.AGENT, "key:agent", self.tenants[company])

    def channel(self, company: str, kind: str = "email") -> Principal:
        """A channel that delivers to the company."""
        return system(f"channel:{kind}", self.tenants[company])

    def copy(self) -> StillDatabase:
        """Open a fresh copy."""
        self._count += 1
        path = self._folder / f"history-{self._count}.db"
        shutil.copy(self._template, path)
        return StillDatabase(make_url(f"sqlite:///{path}"))


def move_to(database: StillDatabase, instant: Instant) -> None:
    """Set the service's clock."""
    database.write_now(OPERATOR, lambda session: TimeSource(session).move_to_offset(instant - BEGINS))
