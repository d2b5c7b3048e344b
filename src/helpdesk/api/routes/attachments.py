"""Files of a ticket: putting one to it, listing them, giving one out."""

import asyncio
import hashlib
from functools import partial
from urllib.parse import quote
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from helpdesk.api.auth import principal_of
from helpdesk.api.conditions import etag, expected_version, idempotency_of
from helpdesk.api.doors import AnyRequest, asked, door
from helpdesk.api.requests.attachments import FileName
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.contracts.messages import Attachment
from helpdesk.domain.attachments import Attached
from helpdesk.kernel.errors import NotFound
from helpdesk.queries.numbers import MAX_NUMBER, ticket_id
from helpdesk.queries.tickets.attachments import attachment_view, file_to_give_out, list_attachments
from helpdesk.queries.views.tickets import AttachmentList, AttachmentPut
from helpdesk.store.engine.session import Session

_SAFE_HEADERS = {
    # Whatever the bytes are, a browser saves them: it neither shows nor runs them. Every answer of the service says
    # that there is nothing to guess.
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class TicketFiles(Controller):
    """Files of a ticket."""

    path = "/v1/tickets/{number:int}/attachments"

    @post(
        "/",
        status_code=201,
        opt=door(
            *STAFF,
            query=FileName,
            file=True,
            answer=AttachmentPut,
            answer_headers=("ETag", "Location"),
            writes=True,
            versioned=True,
        ),
    )
    async def put_file(self, request: AnyRequest, number: FromPath[int]) -> Response[AttachmentPut]:
        """Put a file to a ticket: the body is its bytes, and what they are decides its type.

        What the company's regulation does not accept is kept aside (`quarantined`), with the clause. A reply
        takes files along by their ids.
        """
        if not 1 <= number <= MAX_NUMBER:
            raise NotFound
        name, content = asked(request, FileName).name, request.scope["state"].get("body", b"")
        # What the idempotency key stands for: the bytes themselves, by their hash.
        request.scope["state"]["given"] = {"name": name, "sha256": hashlib.sha256(content).hexdigest()}
        put = await services(request).desk.put_file(
            principal_of(request),
            number,
            Attachment(name, "", content),
            expected_version=expected_version(request),
            idempotency=idempotency_of(request),
        )
        headers = {"ETag": etag(put.version), "Location": f"/v1/tickets/{number}/attachments/{put.file.id}"}
        return Response(AttachmentPut(put.number, put.version, attachment_view(put.file, None)), headers=headers)

    @get("/", opt=door(*STAFF, answer=AttachmentList))
    async def list_files(self, request: AnyRequest, number: FromPath[int]) -> Response[AttachmentList]:
        """List a ticket's files, the oldest first; also those that are not given out."""

        def work(session: Session) -> AttachmentList:
            return list_attachments(session, ticket_id(session, number))

        return Response(await read(request, work))

    @get(
        "/{attachment_id:uuid}",
        media_type="application/octet-stream",
        opt=door(
            *STAFF,
            media_type="application/octet-stream",
            answer_headers=("Content-Disposition",),
            problems=("conflict",),
        ),
    )
    async def get_file(
        self, request: AnyRequest, number: FromPath[int], attachment_id: FromPath[UUID]
    ) -> Response[bytes]:
        """Give out a file: to be saved, never to be shown or run by a browser."""

        def work(session: Session) -> Attached:
            return file_to_give_out(session, ticket_id(session, number), attachment_id)

        found, tenant_id = await read(request, work), principal_of(request).tenant_id
        assert tenant_id is not None
        files = services(request).desk.resources.files
        content = await asyncio.to_thread(partial(files.get, tenant_id, found.sha256))
        headers = {**_SAFE_HEADERS, "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"}
        return Response(content, media_type=found.content_type, headers=headers)
