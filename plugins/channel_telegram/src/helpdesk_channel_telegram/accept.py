"""From an update's bytes to the service: handed in with its files, or quarantined, or left with Telegram."""

import asyncio
import hashlib
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from enum import Enum
from functools import partial
from weakref import WeakValueDictionary

import httpx2
from msgspec.structs import replace

from helpdesk.contracts.channels import Gateway
from helpdesk.contracts.filetypes import PLAIN_BYTES, clean_name, sniff
from helpdesk.contracts.messages import Attachment, Inbound
from helpdesk.kernel.errors import Invalid, KeyReused, NotFound, Refused, Unavailable
from helpdesk_channel_telegram.botapi import BotApi, BotApiError, TooLarge
from helpdesk_channel_telegram.inbound import Draft, Wanted, draft, source_key
from helpdesk_channel_telegram.updates import NotAnUpdate, id_of, read_update

_log = logging.getLogger(__name__)

MOST_TRIES = 5
"""How often an update may fail, the service's absence not counted, before it is quarantined and blocks no other."""
_MOST_FAILING = 10_000
_MOST_ALBUMS = 1_000
_GIVEN_AT = "started_at"
"""The field that the service names when the instant of receipt is out of its bounds."""


class Verdict(Enum):
    """What became of an update."""

    KEPT = "kept"
    """It is in the database: Telegram may forget it."""
    GONE = "gone"
    """Nobody is reached at the bot's address any more."""
    LATER = "later"
    """Nothing is in the database: Telegram keeps it."""


class Acceptor:
    """Takes in the updates of one bot. Those of one chat are taken one after another; may be called from many tasks."""

    def __init__(self, api: BotApi, gateway: Gateway, file_bytes: int) -> None:
        self._api = api
        self._bot = api.bot
        self._gateway = gateway
        self._file_bytes = file_bytes
        self._locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        self._failed: OrderedDict[str, int] = OrderedDict()
        self._albums: OrderedDict[tuple[int, str], str] = OrderedDict()

    async def accept(self, raw: bytes) -> Verdict:
        """Take in one update. Never raises, but when it is cancelled."""
        try:
            update = read_update(raw)
            found = draft(update, self._bot, raw)
        except NotAnUpdate as problem:
            key = self._key(raw)
            return await self._tried(key, raw, partial(self._quarantine, key, raw, str(problem)))
        lock = self._locks.setdefault(found.chat_id, asyncio.Lock())
        async with lock:
            return await self._tried(found.message.source_key, raw, partial(self._submit, found))

    def _key(self, raw: bytes) -> str:
        """Return the key of an update that cannot be read: its number, or its bytes."""
        number = id_of(raw)
        if number is not None:
            return source_key(self._bot, number)
        return f"telegram:{self._bot.id}:bytes:{hashlib.sha256(raw).hexdigest()}"

    async def _tried(self, key: str, raw: bytes, work: Callable[[], Awaitable[None]]) -> Verdict:
        """Do ``work``; what fails again and again for a reason of its own is quarantined."""
        try:
            await work()
        except NotFound:
            return Verdict.GONE
        except KeyReused:  # it is kept already, as another version of us read it
            return Verdict.KEPT
        except Unavailable as error:
            _log.warning("an update is left with Telegram: %s", type(error).__name__)
            return Verdict.LATER
        except Exception as error:
            _log.warning("an update is left with Telegram: %s", type(error).__name__)
            return await self._failed_again(key, raw, error)
        self._failed.pop(key, None)
        return Verdict.KEPT

    async def _failed_again(self, key: str, raw: bytes, error: Exception) -> Verdict:
        tries = self._failed[key] = self._failed.get(key, 0) + 1
        while len(self._failed) > _MOST_FAILING:
            self._failed.popitem(last=False)
        if tries < MOST_TRIES:
            return Verdict.LATER
        try:
            await self._quarantine(key, raw, f"failed {tries} times: {type(error).__name__}")
        except KeyReused:
            pass
        except NotFound:
            return Verdict.GONE
        except Exception:
            return Verdict.LATER
        self._failed.pop(key, None)
        return Verdict.KEPT

    async def _quarantine(self, key: str, raw: bytes, cause: str) -> None:
        await self._gateway.quarantine("telegram", self._bot.address, key, raw, cause)

    async def _submit(self, found: Draft) -> None:
        message = self._in_album(found)
        if found.files:
            last = self._failed.get(message.source_key, 0) >= MOST_TRIES - 1
            files = [await self._fetched(each, last=last) for each in found.files]
            message = replace(message, attachments=tuple(files))
        try:
            await self._hand_in(message)
        except (Invalid, Refused) as error:  # another try would end the same
            await self._quarantine(message.source_key, message.raw, f"not taken in: {error.code}")

    async def _hand_in(self, message: Inbound) -> None:
        """Submit a message; where Telegram's date lies out of bounds, our own clock counts."""
        try:
            await self._gateway.submit(message)
        except Invalid as error:
            if _GIVEN_AT not in error.fields:
                raise
            await self._gateway.submit(replace(message, received_at=None))

    def _in_album(self, found: Draft) -> Inbound:
        """Return the message; a further part of an album refers to its first, for they were sent as one."""
        message = found.message
        if not found.album:
            return message
        first = self._albums.setdefault((found.chat_id, found.album), message.message_id)
        while len(self._albums) > _MOST_ALBUMS:
            self._albums.popitem(last=False)
        return message if first == message.message_id else replace(message, references=(first, *message.references))

    async def _fetched(self, wanted: Wanted, *, last: bool) -> Attachment:
        """Return a file with its bytes; without them where they are too many, or cannot be had, now being the last try.

        Raises:
            BotApiError: it may be had later.
        """
        name, size = clean_name(wanted.name) or "file", wanted.file.file_size
        left = Attachment(name, PLAIN_BYTES, b"", max(size, 1))
        if size > self._file_bytes:
            return left
        try:
            content = await self._api.fetch(wanted.file.file_id, self._file_bytes)
        except TooLarge:
            return replace(left, size=max(size, self._file_bytes + 1))
        except BotApiError as error:
            if last or httpx2.codes.BAD_REQUEST <= error.code < httpx2.codes.TOO_MANY_REQUESTS:
                return left
            raise
        return Attachment(name, sniff(content), content)
