"""Two workers and control as processes: what one learns of a device the other knows, whoever is killed."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
from collections.abc import Iterator

import dnslib
import pytest

from tests.daemon.harness import Daemon, Upstream

HERE, THERE = "127.0.0.1", "127.0.0.2"  # of one device; the kernel steers them to different workers
CONFIG = """
devices: {tablet: {addresses: ["127.0.0.1", "127.0.0.2"]}}
lists: [{id: ads, file: ads.txt}]
groups: {default: {lists: [ads]}}
sites: [{site: news.example, allow: [player.example.net]}]
"""


class Pair(Daemon):
    """A daemon with two workers."""

    def write_config(self, more: str) -> None:
        super().write_config(more)
        self.config.write_text(self.config.read_text().replace("dns: {", "dns: {workers: 2, ", 1))

    def address(self, name: str, source: str) -> str:
        """What a client at that address hears; "" for no answer."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(0.3)
            sock.bind((source, 0))
            with contextlib.suppress(OSError):
                sock.sendto(dnslib.DNSRecord.question(name).pack(), ("127.0.0.1", self.dns))
                return str(dnslib.DNSRecord.parse(sock.recv(4096)).rr[0].rdata)
        return ""

    def pids(self, role: str) -> set[int]:
        assert self.process is not None
        found = set()
        for task in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((task / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if f"resolver.{role}" in (task / "cmdline").read_text() and parent == self.process.pid:
                    found.add(int(task.name))
        return found

    def restart(self, role: str) -> None:
        """Kill every process of a role, and wait until others are there and known to each other."""
        before = self.pids(role)
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        self.wait(lambda: len(self.pids(role) - before) == len(before), 10)
        self.wait(self.connected, 10)

    def connected(self) -> bool:
        return self.up() and len(self.api("GET", "status")["workers"]) == 2


@pytest.fixture
def daemon(tmp_path: pathlib.Path) -> Iterator[Pair]:
    (tmp_path / "ads.txt").write_text("||player.example.net^\n||doubleclick.net^\n")
    upstream = Upstream()
    made = Pair(tmp_path, [f"udp://127.0.0.1:{upstream.port}"], CONFIG)
    try:
        made.start()
        made.wait(made.connected, 20)
        yield made
    finally:
        if made.process is not None and made.process.poll() is None:
            made.stop()
        upstream.close()


def test_a_window_is_known_to_all_workers_and_survives_each_process(daemon: Pair) -> None:
    daemon.wait(lambda: daemon.address("player.example.net", HERE) == "0.0.0.0", 5)
    assert daemon.address("player.example.net", THERE) == "0.0.0.0"
    assert daemon.address("news.example", HERE) == "192.0.2.1"
    assert daemon.wait(lambda: daemon.address("player.example.net", THERE) == "192.0.2.1", 2) < 0.5
    for role in ("worker", "control", "worker"):
        daemon.restart(role)
        daemon.wait(lambda: daemon.address("player.example.net", THERE) == "192.0.2.1", 2)
        daemon.wait(lambda: daemon.address("player.example.net", HERE) == "192.0.2.1", 2)
    why = daemon.api("GET", "why?name=player.example.net&client=tablet")
    assert why["verdict"] == "allow"
    assert [window["rule"] for window in why["windows"]] == ["on news.example allow player.example.net"]
