"""Everything about one ticket as one sealed document."""

import asyncio
from functools import partial

from litestar import Controller, MediaType, Response, get
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.doors import AnyRequest, door
from helpdesk.api.services import services
from helpdesk.desk.upkeep.exporting import record_export
from helpdesk.kernel.principal import Role
from helpdesk.queries.tickets.evidence import gather_evidence, seal_evidence

_PATIENCE_SECONDS = 60.0
"""Certificates are made and originals read: it may take longer than other answers."""


class EvidenceExport(Controller):
    """Evidence of one ticket."""

    path = "/v1/tickets/{number:int}"

    @get("/evidence", opt=door(Role.ADMIN, problems=("conflict",)))
    async def export_evidence(self, request: AnyRequest, number: FromPath[int]) -> Response[bytes]:
        """Hand out everything about one ticket: log, messages, originals, letters, clocks with certificates, audit.

        One JSON document, hashed and signed; `helpdesk verify` checks it anywhere, without this service, and refuses it
        if any byte was altered: keep it as it came. The act is audited.
        """
        database, principal = services(request).database, principal_of(request)
        work = partial(gather_evidence, number=number, find=services(request).directory.of)
        gathered = await database.read(principal, work, within_seconds=_PATIENCE_SECONDS)
        load = services(request).desk.resources.files.get
        document = await asyncio.to_thread(seal_evidence, gathered, load)
        await database.write(principal, partial(record_export, number=number, document=document))
        return Response(document, media_type=MediaType.JSON)
