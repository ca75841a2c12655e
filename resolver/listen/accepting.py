"""Taking connections: who comes, through which proxy, and the handshake of TLS, all before a protocol begins."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import resource
import socket
import ssl
from asyncio.sslproto import SSLProtocol
from collections.abc import Callable, Sequence

from resolver.errors import LullError, WireError
from resolver.listen.certificate import Certificate
from resolver.listen.proxied import spoken_for
from resolver.listen.stream import Means, Stream

log = logging.getLogger(__name__)

# Of every TLS connection, idle or not: asyncio's own 256 KiB would be 256 MB for a thousand that say nothing.
SSLProtocol.max_size = 16 << 10

HANDSHAKE = 5.0  # seconds for a PROXY header, and again for a handshake
_AT_ONCE = 16  # connections taken before other work gets its turn
_BUFFER = 128 << 10  # bytes that the kernel may hold for a connection, asked for; it takes twice as many
_RESERVE = 5000  # descriptors, or half of those that there are, that are kept for asking upstreams
_TIRED = 0.1  # seconds without accepting after the machine had no descriptor for one more

Make = Callable[[str], Stream]
"""The protocol for a client at an address."""


class Opening:
    """A connection whose client has not said yet what it must: counted, and closed as others are, but for those that
    wait for us."""

    def __init__(self, means: Means, sock: socket.socket, peer: str) -> None:
        self.in_flight = 0
        self.sock = sock
        self.peer = peer
        self.active = means.clock.monotonic()
        self.task: asyncio.Task[None] | None = None
        self.begun = False
        self.gone = False
        self._means = means

    def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        self.gone = True
        self._means.lobby.leave(self)
        if self.task is not None:
            self.task.cancel()
        if not self.begun:
            self.sock.close()  # what was cancelled before it began does nothing any more


class Listener:
    """Listening sockets of one kind, shared with other workers, and the connections that this worker took of them.

    With a `certificate` all is TLS with one of `protocols`; networks of `proxies` must say whom they speak for.
    """

    def __init__(
        self,
        means: Means,
        make: Make,
        certificate: Certificate | None = None,
        protocols: Sequence[str] = (),
        proxies: Sequence[str] = (),
    ) -> None:
        self.means = means
        self._make = make
        self._certificate = certificate
        self._protocols = tuple(protocols)
        self._timed = means.shared.pace.timed()
        if certificate is not None:
            certificate.want(*protocols)
        self.trust(proxies)
        self._loop = asyncio.get_running_loop()
        self._listening: list[socket.socket] = []
        self._opening: set[asyncio.Task[None]] = set()
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        self.reach = limit - min(limit // 2, _RESERVE)  # descriptors are given out from below: the first one kept

    def trust(self, proxies: Sequence[str]) -> None:
        """The networks whose hosts speak for others, from now on."""
        self._proxies = [ipaddress.ip_network(network) for network in proxies]

    async def start(self, sock: socket.socket) -> None:
        """Accept on a listening socket; there may be several."""
        for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            sock.setsockopt(socket.SOL_SOCKET, buffer, _BUFFER)  # as those have that come by it
        self._listening.append(sock)
        self._watch(sock)

    def _watch(self, sock: socket.socket) -> None:
        if sock in self._listening:
            self._loop.add_reader(sock, self._accept, sock)

    def _accept(self, listening: socket.socket) -> None:
        try:
            for _ in range(_AT_ONCE):
                sock, source = listening.accept()
                if sock.fileno() >= self.reach and not (self.means.lobby.shed() or self.means.crowd.shed()):
                    sock.close()
                    continue
                sock.settimeout(0)
                opening = Opening(self.means, sock, source[0])
                opening.task = self._loop.create_task(self._open(opening))
                self._opening.add(opening.task)
                opening.task.add_done_callback(self._opening.discard)
                self.means.lobby.join(opening)
        except (BlockingIOError, ConnectionError, InterruptedError):
            return
        except OSError as error:  # out of descriptors: it would be tried again and again
            log.warning("a connection cannot be taken: %s", error)
            self._loop.remove_reader(listening)
            self._loop.call_later(_TIRED, self._watch, listening)

    async def _open(self, opening: Opening) -> None:
        """From a new connection to its protocol; what is not as it must be is closed without a word."""
        opening.begun = True
        try:
            try:
                async with asyncio.timeout(HANDSHAKE):
                    peer = await self._whom(opening.peer, opening.sock)
                    if peer != opening.peer:
                        self.means.lobby.leave(opening)
                        opening.peer = peer  # from here on it counts for the client
                        self.means.lobby.join(opening)
                    if self._certificate is not None:
                        await self._begun(opening.sock)
                if self._certificate is not None:
                    await self._turn(opening)
                context = self._context()
            except BaseException:
                opening.sock.close()
                raise
            limit = None if context is None else HANDSHAKE
            # From here on the socket is asyncio's to close.
            await self._loop.connect_accepted_socket(
                lambda: self._made(peer, opening),
                opening.sock,
                ssl=context,
                ssl_handshake_timeout=limit,
                ssl_shutdown_timeout=limit,
            )
        except (OSError, EOFError, WireError, LullError) as error:
            log.debug("a connection from %s ended before it began: %s", opening.peer, error)
        finally:
            self.means.lobby.leave(opening)

    def _context(self) -> ssl.SSLContext | None:
        if self._certificate is None:
            return None
        context = self._certificate.context(*self._protocols)
        context.sslobject_class = self._timed
        return context

    async def _begun(self, sock: socket.socket) -> None:
        """Wait for the first byte of a handshake: whoever sends none costs a descriptor and no more."""
        came = self._loop.create_future()

        def look() -> None:
            if not came.done():
                came.set_result(None)

        self._loop.add_reader(sock, look)
        try:
            await came
        finally:
            self._loop.remove_reader(sock)

    async def _turn(self, opening: Opening) -> None:
        """Wait for its turn to shake hands. It is idle again then: the one that dallies longest goes first."""
        opening.in_flight = 1
        await self.means.shared.pace.turn()
        opening.in_flight = 0
        opening.active = self.means.clock.monotonic()

    def _made(self, peer: str, opening: Opening) -> Stream:
        stream = self._make(peer)
        stream.before = opening
        return stream

    async def _whom(self, address: str, sock: socket.socket) -> str:
        """The client's address: the peer's, or whom the proxy there speaks for."""
        if not any(ipaddress.ip_address(address.partition("%")[0]) in network for network in self._proxies):
            return address

        async def read(size: int) -> bytes:
            data = b""
            while len(data) < size:
                more = await self._loop.sock_recv(sock, size - len(data))
                if not more:
                    raise EOFError
                data += more
            return data

        return await spoken_for(read, address)

    def stop(self) -> None:
        """Accept no more."""
        for sock in self._listening:
            self._loop.remove_reader(sock)
            sock.close()
        self._listening.clear()

    def close(self) -> None:
        """End every connection once what is written has gone out."""
        self.means.lobby.close()
        self.means.crowd.close()
