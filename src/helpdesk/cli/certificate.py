"""``helpdesk certificate``: deadlines certified, for tickets and for requests not made yet."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cyclopts import App
from msgspec.structs import replace

from helpdesk.bootstrap.store import open_store
from helpdesk.cli.operator import OPERATOR
from helpdesk.cli.packages import find_packages, given, only_edition, read_toml
from helpdesk.cli.questions import Question, Words, refusal, worked_case
from helpdesk.desk.changing.directory import Directory
from helpdesk.kernel.errors import Invalid
from helpdesk.kernel.principal import Principal
from helpdesk.queries.tickets.certificates import get_certificate, get_key, seal_of
from helpdesk.regulation.certifying.certificates import certify, to_json
from helpdesk.regulation.certifying.certified import Certificate
from helpdesk.settings import read
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants

T = TypeVar("T")

app = App(name="certificate", help="Deadlines certified, to be checked by `helpdesk verify`.")


@app.command
def ticket(tenant: str, number: int, clock: str, seq: int = 0, *, out: Path | None = None) -> None:
    """Certify one deadline of a ticket as it stands now.

    Parameters
    ----------
    tenant
        The company's slug.
    number
        The ticket's number.
    clock
        The target's or term's name: resolution.
    seq
        Which clock of that name; the first is 0.
    out
        The file to write; default: standard output.
    """
    directory = Directory()

    def work(session: Session) -> Certificate:
        return get_certificate(session, number, clock, seq, directory.of)

    served = _ask(OPERATOR, lambda session: Tenants(session).by_slug(tenant)).id
    _write(_ask(OPERATOR.within(served), work), out)


@app.command
def promise(
    name: str,
    target: str,
    seq: int = 0,
    *,
    channel: str,
    received: str,
    level: str | None = None,
    event: Words = None,
    reading: Words = None,
    parameters: Path | None = None,
    edition: str | None = None,
    out: Path | None = None,
) -> None:
    """Certify by when a request received then would have to be dealt with, as it stands after its last event.

    Parameters
    ----------
    name
        The company (siroca) or the folder of its regulation (policies/siroca).
    target
        The promise's name: resolution.
    seq
        Which clock of that name; the first is 0.
    channel
        The channel as the regulation names it.
    received
        When the request reaches us, with its offset: 2026-02-07T23:50:00+06:00.
    level
        The level as the regulation names it.
    event
        What happened then, as for `helpdesk regulation explain`: answer_sent@INSTANT, pause:REASON@INSTANT, …
    reading
        A reading, other than chosen, as NAME=VALUE; a value that is no word is JSON.
    parameters
        A TOML file with what the operator supplies; default: the regulation's example.
    edition
        The edition's id; default: the latest.
    out
        The file to write; default: standard output.
    """
    package = only_edition(find_packages([name])[0], edition)
    if parameters is not None:
        package = replace(package, example=read_toml(parameters))
    question = Question(package, worked_case(channel, received, level, event or (), given(reading or ())))
    if not question.admission.accepted:
        raise Invalid(refusal(question.admission))
    seal = _ask(OPERATOR, seal_of)
    _write(certify(question.evaluator, seal, None, question.log, target, seq, question.now), out)


@app.command
def key(*, quiet: bool = False) -> None:
    """Print the public key that this installation's certificates are signed with.

    Parameters
    ----------
    quiet
        The key alone, for scripts.
    """
    found = _ask(OPERATOR, get_key)
    print(found.key if quiet else f"{found.key}\nfingerprint {found.fingerprint}")


def _ask(principal: Principal, work: Callable[[Session], T]) -> T:
    database = open_store(read(os.environ))
    try:
        return database.read_now(principal, work)
    finally:
        database.close()


def _write(certificate: Certificate, out: Path | None) -> None:
    content = to_json(certificate)
    if out is None:
        sys.stdout.write(content.decode())
    else:
        out.write_bytes(content)
        print(f"{out}: {certificate.rule.name} {certificate.derived.state}, due {certificate.derived.due}")
