"""What a draft would change against the edition in force: rule by rule, and for whom, with witnesses."""

import msgspec
from msgspec import Struct

from helpdesk.kernel.errors import NotFound
from helpdesk.kernel.instants import Instant
from helpdesk.regulation.examining.difference import Change, compare
from helpdesk.regulation.examining.effects import Effect, effects
from helpdesk.regulation.judging.evaluator import Evaluator
from helpdesk.regulation.judging.snapshot import Snapshot
from helpdesk.store.editions import Editions
from helpdesk.store.engine.session import Session
from helpdesk.store.tenants import Tenants


class Difference(Struct, frozen=True):
    """Everything that differs."""

    before: str
    """The snapshot in force, by its hash."""
    after: str
    """The draft's."""
    rules: tuple[Change, ...]
    """Every rule that differs, under the readings and with the parameters of each side."""
    effects: tuple[Effect, ...]
    """What follows for requests received in the year from now on."""


def in_force(session: Session, slug: str) -> tuple[Snapshot, Instant]:
    """Return the snapshot by which a company's requests are judged now, and the present.

    Raises:
        NotFound: there is no such company, or nothing of it is in force.
    """
    editions = Editions(session.within(Tenants(session).by_slug(slug).id))
    found = editions.snapshot_in_force(session.now)
    if found is None:
        raise NotFound("no edition is in force")
    return Snapshot.from_json(editions.snapshot_body(found)), session.now


def differ(before: Snapshot, after: Snapshot, now: Instant) -> Difference:
    """Compare two snapshots; takes about a second, so no session should be held open."""
    one, two = Evaluator(before), Evaluator(after)
    plain = [msgspec.json.decode(msgspec.json.encode(side.edition)) for side in (one, two)]
    rules = compare(plain[0], plain[1])
    return Difference(before.hash, after.hash, rules, effects(one, two, now))
