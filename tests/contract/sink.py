"""An SMTP server for tests that takes mail, refuses it, or behaves badly, as told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def smtp_sink(behaviour: str = "takes") -> AsyncIterator[tuple[int, list[bytes]]]:
    """Give a port and the list of mails taken.

    ``behaviour``: ``takes``, ``busy`` (451 to RCPT), ``refuses`` (550 to RCPT), ``drops`` (hangs up after the dot),
    ``greets_badly`` (554 at once), ``gone`` (the port is closed).
    """
    taken: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(line: str) -> None:
            writer.write(line.encode() + b"\r\n")

        try:
            say("554 no" if behaviour == "greets_badly" else "220 sink ESMTP")
            while line := await reader.readline():
                verb = line[:4].upper()
                if verb == b"DATA":
                    say("354 go on")
                    mail = await reader.readuntil(b"\r\n.\r\n")
                    taken.append(mail[:-3].replace(b"\r\n..", b"\r\n."))
                    if behaviour == "drops":
                        return
                    say(f"250 2.0.0 queued as {len(taken)}")
                elif verb == b"RCPT" and behaviour == "busy":
                    say("451 4.3.0 later")
                elif verb == b"RCPT" and behaviour == "refuses":
                    say("550 5.1.1 no such user")
                elif verb == b"QUIT":
                    say("221 bye")
                    return
                else:
                    say("250 ok")
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = int(server.sockets[0].getsockname()[1])
    if behaviour == "gone":
        server.close()
        await server.wait_closed()
    try:
        yield port, taken
    finally:
        server.close()
