"""What systemd wants to hear from a service: how it is (sd_notify(3))."""

from __future__ import annotations

import logging
import os
import socket
import time

log = logging.getLogger(__name__)


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
