"""From a message to the service, and from what the service says to an answer. Acknowledged is what is committed."""

import logging
from collections.abc import Callable

from helpdesk.contracts.channels import Gateway
from helpdesk.contracts.messages import Inbound
from helpdesk.kernel.errors import Invalid, KeyReused, NotFound, Refused
from helpdesk_channel_web.answers import Answer, later, nobody, of_receipt, problem

_log = logging.getLogger(__name__)


async def hand_in(gateway: Gateway, message: Inbound, field_of: Callable[[str], str]) -> Answer:
    """Hand a message in; ``field_of`` gives the sender's name of a field that the service finds wrong."""
    try:
        try:
            return of_receipt(await gateway.submit(message))
        except Invalid as error:
            if error.fields:  # who sent it waits, and can say more
                fields = {field_of(path): said for path, said in error.fields.items()}
                return problem(422, "fields", error.detail, fields, clause=error.clause or "")
            return await _quarantine(gateway, message, f"not taken in: {error.code}")
        except Refused as error:
            return await _quarantine(gateway, message, f"not taken in: {error.code}")
    except Exception as error:
        return _failed(error)


async def set_aside(gateway: Gateway, message: Inbound, cause: str) -> Answer:
    """Have a message kept for a person's look, for ``cause``."""
    try:
        return await _quarantine(gateway, message, cause)
    except Exception as error:
        return _failed(error)


async def _quarantine(gateway: Gateway, message: Inbound, cause: str) -> Answer:
    kind, address = message.channel_kind, message.address
    return of_receipt(await gateway.quarantine(kind, address, message.source_key, message.raw, cause))


def _failed(error: Exception) -> Answer:
    match error:
        case NotFound():
            return nobody()
        case KeyReused():
            return problem(409, "sent-already", "Another message was sent under this id before, and is kept.")
    _log.warning("a message could not be taken in: %s", type(error).__name__)
    return later()
