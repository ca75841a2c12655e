#!/usr/bin/env python3
"""What policy costs: policy.py [LIST …] [--names FILE]. Without lists, 100,000 names that are made up.

Two policies over the same lists: one group and nothing of people's own; and 50 groups with schedules, 1,000 devices at
two addresses each, 5,000 rules of people's own (some for groups, some for devices, some lines of lists) and 200 site
rules. Prints, for both, µs a decision by what decides (each name once and asked by many devices), µs to identify an
address never seen, µs for a hit of the packet cache in the listener's own loop (system calls left out), and for the
second the ms that it takes to publish a rule more and to open the bundle.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import itertools
import pathlib
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from msgspec.structs import replace

from resolver.listen.udp import DRAIN, UdpListener
from resolver.model import Block, Client, Transport, Type
from resolver.pipeline.forwarder import Forwarder
from resolver.policy.bundle import Bundle
from resolver.policy.bundles import Bundles
from resolver.policy.decide import decide
from resolver.policy.document import DeviceEntry, Document, GroupEntry, ListEntry, OwnRule, ScheduleEntry, SiteEntry
from resolver.process import SystemClock
from resolver.rules.compile import Source, compile_sources
from resolver.upstream.carriers import Carriers
from resolver.upstream.endpoint import Addressed
from resolver.wire.name import from_text

GROUPS, DEVICES, RULES, LINES, SITES = 50, 1000, 5000, 500, 200
SAMPLE = 20_000
ASKED = 20  # names whose hits are measured
DAYS = tuple(range(7))
NOON = 1_767_614_400.0  # a Monday


def group(number: int) -> str:
    return f"group{number % GROUPS}"


def rules() -> Iterator[OwnRule]:
    """A fifth for everyone by lines, the rest for names: of everyone, of groups, of devices; some with an end."""
    for number in range(RULES):
        action: Literal["allow", "deny"] = "deny" if number % 3 else "allow"
        name, until = f"own{number}.example", NOON + 3600 if number % 10 == 1 else None
        if number < LINES:
            text = f"||{name}^$dnstype=A" if number % 2 else f"/^own{number}[.]example$/"
            yield OwnRule(action, "", text=text, key=f"rule:{number}")
        elif number < 2 * RULES // 5:
            yield OwnRule(action, name, exact=number % 4 == 0, until=until, key=f"rule:{number}")
        elif number < 4 * RULES // 5:
            yield OwnRule(action, name, group=group(number), until=until, key=f"rule:{number}")
        else:
            yield OwnRule(action, f"own{number % 50}.example", f"device{number % DEVICES}", key=f"rule:{number}")


def sites() -> Iterator[SiteEntry]:
    for number in range(SITES):
        yield SiteEntry(
            f"site{number}.example",
            tuple(f"part{number * 3 + part}.example.net" for part in range(3)),
            window=None if number % 2 else 600,
            client=f"device{number}" if number % 4 == 0 else "",
            group=group(number) if number % 4 == 1 else "",
            key=f"site:{number}",
        )


def crowded(lists: tuple[ListEntry, ...]) -> Document:
    """The second policy."""
    ids = tuple(entry.id for entry in lists)
    bedtime = ScheduleEntry("bedtime", DAYS, 21 * 60, 390, "Europe/Berlin", only=("school.example",))
    groups = [GroupEntry("default", ("10.0.0.0/8",), ids)]
    for number in range(GROUPS):
        named = ("bedtime",) if number % 2 else ()
        groups.append(GroupEntry(group(number), (f"10.{number}.0.0/16",), ids, schedules=named))
    devices = []
    for number in range(DEVICES):
        at = (address(number), f"name device{number}"), (f"fd00::{number:x}", f"name device{number}")
        devices.append(DeviceEntry(f"device{number}", found=at, group=group(number)))
    return Document(
        lists=lists,
        groups=tuple(groups),
        schedules=(bedtime,),
        devices=tuple(devices),
        rules=tuple(rules()),
        sites=tuple(sites()),
    )


def address(number: int) -> str:
    return f"10.{number % GROUPS}.{number // 250}.{number % 250 + 1}"


def timed(work: Callable[[], object]) -> float:
    """Seconds, with the collector off as its turn would fall on whoever comes by."""
    gc.collect()
    gc.disable()
    try:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began
    finally:
        gc.enable()


def decisions(bundle: Bundle, names: Sequence[str], clients: Sequence[Client]) -> float:
    """µs a decision; the best of three rounds."""
    asked = [(from_text(name), name, client) for name, client in zip(names, itertools.cycle(clients), strict=False)]

    def work() -> None:
        for wire, text, client in asked:
            decide(wire, text, Type.A, client, bundle, NOON)

    return min(timed(work) for _ in range(3)) / len(asked) * 1e6


def kinds(listed: Sequence[str], passing: Sequence[str]) -> dict[str, list[str]]:
    """Names by what decides about them in the second policy."""
    return {
        "passing": list(passing[:SAMPLE]),
        "blocked by a list": list(listed[:SAMPLE]),
        "rule of people, by name": [f"own{number}.example" for number in range(LINES, 2 * RULES // 5)],
        "rule of people, by line": [f"own{number}.example" for number in range(LINES)],
        "part of a site": [f"part{number}.example.net" for number in range(3 * SITES)],
        "site itself": [f"site{number}.example" for number in range(SITES)],
    }


class _Datagrams:
    """A socket without a kernel: every call of recvfrom has the next datagram."""

    def __init__(self, datagrams: Sequence[tuple[bytes, tuple[str, int]]]) -> None:
        self._datagrams = itertools.cycle(datagrams)
        self._read, self._write = socket.socketpair()
        self.recvfrom = lambda _: next(self._datagrams)

    def sendto(self, data: bytes, source: Any) -> None:
        pass

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 53

    def fileno(self) -> int:
        return int(self._read.fileno())


def question(number: int, name: str) -> bytes:
    return number.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + from_text(name) + b"\0\1\0\1"


async def hits(bundle: Bundle, names: Sequence[str], addresses: Sequence[str]) -> float:
    """µs for a hit of the packet cache, as the listener's loop has it."""
    clock, loop = SystemClock(), asyncio.get_running_loop()
    forwarder = Forwarder(bundle, clock, Carriers(loop, Addressed(), loop.create_task), "feed")
    sent = enumerate(itertools.product(names, addresses))
    asked = [(question(place, name), (who, 5353)) for place, (name, who) in sent]
    for data, source in asked:
        found = forwarder.answering.answer(data, source[0], Transport.UDP)
        if found is not None and not isinstance(found, bytes):
            await found
    random.Random(1).shuffle(asked)
    sock: Any = _Datagrams(asked)
    listener = UdpListener(sock, forwarder.answering, lambda: forwarder.peers, forwarder.journal, clock)
    listener.stop()
    rounds = 100_000 // DRAIN

    def work() -> None:
        for _ in range(rounds):
            listener._drain()  # noqa: SLF001 - the loop itself is what is measured

    best = min(timed(work) for _ in range(3))
    forwarder.close()
    return best / (rounds * DRAIN) * 1e6


def identified(bundle: Bundle, addresses: Sequence[str]) -> float:
    return timed(lambda: [bundle.identify(one) for one in addresses]) / len(addresses) * 1e6


def made(lists: Sequence[pathlib.Path], work: pathlib.Path) -> tuple[ListEntry, ...]:
    """The lists, compiled into `work`."""
    if not lists:
        path = work / "made-up.txt"
        path.write_text("".join(f"||ads{number}.made-up{number % 997}.example^\n" for number in range(100_000)))
        lists = [path]
    compile_sources([Source(place, path.stem, path) for place, path in enumerate(lists)], work)
    return tuple(ListEntry(path.stem) for path in lists)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lists", nargs="*", type=pathlib.Path)
    parser.add_argument("--names", type=pathlib.Path, help='names that are asked for: "rank,name" or "name" a line')
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        report(arguments.lists, arguments.names, pathlib.Path(directory))


def report(lists: Sequence[pathlib.Path], popular: pathlib.Path | None, work: pathlib.Path) -> None:
    entries = made(lists, work)
    bundles = Bundles(work / "state")
    plain = Document(lists=entries, groups=(GroupEntry("default", (), tuple(entry.id for entry in entries)),))
    alone = bundles.open(bundles.publish(plain, work, NOON))
    full = crowded(entries)
    first = timed(lambda: bundles.publish(full, work, NOON)) * 1e3
    more = replace(full, rules=(*full.rules, OwnRule("deny", "one.more.example")))
    again = timed(lambda: bundles.publish(more, work, NOON)) * 1e3
    generation = bundles.current()
    assert generation is not None
    opened = timed(lambda: bundles.open(generation)) * 1e3
    many = bundles.open(generation)
    print(f"{len(many.names):,} names of lists; {GROUPS} groups, {DEVICES} devices, {RULES} rules, {SITES} site rules")
    print(f"{'':<28}{'alone':>9}{'crowded':>9}   µs")
    listed = held(many)
    passing = [f"www{number}.passing{number % 7001}.example.org" for number in range(SAMPLE)]
    if popular is not None:
        passing = [line.strip().rpartition(",")[2] for line in popular.read_text().splitlines()]
    compare_misses(alone, many, kinds(listed, passing))
    compare_hits(alone, many, listed)
    print(f"published in {first:.0f} ms, with one rule more in {again:.0f} ms; opened in {opened:.0f} ms")


def held(bundle: Bundle) -> list[str]:
    """Some of the names that lists hold, in no order."""
    step = max(len(bundle.names) // SAMPLE, 1)
    found = [name for name, _ in itertools.islice(bundle.names.items(), 0, None, step)]
    random.Random(7).shuffle(found)
    return found


def compare_misses(alone: Bundle, many: Bundle, names: Mapping[str, Sequence[str]]) -> None:
    nobody = [alone.identify(f"192.0.2.{number + 1}") for number in range(100)]
    devices = [many.identify(address(number)) for number in range(DEVICES)]
    for kind, asked in names.items():
        print(f"{kind:<28}{decisions(alone, asked, nobody):>9.2f}{decisions(many, asked, devices):>9.2f}")
    new = [f"10.{number % 256}.{number // 256}.77" for number in range(5000)]
    print(f"{'a new address':<28}{identified(alone, new):>9.2f}{identified(many, new):>9.2f}")


def compare_hits(alone: Bundle, many: Bundle, listed: Sequence[str]) -> None:
    asked = list(itertools.islice((name for name in listed if is_blocked(many, name)), ASKED))
    homes = [address(number) for number in range(DEVICES)]
    others = [f"10.{number % GROUPS}.200.{number + 1}" for number in range(50)]
    for kind, theirs in (("hit, 50 devices", homes[:50]), ("hit, 50 others", others), ("hit, 1,000 devices", homes)):
        mine, full = (asyncio.run(hits(bundle, asked, theirs)) for bundle in (alone, many))
        print(f"{kind:<28}{mine:>9.3f}{full:>9.3f}")


def is_blocked(bundle: Bundle, name: str) -> bool:
    """Whether it is answered in place of an upstream."""
    client = Client("10.0.0.1", "default")
    return isinstance(decide(from_text(name), name, Type.A, client, bundle, NOON), Block)


if __name__ == "__main__":
    main()
