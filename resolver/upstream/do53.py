"""DNS over UDP to upstreams (RFC 1035 section 4.2, RFC 5452); over TCP it is `streams`.

Each UDP query has a connected socket, and so a random port, of its own; the kernel then drops what comes from any other
address. All sockets stand in one epoll set that the event loop watches as a single descriptor: at thousands of
questions a second that costs a fraction of a selector entry for each.
"""

from __future__ import annotations

import asyncio
import errno
import os
import select
import socket

from resolver.errors import UpstreamError, UpstreamUnreachable
from resolver.upstream.endpoint import Endpoint
from resolver.upstream.transport import Deliver, Sent, Transport
from resolver.wire.reply import matches

MAX_SIZE = 4096  # bytes of a datagram that are read; we advertise 1232
_EVENTS = 32  # sockets served before other work gets its turn: each of them is a whole answer
_DATAGRAMS = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK


class _Refused:
    """A query that could not even be sent; `deliver` hears of it in its own time, as of every other end."""

    def __init__(self, loop: asyncio.AbstractEventLoop, error: OSError, deliver: Deliver) -> None:
        self._handle = loop.call_soon(deliver, unreachable(error))

    def close(self) -> None:
        self._handle.cancel()


class _Waiting:
    __slots__ = ("_fd", "_home", "deliver", "query", "sock")

    def __init__(self, home: dict[int, _Waiting], sock: socket.SocketType, query: bytes, deliver: Deliver) -> None:
        self._home = home
        self._fd = sock.fileno()
        self.sock = sock
        self.query = query
        self.deliver = deliver

    def close(self) -> None:
        """Closing the socket also takes it out of the epoll set (epoll(7))."""
        if self._home.get(self._fd) is self:
            del self._home[self._fd]
            self.sock.close()


# The last is what a machine says that has no port left, or no room for what is to be sent.
_OUR_WANT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EAGAIN})


def unreachable(error: OSError, how: str = "") -> UpstreamError:
    """What a socket's error says of the upstream; nothing, when it is this machine that is out of something."""
    reason = how + (os.strerror(error.errno) if error.errno else error.strerror or "unreachable")  # asyncio has its own
    return UpstreamError(reason) if error.errno in _OUR_WANT else UpstreamUnreachable(reason)


class _UdpTo:
    """UDP queries to one endpoint, over the epoll set of all."""

    def __init__(
        self,
        endpoint: Endpoint,
        loop: asyncio.AbstractEventLoop,
        epoll: select.epoll,
        home: dict[int, _Waiting],
    ) -> None:
        self._address = (endpoint.host, endpoint.port)
        self._family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
        self._loop = loop
        self._epoll = epoll
        self._waiting = home

    def send(self, query: bytes, deliver: Deliver) -> Sent:
        """Send `query`; replies that do not match it are thrown away and the wait goes on."""
        try:
            # The bare type: what socket.socket adds to it costs as much as the system call, and is not needed.
            sock = socket.SocketType(self._family, _DATAGRAMS)
        except OSError as error:  # no descriptor is left
            return _Refused(self._loop, error, deliver)
        waiting = _Waiting(self._waiting, sock, query, deliver)
        number = sock.fileno()
        self._waiting[number] = waiting
        try:
            sock.connect(self._address)
            sock.send(query)
            self._epoll.register(number, select.EPOLLIN)
        except OSError as error:
            waiting.close()
            return _Refused(self._loop, error, deliver)
        return waiting


class Udp:
    """UDP queries. Owns its sockets; `close` ends them all."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._epoll = select.epoll()
        self._waiting: dict[int, _Waiting] = {}
        loop.add_reader(self._epoll.fileno(), self._receive)

    def to(self, endpoint: Endpoint) -> Transport:
        """The transport to an endpoint that is given by address."""
        return _UdpTo(endpoint, self._loop, self._epoll, self._waiting)

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
                waiting.deliver(unreachable(error))
                continue
            if matches(data, waiting.query):
                waiting.close()
                waiting.deliver(data)

    def close(self) -> None:
        for waiting in list(self._waiting.values()):
            waiting.close()
        self._loop.remove_reader(self._epoll.fileno())
        self._epoll.close()
