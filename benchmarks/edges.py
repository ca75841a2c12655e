#!/usr/bin/env python3
"""How late does a device see that something ended or began? edges.py [--seconds 180] [--least 0]

Runs the daemon over an upstream whose TTLs are an hour, and devices with honest caches: each uses one name every 20 ms,
and asks again only when the TTL of the answer it has is over (`--least`: or so many seconds, as some caches keep what
has TTL 0). Edges of every kind come at random phases: ends of timed rules, of pauses and of changes of a schedule, a
schedule's beginnings and ends, and ends of windows of site rules. Prints by how many seconds the answer that a device
has is behind. Loopback only; it ends what it started.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import pathlib
import random
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from typing import Any

import dnslib

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from tests.daemon.harness import Daemon, Upstream

USE = 0.02  # seconds between two uses of a name
GIVE_UP = 10.0  # seconds after an edge
WINDOW = 60  # seconds of the site rule's window
HOUR = 3600
AT_ONCE = {"site": 40, "night": 25, "rest": 3}  # devices of a kind at the same time

CONFIG = """
lists: [{{id: own, file: {list}}}]
groups:
  default: {{}}
  nights: {{clients: [127.6.0.0/16], schedules: [{names}]}}
  evenings: {{clients: [127.5.0.0/16], schedules: [evening]}}
  always: {{clients: [127.4.0.0/16], schedules: [always]}}
schedules:
  evening: {{from: "{other}", to: "{after}", zone: UTC, only: []}}
  always: {{from: "00:00", to: "00:00", zone: UTC, only: []}}
{nights}
sites: [{{site: news.example, allow: [player.example], window: 1m}}]
"""


class Device:
    """Somebody at a loopback address who uses one name, and has a cache."""

    def __init__(self, source: str, port: int, least: float) -> None:
        self.source = source
        self.asked = 0
        self._least = least
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.settimeout(0)
        self._sock.bind((source, 0))
        self._sock.connect(("127.0.0.1", port))

    def close(self) -> None:
        self._sock.close()

    async def ask(self, name: str) -> tuple[bool, float]:
        """Whether the name is blocked, and for how many seconds that may be believed."""
        query = dnslib.DNSRecord.question(name)
        while True:
            self.asked += 1
            await asyncio.get_running_loop().sock_sendall(self._sock, query.pack())
            try:
                async with asyncio.timeout(1):
                    answer = dnslib.DNSRecord.parse(await asyncio.get_running_loop().sock_recv(self._sock, 4096))
            except TimeoutError:
                continue
            if answer.header.id == query.header.id and answer.rr:
                return str(answer.rr[0].rdata) == "0.0.0.0", max(min(rr.ttl for rr in answer.rr), self._least)

    async def wait(self, name: str, *, blocked: bool) -> float:
        """Use the name until it is (not) blocked; returns when that was (Unix time)."""
        while True:
            found, ttl = await self.ask(name)
            now = time.time()
            if found is blocked:
                return now
            await asyncio.sleep(max(ttl, USE))


class Figures:
    """How late things were seen, in seconds, by their kind."""

    def __init__(self) -> None:
        self.late: dict[str, list[float]] = {}
        self.asked: dict[str, list[int]] = {}

    def add(self, kind: str, late: float, asked: int) -> None:
        self.late.setdefault(kind, []).append(late)
        self.asked.setdefault(kind, []).append(asked)

    def show(self) -> None:
        print(f"{'':<36} {'times':>5} {'earliest':>9} {'median':>8} {'95 %':>8} {'latest':>8} {'asked':>6}")
        for kind, late in sorted(self.late.items()):
            late.sort()
            high = late[int(0.95 * (len(late) - 1))]
            asked = statistics.mean(self.asked[kind])
            print(f"{kind:<36} {len(late):>5} {late[0]:>9.3f} {statistics.median(late):>8.3f} {high:>8.3f} ", end="")
            print(f"{late[-1]:>8.3f} {asked:>6.1f}")


class Household:
    """The daemon, its devices and what they see."""

    def __init__(self, daemon: Daemon, least: float, ends: float) -> None:
        """`ends` is when nothing more is begun (Unix time)."""
        self.figures = Figures()
        self.daemon = daemon
        self.ends = ends
        self._least = least
        self._numbers = itertools.count(1)
        self._chance = random.Random()

    def device(self, network: int) -> Device:
        """A device of its own in 127.NETWORK.0.0/16."""
        number = next(self._numbers)
        return Device(f"127.{network}.{number >> 8 & 255}.{number & 255}", self.daemon.dns, self._least)

    async def api(self, path: str, body: Any) -> Any:
        return await asyncio.to_thread(self.daemon.api, "POST", path, body, 30)

    async def some(self) -> None:
        """Some of a second or two passes, so that phases differ."""
        await asyncio.sleep(self._chance.uniform(0, 2))

    async def see(self, kind: str, device: Device, name: str, edge: float, *, blocked: bool) -> None:
        """Take down how long after the edge a device sees the name (not) blocked; GIVE_UP if it has not by then."""
        seen = edge + GIVE_UP
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seen - time.time()):
                seen = await device.wait(name, blocked=blocked)
        self.figures.add(kind, seen - edge, device.asked)
        device.asked = 0

    async def rule(self, action: str, zone: str) -> None:
        device = self.device(1)
        name = f"n{next(self._numbers)}.{zone}"
        body = {"action": action, "name": name, "for": self._chance.randint(3, 9), "client": device.source}
        added = await self.api("rules", body)
        await self.some()
        await self.see(f"timed {action} ends", device, name, added["rule"]["until"], blocked=action == "allow")
        device.close()

    async def pause(self) -> None:
        device = self.device(2)
        begun = await self.api("pause", {"for": self._chance.randint(3, 9), "client": device.source})
        await self.some()
        await self.see("pause ends", device, "x.blocked.example", begun["until"], blocked=True)
        device.close()

    async def change(self, schedule: str, do: str, network: int) -> None:
        device = self.device(network)
        body = {"do": do, "for": self._chance.randint(3, 9), "client": device.source}
        made = await self.api(f"schedules/{schedule}/changes", body)
        await self.some()
        edge = made["change"]["until"]
        await self.see(f"schedule changed for once ({do}) ends", device, "www.example", edge, blocked=do != "on")
        device.close()

    async def night(self, begins: float) -> None:
        """A minute of day and a minute of night: what a device has from the day ends when the night begins."""
        device = self.device(6)
        await asyncio.sleep(max(begins - 0.5 - self._chance.uniform(0, 50) - time.time(), 0))
        await self.see("schedule begins", device, "www.example", begins, blocked=True)
        await self.see("schedule ends", device, "www.example", begins + 60, blocked=False)
        device.close()

    async def site(self) -> None:
        device = self.device(7)
        await self.some()
        began = time.time()
        await device.ask("news.example")
        await asyncio.sleep(self._chance.uniform(0, WINDOW - 2))
        await self.see("site window ends", device, "www.player.example", began + WINDOW, blocked=True)
        device.close()

    async def again(self, work: Callable[[], Awaitable[None]], lasts: float) -> None:
        """Do it over and over while there is time."""
        while time.time() + lasts < self.ends:
            await self.some()
            await work()


async def live(house: Household, nights: list[float]) -> None:
    """All kinds of edges at once, until the time is over."""
    async with asyncio.TaskGroup() as tasks:
        for _ in range(AT_ONCE["rest"]):
            tasks.create_task(house.again(lambda: house.rule("allow", "blocked.example"), 12))
            tasks.create_task(house.again(lambda: house.rule("deny", "example"), 12))
            tasks.create_task(house.again(house.pause, 12))
            tasks.create_task(house.again(lambda: house.change("evening", "on", 5), 12))
            tasks.create_task(house.again(lambda: house.change("always", "more", 4), 12))
        for _ in range(AT_ONCE["site"]):
            tasks.create_task(house.again(house.site, WINDOW + 5))
        for begins in nights:
            for _ in range(AT_ONCE["night"]):
                tasks.create_task(house.night(begins))


def config(list: pathlib.Path, nights: list[float]) -> str:
    def clock(at: float) -> str:
        return time.strftime("%H:%M", time.gmtime(at))

    hours = [f'{{from: "{clock(at)}", to: "{clock(at + 60)}", zone: UTC, only: []}}' for at in nights]
    lines = [f"  night{number}: {one}" for number, one in enumerate(hours)]
    names = ", ".join(f"night{number}" for number in range(len(nights)))
    other = time.time() + 12 * HOUR
    return CONFIG.format(list=list, names=names, nights="\n".join(lines), other=clock(other), after=clock(other + HOUR))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=180)
    parser.add_argument("--least", type=float, default=0.0)
    arguments = parser.parse_args()
    ends = time.time() + arguments.seconds
    first = (int(time.time() + 20) // 60 + 1) * 60
    nights = [float(at) for at in range(first, int(ends) - 60, 120)]
    upstream = Upstream(HOUR)
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        own = work / "own.txt"
        own.write_text("||doubleclick.net^\n||blocked.example^\n||player.example^\n")
        daemon = Daemon(work, [f"udp://127.0.0.1:{upstream.port}"], config(own, nights))
        try:
            daemon.start()
            daemon.wait(daemon.up, 30)
            daemon.wait(lambda: daemon.blocked("blocked.example"), 60)
            house = Household(daemon, arguments.least, ends)
            asyncio.run(live(house, nights))
            house.figures.show()
        finally:
            daemon.stop()
            upstream.close()


if __name__ == "__main__":
    main()
