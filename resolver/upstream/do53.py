"""DNS over UDP and TCP to upstreams (RFC 1035 section 4.2, RFC 5452, RFC 7766).

Each UDP query has a connected socket, and so a random port, of its own; the kernel then drops what comes from any other
address. All sockets stand in one epoll set that the event loop watches as a single descriptor: at thousands of
questions a second that costs a fraction of a selector entry for each.
"""

from __future__ import annotations

import asyncio
import errno
import select
import socket
from collections.abc import Callable
from typing import NamedTuple, Protocol

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.wire.reply import matches

MAX_SIZE = 4096  # bytes of a datagram that are read; we advertise 1232
_EVENTS = 64  # sockets served before other work gets its turn

Deliver = Callable[["bytes | UpstreamError"], None]


class Address(NamedTuple):
    """A numeric host and a port."""

    host: str
    port: int


class Sent(Protocol):
    """A query under way."""

    def close(self) -> None:
        """Stop waiting for the reply; safe to call twice."""
        ...


class Transport(Protocol):
    """A way to carry a query. `deliver` is called at most once: with a reply that matches, or with the failure."""

    def send(self, address: Address, query: bytes, deliver: Deliver) -> Sent: ...


class _Refused:
    """A query that could not even be sent; `deliver` hears of it in its own time, as of every other end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, error: OSError, deliver: Deliver) -> None:
        self._handle = loop.call_soon(deliver, _unreachable(error))

    def close(self) -> None:
        self._handle.cancel()


class _Waiting:
    __slots__ = ("_home", "deliver", "query", "sock")

    def __init__(self, home: dict[int, _Waiting], sock: socket.socket, query: bytes, deliver: Deliver) -> None:
        self._home = home
        self.sock = sock
        self.query = query
        self.deliver = deliver

    def close(self) -> None:
        """Closing the socket also takes it out of the epoll set (epoll(7))."""
        if self._home.pop(self.sock.fileno(), None) is not None:
            self.sock.close()


_OUR_WANT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})


def _unreachable(error: OSError, how: str = "") -> UpstreamError:
    """What a socket's error says of the upstream; nothing, when it is this machine that is out of something."""
    reason = how + (error.strerror or "unreachable")
    return UpstreamError(reason) if error.errno in _OUR_WANT else UpstreamUnreachable(reason)


class Udp:
    """UDP queries. Owns its sockets; `close` ends them all."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._waiting: dict[int, _Waiting] = {}
        loop.add_reader(self._epoll.fileno(), self._receive)

    def send(self, address: Address, query: bytes, deliver: Deliver) -> Sent:
        """Send `query`; replies that do not match it are thrown away and the wait goes on."""
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        try:
            sock = socket.socket(family, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        except OSError as error:  # no descriptor is left
            return _Refused(self._loop, error, deliver)
        waiting = _Waiting(self._waiting, sock, query, deliver)
        self._waiting[sock.fileno()] = waiting
        try:
            sock.connect(address)
            sock.send(query)
            self._epoll.register(sock.fileno(), select.EPOLLIN)
        except OSError as error:
            waiting.close()
            return _Refused(self._loop, error, deliver)
        return waiting

    def _receive(self) -> None:
        for fd, _ in self._epoll.poll(0, _EVENTS):
            waiting = self._waiting.get(fd)
            if waiting is None:
                continue
            try:
                data = waiting.sock.recv(MAX_SIZE)
            except BlockingIOError:
                continue
            except OSError as error:
                waiting.close()
                waiting.deliver(_unreachable(error))
                continue
            if matches(data, waiting.query):
                waiting.close()
                waiting.deliver(data)

    def close(self) -> None:
        for waiting in list(self._waiting.values()):
            waiting.close()
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()


class _Call:
    """One query over a TCP connection of its own, as a task of the group that Tcp was given."""

    def __init__(self, deliver: Deliver) -> None:
        self._deliver: Deliver | None = deliver
        self.task: asyncio.Task[None] | None = None

    async def run(self, address: Address, query: bytes) -> None:
        writer = None
        try:
            reader, writer = await asyncio.open_connection(address.host, address.port)
            writer.write(len(query).to_bytes(2, "big") + query)
            while True:
                size = int.from_bytes(await reader.readexactly(2), "big")
                data = await reader.readexactly(size)
                if matches(data, query):
                    self._finish(data)
                    return
        except asyncio.IncompleteReadError:
            self._finish(UpstreamUnreachable("over TCP: the connection was closed without an answer"))
        except OSError as error:
            self._finish(_unreachable(error, "over TCP: "))
        finally:
            if writer is not None:
                writer.close()

    def _finish(self, result: bytes | UpstreamError) -> None:
        deliver, self._deliver = self._deliver, None
        if deliver is not None:
            deliver(result)

    def close(self) -> None:
        if self._deliver is not None and self.task is not None:
            self._deliver = None
            self.task.cancel()


class Tcp:
    """TCP queries, each on a connection of its own. The time limit is the pool's."""

    def __init__(self, tasks: asyncio.TaskGroup) -> None:
        self._tasks = tasks

    def send(self, address: Address, query: bytes, deliver: Deliver) -> Sent:
        call = _Call(deliver)
        call.task = self._tasks.create_task(call.run(address, query))
        return call
