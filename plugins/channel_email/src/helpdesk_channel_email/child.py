"""The parser child: a process that reads mails and may be killed for it (``python -m helpdesk_channel_email.child``).

It gets length-prefixed requests on its standard input and answers each on its standard output. Its memory is bounded
by the system, and so is the processor time of each mail: past either it dies, and the service goes on with another.
"""

import resource
import signal
import struct
import sys
from typing import BinaryIO

import msgspec

from helpdesk_channel_email.caps import Oversize
from helpdesk_channel_email.parse import Parsed, Request, parse

CPU_SECONDS = 2.0
"""Processor time for one mail."""
MEMORY_BYTES = 256 * 1024 * 1024
"""Address space of the child."""
OUT_OF_MEMORY = 17
"""Exit status when the memory did not suffice."""

LENGTH = struct.Struct(">I")


class Poison(msgspec.Struct, frozen=True, tag=True):
    """The mail could not be read, and why."""

    cause: str


class Read(msgspec.Struct, frozen=True, tag=True):
    """The mail was read."""

    parsed: Parsed


Answer = Poison | Read


def main() -> None:
    """Answer requests until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
    decoder = msgspec.msgpack.Decoder(Request)
    encoder = msgspec.msgpack.Encoder()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while True:
        prefix = source.read(LENGTH.size)
        if len(prefix) < LENGTH.size:
            return
        try:
            answer = encoder.encode(_answer(decoder, source.read(*LENGTH.unpack(prefix))))
        except MemoryError:
            sys.exit(OUT_OF_MEMORY)
        _write(sink, answer)


def _answer(decoder: "msgspec.msgpack.Decoder[Request]", data: bytes) -> Answer:
    request = decoder.decode(data)
    del data
    signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS)  # nobody handles its signal: it kills
    try:
        return Read(parse(request))
    except Oversize as error:
        return Poison(str(error))
    except MemoryError:
        raise
    except Exception as error:  # the cause is kept with the mail, and the mail for a person
        return Poison(f"cannot be read ({type(error).__name__})")
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _write(sink: BinaryIO, answer: bytes) -> None:
    sink.write(LENGTH.pack(len(answer)))
    sink.write(answer)
    sink.flush()


if __name__ == "__main__":
    main()
