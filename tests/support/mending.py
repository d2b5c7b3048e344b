"""What a reader of docs/concepts/problems-and-repairs.md expects of a repair: the drawing's arrows, and who pays."""

from uuid import UUID

from msgspec import Struct

from helpdesk.domain.repairs import Done, RepairAct

ARROWS = """
requested receive received
requested cancel cancelled
received diagnose diagnosed
diagnosed diagnose diagnosed
diagnosed begin repairing
diagnosed replace replaced
diagnosed decline declined
repairing finish repaired
repairing replace replaced
repaired return returned
replaced return returned
declined return returned
"""
OVER = ("returned", "cancelled")
LEADS = {(one, act): other for one, act, other in map(str.split, ARROWS.split("\n")[1:-1])}


class Piece(Struct):
    """A piece of equipment, as the company keeps it."""

    id: UUID
    owner: str
    accepted_on: str | None = None
    warranty_until: str | None = None

    def covers(self, told_on: str) -> str:
        """Say whether its warranty covers a fault that was told on a day."""
        if self.accepted_on is None or told_on < self.accepted_on:
            return "not_accepted"
        if self.warranty_until is None:
            return "no_term"
        return "covered" if told_on <= self.warranty_until else "over"


class Mending(Struct):
    """A repair as a reader has it."""

    number: int
    ticket: int
    piece: Piece
    told_on: str
    state: str = "requested"
    cover: str = ""
    agreed: bool = False
    replacement: UUID | None = None

    def does(self, done: Done, idle: dict[UUID, Piece]) -> bool:
        """Carry out an act, if it may be; say whether. ``idle``: every piece that is kept and not under repair."""
        leads = LEADS.get((self.state, done.act.value))
        if leads is None or not self._complete(done):
            return False
        agreed = self.agreed or done.agreed
        pays = self.cover != "covered"
        match done.act:
            case RepairAct.DIAGNOSE:
                cover = self.piece.covers(self.told_on)
                if done.exception.strip() and cover != "covered":
                    return False
                self.cover, agreed = "exception" if done.exception.strip() else cover, False
            case RepairAct.BEGIN if pays and not agreed:
                return False
            case RepairAct.REPLACE:
                other = idle.get(done.replacement_id) if done.replacement_id is not None else None
                if other is None or other.owner != self.piece.owner or other is self.piece or (pays and not agreed):
                    return False
                self.replacement = other.id
        self.state, self.agreed = leads, agreed
        return True

    @staticmethod
    def _complete(done: Done) -> bool:
        diagnoses, replaces = done.act is RepairAct.DIAGNOSE, done.act is RepairAct.REPLACE
        fits = bool(done.diagnosis.strip()) == diagnoses and (done.replacement_id is not None) == replaces
        return (
            fits
            and (diagnoses or not (done.exception or done.approved_by))
            and bool(done.exception.strip()) == bool(done.approved_by.strip())
            and (not done.agreed or done.act in {RepairAct.BEGIN, RepairAct.REPLACE})
        )
