"""What systemd gives a service: sockets (sd_listen_fds(3))."""

from __future__ import annotations

import contextlib
import os
import socket

from resolver.config.values import Endpoint

_FIRST = 3  # the descriptor of the first socket

_Place = tuple[int, str, int]
"""Kind (SOCK_STREAM or SOCK_DGRAM), address, port."""


class Given:
    """The listening sockets that were bound for us, by where they are bound. Each is taken by whom it fits."""

    def __init__(self, sockets: list[socket.socket]) -> None:
        self._sockets: dict[_Place, socket.socket] = {}
        for sock in sockets:
            if sock.family in {socket.AF_INET, socket.AF_INET6}:
                host, port, *_ = sock.getsockname()
                self._sockets[sock.type, host, port] = sock

    @classmethod
    def take(cls) -> Given:
        """Those of the environment, which children then do not see."""
        process, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
        os.environ.pop("LISTEN_FDNAMES", None)
        if process != str(os.getpid()) or not count.isdecimal():
            return cls([])
        sockets = []
        for descriptor in range(_FIRST, _FIRST + int(count)):
            with contextlib.suppress(OSError):
                sock = socket.socket(fileno=descriptor)
                sock.settimeout(0)
                sock.set_inheritable(False)  # as sd_listen_fds(3) does it: each child gets its own, and no others
                sockets.append(sock)
        return cls(sockets)

    def stream(self, endpoint: Endpoint) -> socket.socket | None:
        return self._sockets.pop((socket.SOCK_STREAM, endpoint.host, endpoint.port), None)

    def datagrams(self, endpoint: Endpoint, workers: int) -> list[socket.socket]:
        """One for each worker, all of the same queue: a client's datagrams then go to whoever is free. [] for none."""
        found = self._sockets.pop((socket.SOCK_DGRAM, endpoint.host, endpoint.port), None)
        return [] if found is None else [found, *(found.dup() for _ in range(workers - 1))]

    def pair(self, endpoint: Endpoint, workers: int) -> tuple[list[socket.socket], socket.socket] | None:
        """The sockets of plain queries, if both kinds are there."""
        wanted = {(kind, endpoint.host, endpoint.port) for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM)}
        if not wanted <= self._sockets.keys():
            return None
        stream = self.stream(endpoint)
        assert stream is not None
        return self.datagrams(endpoint, workers), stream

    def rest(self) -> list[str]:
        """Where those are bound that nobody took."""
        names: dict[int, str] = {socket.SOCK_STREAM: "TCP", socket.SOCK_DGRAM: "UDP"}
        return [f"{names[kind]} {Endpoint(host, port)}" for kind, host, port in self._sockets]
