"""A small client of the Bot API: JSON in, JSON out, files; bounded, and silent about the token.

The token is part of every address that is asked, so no address appears in what is raised or logged here.
"""

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec
from msgspec import Raw, Struct

from helpdesk.contracts.settings import MASK
from helpdesk_channel_telegram.config import Bot, Config

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes of one answer that are read."""
_WORD_LIMIT = 200
_FILE_PATH = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_TRANSPORT = (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError)

# They would log the address of every request, and with it the token.
for _name in ("httpx2", "httpcore2"):
    logging.getLogger(_name).setLevel(logging.WARNING)


class BotApiError(Exception):
    """The Bot API did not do what it was asked."""

    def __init__(self, code: int, description: str, retry_after_seconds: float = 0.0) -> None:
        super().__init__(f"{code} {description}" if code else description)
        self.code = code
        """As HTTP has it; 0 where there was no answer of the Bot API."""
        self.description = description
        self.retry_after_seconds = retry_after_seconds


class Unreadable(BotApiError):
    """The answer is no JSON as the Bot API gives it."""

    def __init__(self, body: bytes) -> None:
        super().__init__(0, "the answer cannot be read")
        self.body = body


class TooLarge(BotApiError):
    """The file, or the answer, is larger than what is read."""


class _Parameters(Struct):
    retry_after: float = 0.0


class _Answer(Struct):
    ok: bool
    result: Raw = Raw(b"null")
    error_code: int = 0
    description: str = ""
    parameters: _Parameters | None = None


class _File(Struct):
    file_path: str = ""
    file_size: int = 0


class BotApi:
    """The Bot API as one bot reaches it. Made and closed within one event loop."""

    def __init__(self, bot: Bot, config: Config) -> None:
        self.bot = bot
        self._base = config.api_url
        self._seconds = config.timeout_seconds
        self._client = httpx2.AsyncClient(timeout=config.timeout_seconds, trust_env=False, follow_redirects=False)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def call(
        self,
        method: str,
        given: Mapping[str, Any],
        *,
        files: Mapping[str, tuple[str, bytes, str]] | None = None,
        wait_seconds: float = 0.0,
    ) -> bytes:
        """Return the result of ``method`` as JSON. ``wait_seconds``: how long Telegram may hold the request open.

        Raises:
            BotApiError: it was refused, or there is no answer; ``code`` says which.
        """
        if files is None:
            content: dict[str, Any] = {
                "content": msgspec.json.encode(given),
                "headers": {"content-type": "application/json"},
            }
        else:
            fields = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
            content = {"data": fields, "files": files}
        limit = self._seconds + wait_seconds
        try:
            async with asyncio.timeout(limit):
                request = self._client.build_request("POST", self._address("bot", method), timeout=limit, **content)
                status, body = await self._read(request, LARGEST_ANSWER)
        except TimeoutError:
            raise BotApiError(0, f"no answer to {method} within {limit:g} s") from None
        except _TRANSPORT as error:
            raise BotApiError(0, f"{method} failed: {self._describe(error)}") from None
        return self._result(status, body)

    async def fetch(self, file_id: str, limit: int) -> bytes:
        """Return a file's bytes.

        Raises:
            TooLarge: it has more than ``limit`` bytes, or more than Telegram gives to bots.
            BotApiError: it cannot be had.
        """
        try:
            found = msgspec.json.decode(await self.call("getFile", {"file_id": file_id}), type=_File)
        except BotApiError as error:
            if error.code == httpx2.codes.BAD_REQUEST and "too big" in error.description:
                raise TooLarge(error.code, "the file is too large for bots") from None
            raise
        except msgspec.DecodeError:
            raise BotApiError(0, "getFile: the answer cannot be read") from None
        if found.file_size > limit:
            raise TooLarge(0, "the file is too large")
        if not _FILE_PATH.fullmatch(found.file_path):
            raise BotApiError(httpx2.codes.BAD_REQUEST, "getFile gave no path of a file")
        try:
            async with asyncio.timeout(self._seconds * 3):
                request = self._client.build_request("GET", self._address("file/bot", found.file_path))
                status, content = await self._read(request, limit)
        except TimeoutError:
            raise BotApiError(0, "the file did not come in time") from None
        except _TRANSPORT as error:
            raise BotApiError(0, f"the file did not come: {self._describe(error)}") from None
        if status != httpx2.codes.OK:
            raise BotApiError(status, "the file cannot be had")
        return content

    async def _read(self, request: httpx2.Request, limit: int) -> tuple[int, bytes]:
        response = await self._client.send(request, stream=True)
        try:
            body = bytearray()
            async for block in response.aiter_bytes():
                body += block
                if len(body) > limit:
                    raise TooLarge(0, "it is too large")
            return response.status_code, bytes(body)
        finally:
            await response.aclose()

    def _result(self, status: int, body: bytes) -> bytes:
        try:
            answer = msgspec.json.decode(body, type=_Answer)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            if status >= httpx2.codes.BAD_REQUEST:
                raise BotApiError(status, "not answered by the Bot API") from None
            raise Unreadable(body) from None
        if not answer.ok:
            after = answer.parameters.retry_after if answer.parameters is not None else 0.0
            raise BotApiError(answer.error_code or status, self._scrub(answer.description), after)
        return bytes(answer.result)

    def _address(self, kind: str, rest: str) -> str:
        return f"{self._base}/{kind}{self.bot.token}/{rest}"

    def _describe(self, error: Exception) -> str:
        return self._scrub(f"{type(error).__name__} {error}")

    def _scrub(self, text: str) -> str:
        return " ".join(text.replace(self.bot.token, MASK).split())[:_WORD_LIMIT]
