"""A server that says what no decent server says, and a resolver of names that lie. What it serves is in `hostile`."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Literal, NamedTuple

from aiohttp.abc import AbstractResolver, ResolveResult

CERTIFICATE = pathlib.Path(__file__).with_name("server.pem")
"""The server's certificate, for 127.0.0.1 and lists.example, signed by itself, and its key. Good until 2126."""

Talk = Callable[["Server"], AsyncIterator[bytes]]
"""What is said to whoever asks, piece by piece; the connection closes after the last."""


class Case(NamedTuple):
    """A hostile download. `word` is what the reason must hold, `by` who must refuse it: what "guard" refuses is a
    download that is whole. In `url`, {site} is the server without TLS, {port} and {tls} are its ports; "": its name."""

    talk: Talk
    word: str
    by: Literal["fetch", "guard"] = "fetch"
    url: str = ""


class Names(AbstractResolver):
    """A resolver that knows only what it is given: name → address. `asked` are the names it was asked for."""

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = known
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked.append(host)
        address = self._known.get(host)
        if address is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        pass


class Server:
    """Serves `cases` by name. While it is `calm`, every path gives `good`, so that a list can have a version before
    its source turns. `reached` are the names that were asked for while it was not."""

    def __init__(self, cases: Mapping[str, Case], good: str) -> None:
        self.calm = False
        self.reached: list[str] = []
        self.ports = {"port": 0, "tls": 0}
        self._cases = cases
        self._good = page(good)
        self._talks: set[asyncio.Task[None] | None] = set()

    def url(self, name: str) -> str:
        """Where a case is to be had."""
        return self.fill(self._cases[name].url or "{site}/" + name)

    def fill(self, text: str) -> str:
        return text.format(site=f"http://127.0.0.1:{self.ports['port']}", **self.ports)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._talks.add(asyncio.current_task())
        gone = (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError)
        with contextlib.suppress(*gone), contextlib.closing(writer):
            head = await reader.readexactly(1)
            if not head.isalpha():  # TLS
                writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                return
            head += await reader.readuntil(b"\r\n\r\n")
            async for part in self._talk(head.split()[1].decode().rpartition("/")[2])(self):
                writer.write(part)
                await writer.drain()

    def _talk(self, name: str) -> Talk:
        if self.calm or name not in self._cases:
            return self._good
        self.reached.append(name)
        return self._cases[name].talk

    async def end(self) -> None:
        for task in filter(None, self._talks):
            task.cancel()
            await task
        await asyncio.sleep(0)  # the transports close in the next round of the loop


@contextlib.asynccontextmanager
async def serving(cases: Mapping[str, Case], good: str) -> AsyncIterator[Server]:
    """The server, on free ports of the loopback, with and without TLS."""
    server = Server(cases, good)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE)
    plain = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    over_tls = await asyncio.start_server(server.answer, "127.0.0.1", 0, ssl=tls)
    server.ports = {"port": plain.sockets[0].getsockname()[1], "tls": over_tls.sockets[0].getsockname()[1]}
    try:
        yield server
    finally:
        plain.close()
        over_tls.close()
        await server.end()


def trusting() -> ssl.SSLContext:
    """TLS for a client that believes the server's certificate."""
    return ssl.create_default_context(cafile=str(CERTIFICATE))


def said(*parts: bytes, every: float = 0.0, times: int = 1) -> Talk:
    """These bytes with pauses of so many seconds, the last of them so many times over (-1: for ever)."""

    async def talk(_: Server) -> AsyncIterator[bytes]:
        for part in parts[:-1]:
            yield part
            await asyncio.sleep(every)
        left = times
        while left != 0:
            yield parts[-1]
            await asyncio.sleep(every)
            left -= 1

    return talk


def stalled(*parts: bytes) -> Talk:
    """These bytes, and then nothing, while the connection stays open."""
    return said(*parts, b"", every=0.01, times=-1)


def page(body: str | bytes | Callable[[], bytes], coding: str = "", status: str = "200 OK", length: int = -1) -> Talk:
    """An answer with this body, packed as `coding` says; `length` (-1: the true one) is what it says of its length."""

    async def talk(_: Server) -> AsyncIterator[bytes]:
        data = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else body()
        packed = f"Content-Encoding: {coding}\r\n" if coding else ""
        size = len(data) if length < 0 else length
        yield f"HTTP/1.1 {status}\r\n{packed}Content-Length: {size}\r\nConnection: close\r\n\r\n".encode()
        yield data

    return talk


def redirect(to: str, status: str = "302 Found") -> Talk:
    """A redirect to a URL, written as in `Case.url`."""

    async def talk(server: Server) -> AsyncIterator[bytes]:
        yield f"HTTP/1.1 {status}\r\nLocation: {server.fill(to)}\r\nContent-Length: 0\r\n\r\n".encode()

    return talk
