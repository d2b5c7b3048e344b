"""Long polling: updates of one bot, asked for and confirmed by number once they are kept."""

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence

from helpdesk_channel_telegram.accept import Acceptor, Verdict
from helpdesk_channel_telegram.botapi import BotApi, BotApiError, Unreadable
from helpdesk_channel_telegram.updates import ALLOWED, NotAnUpdate, id_of, split_batch

_log = logging.getLogger(__name__)

_BATCH = 100
_AT_ONCE = 8
"""Chats whose messages are taken in at the same time."""
_LAST_WORD_SECONDS = 3.0
_FIRST_PAUSE = 0.5
_LONGEST_PAUSE = 60.0


class Poller:
    """Asks for updates until it is stopped."""

    def __init__(self, api: BotApi, acceptor: Acceptor, poll_seconds: int) -> None:
        self._api = api
        self._acceptor = acceptor
        self._poll_seconds = poll_seconds
        self._offset = 0
        """Confirms all updates below it; 0: nothing to confirm. It is said until Telegram has heard it, and no longer:
        after a week's silence numbers may begin anew, below it."""
        self._above: set[int] = set()
        """Updates that are kept, though an earlier one is not."""
        self._pause = _FIRST_PAUSE
        self._taking: asyncio.Future[list[Verdict]] | None = None

    async def run(self) -> None:
        """Poll until cancelled, or until nobody has the bot's address any more."""
        while await self._round():
            pass

    async def finish(self) -> None:
        """Wait until what was taken in hand is kept or left, and confirm it, so that it does not come again."""
        if self._taking is not None:
            await asyncio.wait([self._taking])
        if self._offset:
            with contextlib.suppress(BotApiError, TimeoutError):
                async with asyncio.timeout(_LAST_WORD_SECONDS):
                    await self._api.call("getUpdates", {"limit": 1, "timeout": 0, "offset": self._offset})

    async def _round(self) -> bool:
        """Ask once and take in what comes. False: nobody has the address."""
        try:
            batch = await self._ask(_BATCH)
        except Unreadable:
            batch = await self._ask_for_one()
        except BotApiError as error:
            _log.warning("%s cannot be asked for updates: %s", self._api.bot.address, error)
            await self._rest(error.retry_after_seconds)
            return True
        self._taking = asyncio.ensure_future(self._take(batch))
        verdicts = await asyncio.shield(self._taking)
        if Verdict.GONE in verdicts:
            return False
        if Verdict.LATER in verdicts:
            await self._rest()
        else:
            self._pause = _FIRST_PAUSE
        return True

    async def _take(self, batch: Sequence[bytes]) -> list[Verdict]:
        """Take in a batch; move the offset over what is kept."""
        slots = asyncio.Semaphore(_AT_ONCE)

        async def one(raw: bytes) -> Verdict:
            if id_of(raw) in self._above:
                return Verdict.KEPT
            async with slots:
                return await self._acceptor.accept(raw)

        verdicts = await asyncio.gather(*(one(raw) for raw in batch))
        self._confirm(batch, verdicts)
        return verdicts

    def _confirm(self, batch: Sequence[bytes], verdicts: Sequence[Verdict]) -> None:
        """Set the offset behind the last update before which all are kept, and remember those behind it."""
        self._offset = 0
        whole = True
        above: set[int] = set()
        for raw, verdict in zip(batch, verdicts, strict=True):
            number = id_of(raw)
            whole = whole and verdict is Verdict.KEPT
            if number is None:
                continue
            if whole:
                self._offset = number + 1
            elif verdict is Verdict.KEPT:
                above.add(number)
        self._above = above

    async def _ask(self, limit: int) -> list[bytes]:
        given = {"limit": limit, "timeout": self._poll_seconds, "allowed_updates": ALLOWED}
        if self._offset:
            given["offset"] = self._offset
        result = await self._api.call("getUpdates", given, wait_seconds=self._poll_seconds)
        try:
            return split_batch(result)
        except NotAnUpdate:
            raise Unreadable(result) from None

    async def _ask_for_one(self) -> list[bytes]:
        """Ask for a single update, where one of them spoiled the whole answer; its bytes as they came if it is that."""
        try:
            return await self._ask(1)
        except Unreadable as answer:
            return [answer.body]
        except BotApiError:
            return []

    async def _rest(self, seconds: float = 0.0) -> None:
        """Wait a little longer each time, or as long as Telegram says."""
        await asyncio.sleep(max(seconds, self._pause * random.uniform(0.8, 1.2)))  # noqa: S311 - no secret
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
