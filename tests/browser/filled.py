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
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.journal.frames import Row
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
  - {id: starter, file: starter.txt, mode: shadow}
groups:
  default: {lists: [ads]}
  kids: {clients: [192.0.2.20], lists: [ads], schedules: [bedtime, homework]}
schedules:
  bedtime: {days: [mon, tue, wed, thu, sun], from: "21:00", to: "06:30", only: [school.example]}
  homework: {days: [mon, tue, wed, thu, fri], from: "15:00", to: "16:30", block: [video.example]}
rules: [allow cdn.example.com, deny exact telemetry.example]
sites: [{site: player.example, allow: [media.example.net], window: 10m}]
"""

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


def config(lists: pathlib.Path) -> Config:
    return parse(CONFIG, lists / "lull.yaml", Known())


async def fill(house: House, *, hostile: bool) -> None:
    """Have somebody live in the house: the admin ADMIN and the member MEMBER, who both can sign in."""
    await house.add(ADMIN, "admin")
    await house.add(MEMBER, device=TABLET)
    await asked(house)
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
    loads = [json.loads(line)["names"] for line in PAGELOADS.read_text().splitlines()]
    clients = list(NAMES)
    for number, names in enumerate(loads):
        at = NOON - 86_000 + number * (85_000 // len(loads))
        await house.journal(
            [_asked(name, clients[number % len(clients)], place) for place, name in enumerate(names)], at
        )


def _asked(name: str, client: str, place: int) -> Row:
    if any(word in name for word in ("ads", "analytics", "doubleclick", "track", "pixel", "metric")):
        return row(name, client=client, via=f"{name}.cdn.example" if place % 7 == 0 else "")
    passed = row(name, "pass", client=client, count=1 + place % 3)
    origin = "cache" if place % 3 else "upstream"
    return replace(passed, exchange=replace(passed.exchange, origin=origin))


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
