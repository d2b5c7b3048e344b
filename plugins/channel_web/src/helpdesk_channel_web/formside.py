"""The forms' side of the door: handing tokens out, taking forms in."""

import asyncio
import time

from helpdesk.contracts.channels import Gateway
from helpdesk_channel_web import formtoken
from helpdesk_channel_web.accept import hand_in, set_aside
from helpdesk_channel_web.answers import Answer, later, nobody, problem, told
from helpdesk_channel_web.bodies import Body
from helpdesk_channel_web.config import Config, Site
from helpdesk_channel_web.forms import TOKEN_FIELD, TRAP_FIELD, field_of, inbound, trapped


class FormSide:
    """What anybody may ask."""

    def __init__(self, config: Config, gateway: Gateway) -> None:
        self._config = config
        self._gateway = gateway

    async def hand_out(self, site: Site) -> Answer:
        """Answer with a token for one form."""
        try:
            if not await self._gateway.knows("web", site.host):
                return nobody()
        except Exception:
            return later()
        token = formtoken.make(self._config.secret, site.host, int(time.time()))
        seconds = {"wait_seconds": self._config.form_seconds, "valid_seconds": formtoken.VALID_SECONDS}
        return told(200, token=token, trap=TRAP_FIELD, **seconds)

    async def take(self, site: Site, body: Body) -> Answer:
        """Take a form in.

        Raises:
            BadBody: it says nothing, or its mail address is none.
        """
        token, now = body.fields.get(TOKEN_FIELD, ""), int(time.time())
        try:
            number = formtoken.read(self._config.secret, site.host, token, now, self._config.form_seconds)
        except formtoken.BadToken as error:
            return problem(422, error.code, str(error), {TOKEN_FIELD: "ask for a token with GET"})
        message = inbound(body, site.host, number)
        if trapped(body):
            work = set_aside(self._gateway, message, "a field that people do not see was filled in")
        else:
            work = hand_in(self._gateway, message, field_of)
        return await asyncio.shield(work)
