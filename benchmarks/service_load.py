"""A load generator over plain sockets, cheap beside what it loads: whole requests made beforehand, one thread, epoll.

Each connection sends its next request as soon as its answer is complete, so a slow answer holds back the ones after
it: quote it for throughput at a number of connections, not for latency at a rate. ``steady`` is the other kind.
"""

import selectors
import socket
import time
from collections.abc import Callable, Iterator

from msgspec import Struct

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


class Answers(Struct):
    """What came back within one measurement."""

    seconds: float
    latencies: list[float]
    """Seconds from the sending of a request to the end of its answer, in the order of their ends."""
    failed: int
    """Answers outside 2xx."""
    last_failure: bytes = b""

    @property
    def rate(self) -> float:
        """Answers of any kind in a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """The latency, in milliseconds, that ``share`` of the answers stayed within."""
        return sorted(self.latencies)[min(int(len(self.latencies) * share), len(self.latencies) - 1)] * 1000


def post(path: str, body: bytes, *headers: str) -> bytes:
    """Return the bytes of a POST of JSON on a connection that stays open."""
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", *headers]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


def get(path: str, *headers: str) -> bytes:
    """Return the bytes of a GET on a connection that stays open."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: 127.0.0.1", *headers, "", ""]).encode()


class _Talk:
    """One connection and the answer that is under way on it."""

    __slots__ = ("began", "got", "socket")

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.got = b""
        self.began = 0.0

    def ask(self, request: bytes) -> None:
        self.got = b""
        self.began = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Take in what came; say whether the answer is complete."""
        part = self.socket.recv(262_144)
        if not part:
            raise ConnectionError("the server closed a connection")
        self.got += part
        head = self.got.find(_END)
        if head < 0:
            return False
        at = self.got[:head].lower().find(_LENGTH)
        length = int(self.got[at + len(_LENGTH) : head].split(b"\r", 1)[0]) if at >= 0 else 0
        return len(self.got) >= head + len(_END) + length


def load(
    port: int,
    requests: Iterator[bytes],
    *,
    connections: int,
    seconds: float = 0.0,
    count: int = 0,
    seen: Callable[[bytes], None] | None = None,
) -> Answers:
    """Send ``requests`` for ``seconds``, or ``count`` of them, each connection one after another."""
    talks = [_Talk(port) for _ in range(connections)]
    latencies: list[float] = []
    failed, last_failure, left = 0, b"", count or 10**9
    with selectors.DefaultSelector() as selector:
        for talk in talks:
            selector.register(talk.socket, selectors.EVENT_READ, talk)
        began = time.perf_counter()
        ends = began + (seconds or 3600)
        asking = 0
        for talk in talks[:left]:
            talk.ask(next(requests))
            asking, left = asking + 1, left - 1
        while asking:
            for key, _ in selector.select():
                talk = key.data
                if not talk.answered():
                    continue
                now = time.perf_counter()
                latencies.append(now - talk.began)
                if talk.got[9:10] != b"2":
                    failed, last_failure = failed + 1, talk.got
                if seen is not None:
                    seen(talk.got)
                if now < ends and left:
                    talk.ask(next(requests))
                    left -= 1
                else:
                    asking -= 1
        took = time.perf_counter() - began
    for talk in talks:
        talk.socket.close()
    return Answers(took, latencies, failed, last_failure)


def steady(port: int, requests: Iterator[bytes], *, rate: float, seconds: float, connections: int = 32) -> Answers:
    """Send ``rate`` requests a second, evenly, whatever the answers do; latency counts from when each was due."""
    free = [_Talk(port) for _ in range(connections)]
    latencies: list[float] = []
    failed, last_failure = 0, b""
    with selectors.DefaultSelector() as selector:
        for talk in free:
            selector.register(talk.socket, selectors.EVENT_READ, talk)
        began = time.perf_counter()
        due, asking, total = began, 0, int(rate * seconds)
        sent = 0
        while sent < total or asking:
            now = time.perf_counter()
            while sent < total and due <= now and free:
                talk = free.pop()
                talk.ask(next(requests))
                talk.began = due
                asking, sent, due = asking + 1, sent + 1, due + 1 / rate
            wait = max(0.0, due - time.perf_counter()) if sent < total and free else None
            for key, _ in selector.select(wait):
                talk = key.data
                if talk.answered():
                    latencies.append(time.perf_counter() - talk.began)
                    if talk.got[9:10] != b"2":
                        failed, last_failure = failed + 1, talk.got
                    asking -= 1
                    free.append(talk)
        took = time.perf_counter() - began
    for talk in free:
        talk.socket.close()
    return Answers(took, latencies, failed, last_failure)
