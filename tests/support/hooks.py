"""An HTTP server for tests that takes webhooks, refuses them, or behaves badly, as told."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def http_sink(
    behaviour: str = "takes", *, headers: str = "", body: bytes = b"", tls: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[str, list[bytes]]]:
    """Give a URL and the list of requests taken, each head and body.

    ``behaviour``: ``takes`` (204), a status, ``drops`` (hangs up after the body), ``slow`` (an answer letter by
    letter, for ever), ``silent`` (no answer), ``gone`` (the port is closed). ``headers`` and ``body``: of an answer.
    """
    taken: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            size = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0)
            taken.append(head + await reader.readexactly(size))
            if behaviour == "silent":
                await reader.read()
            elif behaviour == "slow":
                writer.write(b"HTTP/1.1 200 OK\r\n")
                while not reader.at_eof():
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(0.05)
            elif behaviour != "drops":
                status = "204" if behaviour == "takes" else behaviour
                writer.write(f"HTTP/1.1 {status} x\r\n{headers}content-length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    port = int(server.sockets[0].getsockname()[1])
    if behaviour == "gone":
        server.close()
        await server.wait_closed()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{port}/hook", taken
    finally:
        server.close()
