"""A Bot API server for tests: what the platform does as far as the channel can tell, on 127.0.0.1, in Litestar."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Generator
from contextlib import asynccontextmanager
from itertools import count
from typing import Any

import msgspec
import uvicorn
from litestar import Litestar, MediaType, Request, Response, get, post
from litestar.params import FromPath
from msgspec import Struct

DATE = 1_790_000_000
"""When everything is written, unless a test says otherwise: seconds since 1970."""
_ID = re.compile(rb'"update_id"\s*:\s*([0-9]{1,18})')


class Sent(Struct):
    """One call by which a bot sent something, or acted in a chat."""

    bot: str
    method: str
    given: dict[str, Any]
    file: tuple[str, bytes] | None = None

    @property
    def raw(self) -> bytes:
        """What was sent, as bytes."""
        return msgspec.json.encode(self.given)


class FakeBot:
    """One bot: the updates that wait for it, and what it was told."""

    def __init__(self, name: str, token: str) -> None:
        self.name, self.token = name, token
        self.waiting: dict[int, bytes] = {}
        """Updates that are not confirmed, by number."""
        self.handed: dict[int, int] = {}
        """In which round each update was handed out last."""
        self.once = False
        """Hand out each update only once, though it is not confirmed, unless one alone is asked for."""
        self.news = asyncio.Event()
        self.webhook: dict[str, Any] | None = None
        self.polled = 0
        """Rounds so far."""

    def put(self, raw: bytes) -> int:
        """Have an update wait; return its number."""
        found = _ID.search(raw)
        assert found is not None
        number = int(found[1])
        self.waiting[number] = raw
        self.news.set()
        return number


class FakeTelegram:
    """The platform. Sending to a chat ``takes``, is ``blocked``, ``busy``, ``missing``, ``broken``, or ``drops``."""

    def __init__(self) -> None:
        self.bots: dict[str, FakeBot] = {}
        """By token."""
        self.sent: list[Sent] = []
        self.behaviour: dict[int, str] = {}
        self.default = "takes"
        self.files: dict[str, bytes] = {}
        """By their id."""
        self.url = ""
        self.down = False
        """While it is, every call is answered 502."""
        self.fail_after: int | None = None
        """After so many that were sent, sending fails for now."""
        self._updates, self._messages = count(1), count(1)

    def add_bot(self, name: str, token: str) -> FakeBot:
        """Register a bot."""
        return self.bots.setdefault(token, FakeBot(name, token))

    def update(self, user: int = 5, **message: Any) -> bytes:
        """Return an update with a message of ``user`` in their private chat."""
        said = {
            "message_id": next(self._messages),
            "date": DATE,
            "chat": {"id": user, "type": "private"},
            "from": {"id": user, "is_bot": False, "first_name": "Анна"},
        }
        kind = message.pop("kind", "message")
        return msgspec.json.encode({"update_id": next(self._updates), kind: {**said, **message}})

    @asynccontextmanager
    async def serving(self, port: int = 0) -> AsyncIterator[str]:
        """Serve on a free port; give the base URL."""
        config = uvicorn.Config(
            self._app(), port=port, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        server = _Quiet(config)
        task = asyncio.create_task(server.serve())
        while not server.started:  # noqa: ASYNC110 - it tells nobody that it has begun
            await asyncio.sleep(0.005)
        self.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        try:
            yield self.url
        finally:
            server.should_exit = True
            for bot in self.bots.values():
                bot.news.set()
            await task

    def _app(self) -> Litestar:
        @post("/{bot:str}/{method:str}", status_code=200)
        async def call(request: Request[Any, Any, Any], bot: FromPath[str], method: FromPath[str]) -> Response[bytes]:
            found = self.bots.get(bot.removeprefix("bot"))
            if self.down:
                return Response(b"<html>bad gateway</html>", status_code=502, media_type=MediaType.HTML)
            if found is None:
                return _failure(401, "Unauthorized")
            form = request.headers.get("content-type", "").startswith("multipart/")
            given: dict[str, Any] = {}
            upload = None
            if form:
                for name, value in (await request.form()).items():
                    if name == "document":
                        upload = (value.filename, await value.read())
                    else:
                        with contextlib.suppress(msgspec.DecodeError):
                            given[name] = msgspec.json.decode(str(value))
                        given.setdefault(name, str(value))
            else:
                given = msgspec.json.decode(await request.body() or b"{}")
            return await self._do(found, method, given, upload)

        @get("/file/{bot:str}/{path:path}")
        async def fetch(bot: FromPath[str], path: FromPath[str]) -> Response[bytes]:
            content = self.files.get(path.rpartition("/")[2])
            if content is None or bot.removeprefix("bot") not in self.bots:
                return Response(b"", status_code=404)
            return Response(content, media_type="application/octet-stream")

        return Litestar([call, fetch], openapi_config=None, logging_config=None, debug=True)

    async def _do(
        self, bot: FakeBot, method: str, given: dict[str, Any], upload: tuple[str, bytes] | None
    ) -> Response[bytes]:
        if method == "getUpdates":
            return await self._updates_of(bot, given)
        if method == "getMe":
            return _success({"id": int(bot.token.partition(":")[0]), "is_bot": True, "username": bot.name})
        if method in {"setWebhook", "deleteWebhook"}:
            bot.webhook = given if method == "setWebhook" else None
            return _success(True)
        if method == "getFile":
            found = self.files.get(given["file_id"])
            if found is None:
                return _failure(400, "Bad Request: invalid file_id")
            return _success({"file_id": given["file_id"], "file_path": f"documents/{given['file_id']}"})
        return self._send(bot, method, given, upload)

    async def _updates_of(self, bot: FakeBot, given: dict[str, Any]) -> Response[bytes]:
        if bot.webhook is not None:
            return _failure(409, "Conflict: can't use getUpdates method while webhook is active")
        offset = given.get("offset", 0)
        bot.waiting = {number: raw for number, raw in bot.waiting.items() if number >= offset}
        bot.polled += 1
        hidden = bot.handed.keys() if bot.once and given.get("limit") != 1 else set()
        if bot.waiting.keys() <= hidden and given.get("timeout"):
            bot.news.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(given["timeout"]):
                    await bot.news.wait()
        chosen = [number for number in sorted(bot.waiting) if number not in hidden][: given.get("limit", 100)]
        bot.handed |= dict.fromkeys(chosen, bot.polled)
        body = b'{"ok":true,"result":[' + b",".join(bot.waiting[number] for number in chosen) + b"]}"
        return Response(body, media_type=MediaType.JSON)

    def _send(
        self, bot: FakeBot, method: str, given: dict[str, Any], upload: tuple[str, bytes] | None
    ) -> Response[bytes]:
        behaviour = self.behaviour.get(given["chat_id"], self.default)
        if self.fail_after is not None and len(self.sent) >= self.fail_after:
            behaviour = "broken"
        match behaviour:
            case "busy":
                return _failure(429, "Too Many Requests: retry after 37", {"retry_after": 37})
            case "blocked":
                return _failure(403, "Forbidden: bot was blocked by the user")
            case "missing":
                return _failure(400, "Bad Request: chat not found")
            case "broken":
                return _failure(500, "Internal Server Error")
        self.sent.append(Sent(bot.name, method, given, upload))
        if behaviour == "drops":
            raise ConnectionAbortedError
        return _success({"message_id": 1000 + next(self._messages)} if method.startswith("send") else True)


def _success(result: Any) -> Response[bytes]:
    return Response(msgspec.json.encode({"ok": True, "result": result}), media_type=MediaType.JSON)


def _failure(code: int, description: str, parameters: dict[str, Any] | None = None) -> Response[bytes]:
    said: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
    if parameters is not None:
        said["parameters"] = parameters
    return Response(msgspec.json.encode(said), status_code=code, media_type=MediaType.JSON)


class _Quiet(uvicorn.Server):
    """uvicorn without its hands on the process's signals."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield
