"""What clients of the API send about repairs."""

from typing import Annotated
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from helpdesk.api.requests.base import LongText, Paging, Request, Text
from helpdesk.api.requests.links import Number
from helpdesk.domain.repairs import RepairAct, RepairState
from helpdesk.queries.numbers import MAX_NUMBER


class NewRepair(Request, frozen=True):
    """A piece of the client's equipment that is to be repaired."""

    ticket: Number
    """The ticket's number."""
    equipment_id: UUID
    fault: Text


class RepairFilter(Paging, frozen=True):
    """Which repairs."""

    state: RepairState | UnsetType = UNSET
    ticket: Annotated[int, Meta(ge=1, le=MAX_NUMBER)] | UnsetType = UNSET


class RepairDone(Request, frozen=True):
    """What is done, with what belongs to it."""

    act: RepairAct
    diagnosis: LongText = ""
    """For `diagnose`: what is wrong."""
    exception: Annotated[str, Meta(max_length=2000)] = ""
    """For `diagnose`: why a fault within the term is no case of the warranty."""
    approved_by: Annotated[str, Meta(max_length=100)] = ""
    """Who approved the exception."""
    agreed: bool = False
    """For `begin` and `replace`: the client agreed to pay."""
    replacement_id: UUID | None = None
    """For `replace`: the equipment given instead."""
