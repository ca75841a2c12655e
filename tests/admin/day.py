"""A day of a household that has a list in use, one in shadow mode and one on trial: what was asked, and what Lull says.

Real page loads (tests/data/pageloads.jsonl) are visited by three devices over 24 hours. Everything but the clock, the
upstream and the sockets of clients is what the daemon runs. What must become of each query is found without it, by
looking at the lines of the lists.
"""

from __future__ import annotations

import ipaddress
import json
import pathlib
import struct
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from resolver.admin.bodies import LogEntry
from resolver.admin.listbodies import ListInfo, Quality, Tried, Trying
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.model import Transport
from resolver.pipeline.forwarder import Forwarder
from resolver.store.filters import LogFilter
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, until
from tests.lists.site import page, serving
from tests.support import MemoryReach, MemoryUpstream, wire

PAGELOADS = pathlib.Path(__file__).parents[1] / "data" / "pageloads.jsonl"
HOUR, DAY = 3600, 86_400
DAWN = NOON - DAY

LAPTOP, PHONE, PAD = DEVICES = "192.0.2.10", "192.0.2.11", "192.0.2.20"
TYPES = {LAPTOP: ("A", "A", "A"), PHONE: ("A", "AAAA"), PAD: ("A",)}  # what a device asks about each name, at once
NUMBERS = {"A": 1, "AAAA": 28}
TRUTH = {"A": ipaddress.ip_address("198.51.100.7"), "AAAA": ipaddress.ip_address("2001:db8::7")}

CONFIG = b"""
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}, {id: strict, file: strict.txt, mode: shadow}]
groups:
  default: {lists: [ads, strict]}
  kids: {clients: [192.0.2.20], lists: [ads]}
rules: ["allow trc.taboola.com"]
updates: {reach: ["127.0.0.0/8"]}
"""
ALLOWED = {"trc.taboola.com"}
ALIASES = {  # trackers behind a name of the site's own
    "sstats.adobe.com": "adobe.com.ssl.d1.sc.omtrdc.net",
    "metrics.allrecipes.com": "allrecipes.com.d1.sc.omtrdc.net",
    "www.stats.bouyguestelecom.fr": "bouyguestelecom.at-o.net",
}
ADS_TEXT = """! in use
||doubleclick.net^
||google-analytics.com^
||criteo.net^
||at-o.net^
@@||stats.g.doubleclick.net^
@@||ad.doubleclick.net^
0.0.0.0 connect.facebook.net sb.scorecardresearch.com
127.0.0.1 www.facebook.com
"""
STRICT_TEXT = """! in shadow mode
||criteo.com^
||criteo.net^
||doubleclick.net^
||adnxs.com^
||omtrdc.net^
||at-o.net^
@@||acdn.adnxs.com^
@@||ssl.google-analytics.com^
0.0.0.0 connect.facebook.net mc.yandex.ru
0.0.0.0 graph.facebook.com www.google-analytics.com
"""
TRIAL_TEXT = """! on trial
||imrworldwide.com^
||scorecardresearch.com^
||criteo.com^
||doubleclick.net^
||stats.g.doubleclick.net^$important
||taboola.com^
@@||images.taboola.com^
@@||connect.facebook.net^
0.0.0.0 static.hotjar.com mc.yandex.ru
0.0.0.0 not-of-this-day.example
"""


class ByHand:
    """A list as its reader understands it."""

    def __init__(self, text: str) -> None:
        lines = [line for line in text.splitlines() if not line.startswith("!")]
        self.strong = {line[2:-11] for line in lines if line.startswith("||") and line.endswith("^$important")}
        self.below = {line[2:-1] for line in lines if line.startswith("||") and line.endswith("^")} | self.strong
        self.excused = {line[4:-1] for line in lines if line.startswith("@@||")}
        self.exact = {name for line in lines if line[0].isdigit() for name in line.split()[1:]}
        self.names = self.below | self.excused | self.exact

    def has(self, name: str) -> bool:
        return name in self.exact or is_below(name, self.below)

    def excuses(self, name: str) -> bool:
        return is_below(name, self.excused)

    def rule(self, name: str) -> str:
        """The rule that blocks a name: the important one, or the only one."""
        if name in self.exact:
            return name
        if is_below(name, self.strong):
            return next(f"||{root}^$important" for root in self.strong if is_below(name, {root}))
        return next(f"||{root}^" for root in self.below if is_below(name, {root}))


def is_below(name: str, roots: Iterable[str]) -> bool:
    return any(name == root or name.endswith("." + root) for root in roots)


ADS, STRICT, TRIAL = map(ByHand, (ADS_TEXT, STRICT_TEXT, TRIAL_TEXT))


class Asked(NamedTuple):
    at: int
    client: str
    name: str
    type: str

    @property
    def looks(self) -> list[str]:
        """The names that are looked at: its own, and that of its alias."""
        return [self.name, *filter(None, [ALIASES.get(self.name)])]

    @property
    def fate(self) -> str:
        """What must become of it; "shadow" is what passes and would be blocked."""
        if is_below(self.name, ALLOWED) or ADS.excuses(self.name):
            return "allow"
        if any(map(ADS.has, self.looks)):
            return "block"
        strict = self.client != PAD and any(STRICT.has(name) and not STRICT.excuses(name) for name in self.looks)
        return "shadow" if strict else "pass"

    @property
    def newly_blocked(self) -> bool:
        """Whether the list on trial would block what is not blocked by now. Only an important rule stands against an
        exception of a list in use, none against what people allow."""
        if self.fate == "allow":
            return is_below(self.name, TRIAL.strong) and not is_below(self.name, ALLOWED)
        return self.fate != "block" and TRIAL.has(self.name) and not TRIAL.excuses(self.name)


def visits() -> list[Asked]:
    """A page every nine minutes; every other one is visited once more, five hours later, by somebody else."""
    found = []
    for number, line in enumerate(PAGELOADS.read_text().splitlines()):
        times = [(540 * number, DEVICES[number % 3])]
        if number % 2:
            times.append(((540 * number + 5 * HOUR) % DAY, DEVICES[(number + 1) % 3]))
        for start, client in times:
            for place, name in enumerate(json.loads(line)["names"]):
                found += [Asked(DAWN + start + place // 4, client, name, type) for type in TYPES[client]]
    return sorted(found)


ASKED = visits()


class Seen(msgspec.Struct):
    """What the household says of its day. `late` is of twelve hours later, and of the last 24 hours then."""

    replies: dict[Asked, bytes]
    log: list[LogEntry]
    shadowed: list[LogEntry]
    lists: dict[str, ListInfo]
    tried: Tried
    late: Tried

    def quality(self, id: str) -> Quality:
        found = self.lists[id].quality
        assert found is not None
        return found


async def live(house: House) -> dict[Asked, bytes]:
    """The day, second by second; the log has it in the end."""
    names = sorted({*(one.name for one in ASKED), *ALIASES.values()} - ALIASES.keys())
    truth = [f"{name}. 300 {type} {address}" for name in names for type, address in TRUTH.items()]
    upstream = MemoryUpstream("\n".join([*truth, *(f"{name}. 300 CNAME {to}." for name, to in ALIASES.items())]))
    assert house.parts.publisher.bundle is not None
    forwarder = Forwarder(house.parts.publisher.bundle, house.clock, MemoryReach(udp=(upstream, upstream)), "the day")
    replies, rows = {}, 0
    by_second: dict[int, list[Asked]] = {}
    for one in ASKED:
        by_second.setdefault(one.at, []).append(one)
    for second, asked in by_second.items():
        house.clock.now = second
        for one in asked:
            query = struct.pack("!6H", 7, 0x100, 1, 0, 0, 0) + wire(one.name) + struct.pack("!2H", NUMBERS[one.type], 1)
            reply = forwarder.answering.answer(query, one.client, Transport.UDP)
            said = reply if reply is None or isinstance(reply, bytes) else await reply
            assert said is not None
            replies[one] = said
        batch = await forwarder.journal.roll(second)
        assert batch is not None
        house.worker.send(batch)
        rows += len(batch.rows)
    await until(lambda: house.parts.writer.counts().rows_written == rows)
    house.clock.now = NOON
    forwarder.close()
    return replies


async def look_back(house: House, replies: dict[Asked, bytes]) -> Seen:
    log = await house.service.log(LogFilter(), None, 10_000)
    assert log.next is None
    shadowed = await house.service.log(LogFilter(shadow="strict"), None, 10_000)
    lists = {one.id: one for one in await house.service.listing.every()}
    async with serving(trial=page(TRIAL_TEXT)) as site:
        tried = await house.tried(Trying(url=f"{site.url}/trial"))
        house.clock.now = NOON + DAY // 2
        late = await house.tried(Trying(url=f"{site.url}/trial", days=1))
    return Seen(replies, log.entries, shadowed.entries, lists, tried, late)


def live_through(home: pathlib.Path, made: pathlib.Path) -> Seen:
    """The day in a household whose config is in `home`; `made` is a state directory to begin with."""
    (home / "ads.txt").write_text(ADS_TEXT)
    (home / "strict.txt").write_text(STRICT_TEXT)
    (home / "popular.txt").write_text("google.com\n")
    (home / "starter.txt").write_text("||starter.example^\n")
    found: list[Seen] = []

    async def scenario(house: House) -> None:
        found.append(await look_back(house, await live(house)))

    Opener(home / "state", home, made)(scenario, config=parse(CONFIG, home / "lull.yaml", Known()))
    return found[0]
