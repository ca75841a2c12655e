"""A house that is lived in: what the pages are looked at with. Real page loads of some devices over a day, people's
rules, sites, users, tokens, requests and pauses; and, for those who want them, names that are made to break pages."""

from __future__ import annotations

import json
import pathlib

from msgspec.structs import replace

from resolver.admin.accountbodies import NewRequest, NewToken
from resolver.admin.bodies import NewPause
from resolver.admin.devicebodies import DeviceChange
from resolver.admin.principal import ROOT, Principal
from resolver.admin.rulebodies import NewRule, NewRules
from resolver.admin.sitebodies import NewSiteRule
from resolver.journal.frames import Row
from resolver.store.sightings import Seen
from resolver.wire.name import to_text
from tests.admin.household import ADMIN, House
from tests.admin.parts import NOON, row

PAGELOADS = pathlib.Path(__file__).parents[1] / "data" / "pageloads.jsonl"

MEMBER = "kim"
LAPTOP, PHONE, TABLET, TELEVISION = "192.0.2.10", "192.0.2.11", "192.0.2.20", "2001:db8:1111:2222:3333:4444:5555:6666"
NAMES = {LAPTOP: "Anna's laptop", PHONE: "Anna's phone", TABLET: "Kim's tablet", TELEVISION: "Television"}
SITE = "news.example"

CONFIG = b"""
upstreams: ["udp://192.0.2.53"]
lists:
  - {id: ads, file: ads.txt}
  - {id: trackers, file: trackers.txt}
  - {id: starter, file: starter.txt, mode: shadow}
groups:
  kids: {clients: [192.0.2.20], schedules: [bedtime, homework], services: [tiktok, discord], safe-search: [google]}
schedules:
  bedtime: {days: [mon, tue, wed, thu, sun], from: "21:00", to: "06:30", only: [school.example]}
  homework: {days: [mon, tue, wed, thu, fri], from: "15:00", to: "16:30", block: [video.example]}
rules: [allow cdn.example.com, deny exact telemetry.example]
sites: [{site: player.example, allow: [media.example.net], window: 10m}]
"""

UPSTREAM = "udp://192.0.2.53"
TRACKING = ("ads", "analytics", "doubleclick", "track", "pixel", "metric", "adservice", "adsystem")

_UNSEEN = ("porn", "sex", "xxx", "xham", "xvid", "cam4", "adult", "hentai", "tube")

_EVERY: list[list[str]] = [json.loads(line)["names"] for line in PAGELOADS.read_text().splitlines()]
LOADS = [names for names in _EVERY if not any(word in name for name in names for word in _UNSEEN)]
"""The names of real pages, the page's own first; without those that nobody wants to see in a picture of ours."""

MARKUP = "<script>alert(1)</script>\"'><b>&amp;\u202e\u0007\x1b[2J"
RIGHT_TO_LEFT = "\u05d8\u05dc\u05d5\u05d9\u05d6\u05d9\u05d4 \u05d1\u05e1\u05dc\u05d5\u05df"


def _text(*labels: bytes) -> str:
    return to_text(b"".join(bytes((len(label),)) + label for label in labels) + b"\0")


HOSTILE = (
    *(_text(bytes(range(start, start + 63)), b"ads", b"example") for start in (0, 63, 126, 189)),
    _text(b"\xfc\xfd\xfe\xff", b"<img src=x onerror=alert(1)>", "\u202egpj.exe".encode(), b"example"),
    ".".join(["x" * 63] * 3 + ["y" * 61]),
    "\\000" * 61 + ".ads.example",
)
"""All bytes that a label can hold, markup, marks that turn writing round, and 255 octets in a word."""


def is_tracker(name: str) -> bool:
    return any(word in name for word in TRACKING)


def _broken() -> str:
    """A page that VISITOR looked at, of which several names are blocked."""
    theirs = (names for at, names in enumerate(LOADS) if list(NAMES)[at % len(NAMES)] == VISITOR)
    return next(one[0] for one in theirs if 3 <= sum(map(is_tracker, one)) <= 6 and not is_tracker(one[0]))


VISITOR = LAPTOP
BROKEN = _broken()


def furnish(lists: pathlib.Path) -> bytes:
    """What the config file says; the lists that it speaks of are there then."""
    blocked = sorted({name for names in LOADS for name in names if is_tracker(name)})
    (lists / "trackers.txt").write_text("".join(f"||{name}^\n" for name in blocked))
    return CONFIG


async def fill(house: House, *, hostile: bool) -> None:
    """Have somebody live in the house: the admin ADMIN and the member MEMBER, who both can sign in."""
    await house.add(ADMIN, "admin")
    await house.add(MEMBER, device=TABLET)
    await asked(house)
    sights = [Seen(address, at=NOON - 60.0 * place) for place, address in enumerate(NAMES)]
    house.parts.devices.store.note(sights, {}, NOON, lambda _: True)
    if hostile:
        rows = [
            row(name, client=client, via=HOSTILE[place - 1]) for place, name in enumerate(HOSTILE) for client in NAMES
        ]
        await house.journal(
            [*rows, row("x.example", via=MARKUP, client=MARKUP, shadow=f"starter: {MARKUP}")], NOON - 30
        )
    for address, name in NAMES.items():
        called = RIGHT_TO_LEFT if hostile and address == TELEVISION else name
        await house.service.devices.put(address, DeviceChange(name=called), ADMIN)
    await rules(house, hostile=hostile)
    await house.service.sites.put(SITE, NewSiteRule(["player.example.net", "cdn.example.org"], comment="videos"), ADMIN)
    await house.service.pausing.begin(NewPause("30m", client=PHONE), ADMIN)
    tokens = house.service.entrance.tokens
    await tokens.make(NewToken("home automation", ["read", "write"], "90d"), ROOT, ADMIN)
    kim = Principal(MEMBER, "user", frozenset({"self"}), TABLET)
    name = HOSTILE[5] if hostile else "chat.example"
    await house.service.entrance.asking.ask(kim, NewRequest(name, "30m"), MEMBER)


async def asked(house: House) -> None:
    """A day of queries: the names of real pages, of which trackers are blocked."""
    clients = list(NAMES)
    for number, names in enumerate(LOADS):
        at = NOON - 86_000 + number * (85_000 // len(LOADS))
        await house.journal(
            [_asked(name, clients[number % len(clients)], place) for place, name in enumerate(names)], at
        )


def _asked(name: str, client: str, place: int) -> Row:
    group = "kids" if client == TABLET else "default"
    if is_tracker(name):
        blocked = row(name, client=client)
        return replace(blocked, group=group, exchange=replace(blocked.exchange, source="trackers"))
    passed = row(name, "pass", client=client, count=1 + place % 3)
    if place % 3:
        return replace(passed, group=group, exchange=replace(passed.exchange, origin="cache"))
    exchange = replace(passed.exchange, origin="upstream", upstream=UPSTREAM)
    return replace(passed, group=group, exchange=exchange, took_us=8_000 + 1_700 * (len(name) * 7 % 23))


async def rules(house: House, *, hostile: bool) -> None:
    """Two pages of rules, of every kind."""
    ruling = house.service.ruling
    text = "\n".join(f"{'allow' if place % 3 else 'deny'} cdn{place}.images.example.net" for place in range(60))
    await ruling.add_many(NewRules(text, comment="pictures"), f"{ADMIN} (192.0.2.7)")
    await ruling.add(NewRule("allow", "player.example.net", group="kids", duration="2h", comment="homework"), ADMIN)
    await ruling.add(NewRule("deny", text="||telemetry.example^$dnstype=AAAA", client=LAPTOP), ADMIN)
    await ruling.add(
        NewRule("deny", text="/^ad[0-9]+[.]/", client=TABLET, comment=MARKUP if hostile else "games"), ADMIN
    )
    if hostile:
        odd = NewRules("\n".join(f"deny {name}" for name in HOSTILE), comment=MARKUP)
        assert (await ruling.add_many(odd, MARKUP)).added, "some of them are names that a rule can have"
