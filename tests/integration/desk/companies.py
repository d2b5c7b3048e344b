"""The five companies on one database, for tests that hold for each of them."""

import tomllib
from pathlib import Path
from uuid import UUID

from msgspec import Struct

from helpdesk.desk.changing.directory import Directory
from helpdesk.desk.changing.resources import Resources
from helpdesk.desk.companies.onboarding import prepare, take_on
from helpdesk.desk.desk import Desk
from helpdesk.kernel.principal import Principal, Role, system
from helpdesk.regulation.loading.loader import load_package
from helpdesk.store.engine.database import Database
from helpdesk.store.engine.session import Session
from helpdesk.store.instance import TimeSource

POLICIES = Path(__file__).parents[3] / "policies"
COMPANIES = ("intervale", "pass24", "siroca", "specpromdesign", "telemedhelp")


class Five(Struct):
    """Five tenants' desk."""

    database: Database
    desk: Desk
    resources: Resources
    tenants: dict[str, UUID]

    def agent(self, company: str) -> Principal:
        """An agent of the company."""
        return Principal(Role.AGENT, "key:agent", self.tenants[company])

    def channel(self, company: str) -> Principal:
        """A channel that delivers to the company."""
        return system("channel:email", self.tenants[company])

    def move_to(self, instant: int) -> None:
        """Set the service's clock, for works that begin after this."""

        def work(session: Session) -> None:
            source = TimeSource(session)
            source.move_to_offset(source.offset_us() + instant - session.now)

        self.database.write_now(system("test"), work)


def take_on_all(database: Database) -> Five:
    """Take on the five, with the example parameters where a regulation needs some."""
    tenants = {}
    for name in COMPANIES:
        example = POLICIES / name / "example-parameters.toml"
        parameters = tomllib.loads(example.read_text(encoding="utf-8")) if example.exists() else {}
        if name == "pass24":
            parameters["minimum_versions"] = {"app": "2.0"}
        company = prepare(load_package(POLICIES / name), {}, parameters=parameters)
        tenants[name] = database.write_now(system("test"), lambda s, c=company: take_on(s, c)).id  # type: ignore[misc]
    resources = Resources(Directory(), b"0" * 32)
    return Five(database, Desk(database, resources), resources, tenants)
