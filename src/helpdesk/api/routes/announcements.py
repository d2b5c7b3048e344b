"""Announcements: texts for everybody, and the hours that they change."""

from functools import partial
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.announcements import NewAnnouncement, Withdrawal
from helpdesk.api.requests.base import Paging, given_or_none
from helpdesk.api.routes.clients import keep
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.desk.companies.announcing import Announce, announce, withdraw
from helpdesk.kernel.instants import from_datetime
from helpdesk.kernel.principal import Role
from helpdesk.queries.companies.announcements import (
    AnnouncementPage,
    AnnouncementView,
    get_announcement,
    list_announcements,
)
from helpdesk.queries.views.base import KeptView


class Announcing(Controller):
    """What a company announces."""

    path = "/v1/announcements"

    @post(
        "/",
        status_code=201,
        opt=door(Role.ADMIN, body=NewAnnouncement, answer=KeptView, answer_headers=("Location",), writes=True),
    )
    async def announce(self, request: AnyRequest) -> Response[KeptView]:
        """Publish an announcement; with hours or a break that counts, a new version of the regulation.

        That judges what is received from now on; no ticket that is there moves. An edition that is published later
        takes over what is not past by then.
        """
        body = given(request, NewAnnouncement)
        pause = body.technical_break
        command = Announce(
            texts={str(language): text for language, text in body.texts.items()},
            hours=body.hours,
            break_since=None if pause is None else from_datetime(pause.since),
            break_until=None if pause is None else from_datetime(pause.until),
        )
        work = partial(announce, resources=services(request).desk.resources, command=command)
        return await keep(request, work, "/v1/announcements/{}")

    @get("/", opt=door(*STAFF, query=Paging, answer=AnnouncementPage, problems=("bad-cursor",)))
    async def list_announcements(self, request: AnyRequest) -> Response[AnnouncementPage]:
        """List announcements, the latest first."""
        wanted = asked(request, Paging)
        work = partial(list_announcements, limit=wanted.limit, cursor=given_or_none(wanted.cursor))
        return Response(await read(request, work))

    @get("/{announcement_id:uuid}", opt=door(*STAFF, answer=AnnouncementView))
    async def get_announcement(
        self, request: AnyRequest, announcement_id: FromPath[UUID]
    ) -> Response[AnnouncementView]:
        """Show an announcement with its texts."""
        return Response(await read(request, partial(get_announcement, announcement_id=announcement_id)))

    @post(
        "/{announcement_id:uuid}/withdrawal",
        status_code=200,
        opt=door(Role.ADMIN, body=Withdrawal, answer=KeptView, writes=True),
    )
    async def withdraw_announcement(self, request: AnyRequest, announcement_id: FromPath[UUID]) -> Response[KeptView]:
        """Withdraw an announcement before or during what it is about; again changes nothing.

        With hours or a break that counts, a new version of the regulation judges what is received from now on without
        it; what has passed of it stays. No ticket that is there moves: `POST /v1/tickets/{number}/regulation` judges
        one anew. Once all of it is past the answer is 409.
        """
        why = given(request, Withdrawal).why
        return await keep(request, partial(withdraw, announcement_id=announcement_id, why=why))
