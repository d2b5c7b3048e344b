"""The signed-in users' side of the door: their messages in, the letters to them out."""

import asyncio
import contextlib
from collections.abc import Awaitable, Mapping
from urllib.parse import parse_qsl, quote

from helpdesk.contracts.channels import Gateway
from helpdesk.contracts.messages import Letter
from helpdesk.kernel.errors import NotFound
from helpdesk_channel_web.accept import hand_in
from helpdesk_channel_web.answers import Answer, later, nobody, problem, told
from helpdesk_channel_web.bodies import Body
from helpdesk_channel_web.config import Site
from helpdesk_channel_web.forms import field_of
from helpdesk_channel_web.members import box_of, inbound, shown, ticket_named
from helpdesk_channel_web.usertoken import Member

LONGEST_WAIT = 25
"""Seconds that a request for letters is held open, at most."""
MOST_LETTERS = 100
MOST_WAITING = 1_000
"""Requests held open at once; those beside them are answered at once."""
_MOST_POSITION = 2**53
_USUAL = {"after": "0", "limit": "50", "wait": "0"}


class MemberSide:
    """What somebody may ask whom their site signed in. What is another's is answered like what is not there."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._waiting = 0
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Answer who waits."""
        self._stopping.set()

    async def take(self, kind: str, site: Site, member: Member, body: Body) -> Answer:
        """Take a message in: a new request, or one that goes on with a ticket of theirs.

        Raises:
            BadBody: it says nothing, or lacks an id.
        """
        number, token = ticket_named(body), ""
        if number is not None:
            try:
                found = await self._gateway.token_of(box_of(kind, site, member), number)
            except NotFound:
                return nobody()
            except Exception:
                return later()
            if found is None:
                return nobody()
            token = found
        return await asyncio.shield(hand_in(self._gateway, inbound(body, kind, site, member, token), field_of))

    async def letters(self, kind: str, site: Site, member: Member, query: str) -> Answer:
        """Answer with the letters behind ``after``; without one, once there is one or ``wait`` seconds are over."""
        asked = _asked(query)
        if asked is None:
            ranges = {"after": "0 or a cursor", "limit": f"1 to {MOST_LETTERS}", "wait": f"0 to {LONGEST_WAIT}"}
            return problem(422, "fields", "The query cannot be read.", ranges)
        after, limit, wait = asked
        waits = wait if self._waiting < MOST_WAITING else 0
        self._waiting += 1
        try:
            collecting = self._gateway.collect(box_of(kind, site, member), after, limit, waits)
            found = await self._unless_stopped(collecting)
        except NotFound:
            return nobody()
        except Exception:
            return later()
        finally:
            self._waiting -= 1
        cursor = found[-1].position if found else after
        return told(200, items=[shown(each, member) for each in found], cursor=cursor)

    async def file(self, kind: str, site: Site, member: Member, letter_id: str, place: str) -> Answer:
        """Answer with a file of one of their letters, to be kept, not shown."""
        if not place.isdigit() or len(place) > 3:
            return nobody()
        try:
            file = await self._gateway.file(box_of(kind, site, member), letter_id, int(place))
        except NotFound:
            return nobody()
        except Exception:
            return later()
        if file is None:
            return nobody()
        name = quote(file.name, safe="").encode()
        headers = (
            (b"content-type", b"application/octet-stream"),
            (b"content-disposition", b"attachment; filename*=UTF-8''" + name),
            (b"content-security-policy", b"sandbox"),
        )
        return Answer(200, file.content, headers)

    async def _unless_stopped(self, work: Awaitable[tuple[Letter, ...]]) -> tuple[Letter, ...]:
        working, stopping = asyncio.ensure_future(work), asyncio.ensure_future(self._stopping.wait())
        try:
            await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else ()
        finally:
            for each in (working, stopping):
                each.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await each


def _asked(query: str) -> tuple[int, int, int] | None:
    """Return after, limit and wait; None where one of them is none."""
    try:
        given: Mapping[str, str] = dict(parse_qsl(query, keep_blank_values=True, max_num_fields=10))
        after, limit, wait = (int(given.get(name, usual)) for name, usual in _USUAL.items())
    except ValueError:
        return None
    fits = 0 <= after < _MOST_POSITION and 1 <= limit <= MOST_LETTERS and 0 <= wait <= LONGEST_WAIT
    return (after, limit, wait) if fits else None
