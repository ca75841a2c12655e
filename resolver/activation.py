"""What systemd gives a service and wants to hear from it: sockets (sd_listen_fds(3)) and how it is (sd_notify(3))."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time

from resolver.config.values import Endpoint

log = logging.getLogger(__name__)

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


class Notifier:
    """Tells systemd, if it listens, that the service is ready, and then that it is well."""

    def __init__(self) -> None:
        self._address = os.environ.pop("NOTIFY_SOCKET", "")
        limit = os.environ.pop("WATCHDOG_USEC", "")
        self._every = int(limit) / 2e6 if limit.isdecimal() else None
        self._ready = False
        self._last = 0.0
        self._status = ""

    def say(self, text: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
                sock.sendto(text.encode(), address)
        except OSError as error:
            log.warning("systemd cannot be told %s: %s", text.partition("=")[0], error)

    def well(self, status: str) -> None:
        """To be called every second or so for as long as it is: silence makes systemd act."""
        if not self._ready:
            self._ready = True
            self.say("READY=1")
        if status != self._status:
            self._status = status
            self.say(f"STATUS={status}")
        now = time.monotonic()
        if self._every is not None and now - self._last >= min(self._every, 1.0):
            self._last = now
            self.say("WATCHDOG=1")
