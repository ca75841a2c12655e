"""Devices on a real network: the daemon's processes in a namespace, with the kernel's neighbour tables."""

from __future__ import annotations

import pathlib
import socket
import time

import dnslib

from tests.daemon.harness import Daemon, running
from tests.network.apart import MAC, OTHER, apart, ip, meet, wire

TABLET, PHONE = "192.0.2.10", "192.0.2.11"
CONFIG = f"groups: {{default: {{}}, kids: {{clients: ['{MAC}'], rules: [deny games.example]}}}}\n"


def blocked(daemon: Daemon, client: str) -> bool:
    """Whether this client is told that games.example is nowhere."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((client, 0))
        sock.settimeout(1)
        sock.sendto(dnslib.DNSRecord.question("games.example").pack(), ("127.0.0.1", daemon.dns))
        return [str(rr.rdata) for rr in dnslib.DNSRecord.parse(sock.recv(4096)).rr] == ["0.0.0.0"]


def test_a_device_is_known_wherever_it_is(tmp_path: pathlib.Path) -> None:
    def work() -> None:
        wire()
        for address in (TABLET, PHONE):
            ip("addr", "add", f"{address}/32", "dev", "lo")  # they ask from here, the kernel has them elsewhere
        with running(tmp_path, CONFIG) as daemon:
            daemon.wait(daemon.up, 10)
            assert not blocked(daemon, TABLET)
            meet(TABLET, MAC)
            assert daemon.wait(lambda: blocked(daemon, TABLET), 5) < 2
            assert not blocked(daemon, PHONE)
            meet(PHONE, MAC)  # it has another address now
            assert daemon.wait(lambda: blocked(daemon, PHONE), 5) < 2
            why = daemon.api("GET", f"why?name=games.example&client={PHONE}")
            assert (why["verdict"], why["group"]) == ("block", "kids")
            daemon.api("PUT", f"clients/{TABLET}", {"name": "Tablet"})
            daemon.api("POST", "rules", {"action": "allow", "name": "games.example", "client": "tablet"})
            daemon.wait(lambda: not blocked(daemon, TABLET) and not blocked(daemon, PHONE), 2)
            ip("neigh", "flush", "all")  # it sleeps
            assert daemon.stop() == 0
            daemon.start()
            daemon.wait(daemon.up, 10)
            time.sleep(0.5)
            assert not blocked(daemon, PHONE)
            (tablet,) = [one for one in daemon.api("GET", "clients") if one["name"]]
            assert (tablet["name"], tablet["group"], tablet["mac"]) == ("Tablet", "kids", MAC)
            assert set(tablet["addresses"]) == {TABLET, PHONE}
            meet(PHONE, OTHER)  # and somebody else has that address
            daemon.api("POST", "rules", {"action": "deny", "name": "games.example", "client": "tablet"})
            daemon.wait(lambda: blocked(daemon, TABLET) and not blocked(daemon, PHONE), 5)

    apart(work)
