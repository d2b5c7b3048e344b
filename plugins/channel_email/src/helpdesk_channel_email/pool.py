"""A small pool of parser children: each reads one mail at a time, and is replaced when it dies of one."""

import asyncio
import contextlib
import signal
import sys

import msgspec

from helpdesk_channel_email.child import LENGTH, OUT_OF_MEMORY, Answer, Poison
from helpdesk_channel_email.parse import Parsed, Request

_WALL_SECONDS = 20.0
_MAILS_PER_CHILD = 1_000


class PoisonMail(Exception):
    """The mail cannot be read; the text says why. Another try would end the same."""


class ParserUnavailable(Exception):
    """The parser did not answer in time, which is no fault of the mail; try again later."""


class _Died(Exception):
    def __init__(self, status: int | None) -> None:
        super().__init__(f"the parser ended with status {status}")
        self.status = status


class _Child:
    """One running child."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._process = process
        self._stdin = process.stdin
        self._stdout = process.stdout
        self.read = 0

    @classmethod
    async def start(cls) -> "_Child":
        return cls(
            await asyncio.create_subprocess_exec(
                sys.executable,
                "-I",
                "-m",
                "helpdesk_channel_email.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,  # a traceback could quote the mail
                env={},
                start_new_session=True,  # an interrupt at the terminal is the service's business
            )
        )

    async def ask(self, request: bytes) -> bytes:
        self.read += 1
        try:
            self._stdin.write(LENGTH.pack(len(request)))
            self._stdin.write(request)
            await self._stdin.drain()
            (length,) = LENGTH.unpack(await self._stdout.readexactly(LENGTH.size))
            return await self._stdout.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise _Died(await self._process.wait()) from error

    async def end(self) -> None:
        """Kill it if need be, and wait for it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self._stdin.close()
        await self._process.wait()


class ParserPool:
    """``size`` children, started when first needed. ``parse`` may be called from any number of tasks."""

    def __init__(self, size: int) -> None:
        self._slots: asyncio.LifoQueue[_Child | None] = asyncio.LifoQueue()
        for _ in range(size):
            self._slots.put_nowait(None)
        self._size = size
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[Answer] = msgspec.msgpack.Decoder(Answer)

    async def parse(self, request: Request) -> Parsed:
        """Read one mail in a child.

        Raises:
            PoisonMail: it passes a limit, or the child died of it.
            ParserUnavailable: no answer in 20 s of wall time although its processor time was not used up.
        """
        data = self._encoder.encode(request)
        fresh = await self._ask(data)
        if fresh is None:  # a worn child died: the mail gets a second try in a new one
            fresh = await self._ask(data, new=True)
        answer = fresh if fresh is not None else Poison("the parser died")
        if isinstance(answer, Poison):
            raise PoisonMail(answer.cause)
        return answer.parsed

    async def close(self) -> None:
        """End all children, each when the mail it has is read."""
        for _ in range(self._size):
            child = await self._slots.get()
            if child is not None:
                await child.end()

    async def _ask(self, data: bytes, *, new: bool = False) -> Answer | None:
        """Return a child's answer; None where one died that had read other mails before, by no limit of this mail."""
        child = await self._slots.get()
        keep = False
        try:
            if child is not None and (new or child.read >= _MAILS_PER_CHILD):
                await child.end()
                child = None
            if child is None:
                child = await _Child.start()
            async with asyncio.timeout(_WALL_SECONDS):
                answer = self._decoder.decode(await child.ask(data))
            keep = True
        except _Died as death:
            if death.status == -signal.SIGPROF:
                return Poison("takes more than 2 s of processor time to read")
            if child is not None and child.read > 1:
                return None
            return Poison(
                "takes more than 256 MB to read" if death.status == OUT_OF_MEMORY else f"kills the parser: {death}"
            )
        except TimeoutError as error:
            raise ParserUnavailable("no answer from the parser") from error
        except OSError as error:
            raise ParserUnavailable(f"the parser cannot be started: {error}") from error
        else:
            return answer
        finally:
            if not keep and child is not None:
                await asyncio.shield(child.end())
            self._slots.put_nowait(child if keep else None)
