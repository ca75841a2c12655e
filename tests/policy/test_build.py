"""From a config and what people added to the document of a bundle."""

from __future__ import annotations

import pathlib
from typing import Literal

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.offered import Offered, Service
from resolver.config.schema import Config
from resolver.model import NullAddress, Nxdomain, RRset
from resolver.paths import STARTER
from resolver.policy.build import document
from resolver.policy.document import (
    ForwardEntry,
    GroupEntry,
    ListEntry,
    OwnRule,
    Pause,
    People,
    ScheduleEntry,
    ServiceEntry,
)
from resolver.policy.truth import Truth
from tests.support import wire

CONFIG = """
dns: {listen: ["127.0.0.1:5353"], allow: [private, 198.51.100.0/24]}
upstreams: ["udp://192.0.2.53", "tcp://[2001:db8::53]"]
blocking: {mode: nxdomain, ttl: 20s}
lists:
  - {id: ads, file: ads.txt}
  - {id: good, file: good.txt, kind: allow}
groups:
  kids: {clients: ["192.0.2.20", "2001:db8::/32"], lists: [ads, good]}
  free: {clients: ["192.0.2.30"], lists: []}
rules: ["allow Cdn.Example.com", "deny ads.example.net"]
records: ["printer.home.arpa. 300 A 192.0.2.9"]
log: {privacy: no-client}
"""


def config(text: str = CONFIG) -> Config:
    return parse(text.encode(), pathlib.Path("lull.yaml"), Known())


COMPILED: list[tuple[str, Literal["block", "allow"]]] = [("ads", "block"), ("good", "allow")]


def test_everything_a_worker_needs_is_there() -> None:
    own = OwnRule("deny", "x.example", client="192.0.2.1", until=5.0)
    made = document(config(), COMPILED, (), People((own,), (Pause(7.0),)), OFFERED)
    assert made.lists == (ListEntry("ads"), ListEntry("good", "allow"))
    assert made.groups == (
        GroupEntry("default", (), ("ads", "good")),
        GroupEntry("kids", ("192.0.2.20/32", "2001:db8::/32"), ("ads", "good")),
        GroupEntry("free", ("192.0.2.30/32",), ()),
    )
    assert made.rules == (
        OwnRule("allow", "cdn.example.com", origin="config", key="config::allow cdn.example.com"),
        OwnRule("deny", "ads.example.net", origin="config", key="config::deny ads.example.net"),
        own,
    )
    assert made.pauses == (Pause(7.0),)
    assert made.records == (RRset(wire("printer.home.arpa"), 1, 300, (bytes((192, 0, 2, 9)),)),)
    assert (made.answer, made.ttl, made.privacy) == (Nxdomain(), 20, "no-client")
    assert made.upstreams == ("udp://192.0.2.53", "tcp://[2001:db8::53]")
    assert made.truth == Truth()
    assert made.allow == ("private", "198.51.100.0/24")


def test_names_of_time_servers_are_there_for_encrypted_upstreams() -> None:
    for url, clocks in (("tls://192.0.2.53", OFFERED.clocks), ("udp://192.0.2.53", ())):
        made = document(config(f"upstreams: ['{url}']\nlists: []"), (), (), People(), OFFERED)
        assert made.clocks == clocks
    assert "pool.ntp.org" in OFFERED.clocks


def test_the_starter_list_stands_in_for_block_lists_that_are_missing() -> None:
    groups = {entry.name: entry.lists for entry in document(config(), COMPILED, {"ads"}, People(), OFFERED).groups}
    assert groups == {"default": ("ads", "good", STARTER), "kids": ("ads", "good", STARTER), "free": ()}
    groups = {entry.name: entry.lists for entry in document(config(), COMPILED, {"good"}, People(), OFFERED).groups}
    assert STARTER not in groups["default"]


OFFERED = Offered.load()
LIMITED = """
lists: []
blocking: {ttl: 20s}
groups:
  kids: {services: [tiktok, dating], safe-search: [all, youtube-moderate], blocking: {mode: nxdomain}}
  small: {services: [tiktok], default: deny, blocking: {ttl: 5s}}
"""


def test_the_services_and_engines_that_groups_use_are_there_and_no_others() -> None:
    read = parse(LIMITED.encode(), pathlib.Path("lull.yaml"), Known(offered=OFFERED))
    made = document(read, (), (), People(), OFFERED)
    assert {entry.id for entry in made.services} == {"tiktok", *OFFERED.services_of(["dating"])}
    tiktok = next(entry for entry in made.services if entry.id == "tiktok")
    assert (tiktok.title, tiktok.names) == ("TikTok", OFFERED.services["tiktok"].names)
    assert {entry.engine for entry in made.safe_search} == set(OFFERED.engines) - {"youtube"}
    brave = next(entry for entry in made.safe_search if entry.engine == "brave")
    assert (brave.names, brave.target) == (("search.brave.com",), "forcesafe.search.brave.com")
    default, kids, small = made.groups
    assert (default.services, default.safe_search, default.deny, default.answer, default.ttl) == (
        (),
        (),
        False,
        None,
        None,
    )
    assert (kids.services, kids.deny, kids.answer, kids.ttl) == (read.groups["kids"].services, False, Nxdomain(), None)
    assert kids.safe_search == read.groups["kids"].safe_search
    assert (small.services, small.deny, small.answer, small.ttl) == (("tiktok",), True, NullAddress(), 5)


def test_a_config_without_them_needs_none() -> None:
    made = document(config(), COMPILED, (), People(), OFFERED)
    assert (made.services, made.safe_search) == ((), ())


def test_schedules_become_minutes_days_and_ids() -> None:
    text = """
lists: [{id: ads, file: ads.txt}]
groups: {kids: {schedules: [bedtime, homework]}}
schedules:
  bedtime: {days: [sun, mon], from: "21:00", to: "06:30", zone: Europe/Berlin, only: [School.Example]}
  homework: {from: 9:05, to: "09:05", zone: UTC, block: ["service:roblox", a.example, "list:ads"], allow: [b.example]}
basics: [time.example]
"""
    offered = Offered({"roblox": Service("roblox", "Roblox", "games", ("roblox.com",))})
    loaded = parse(text.encode(), pathlib.Path("lull.yaml"), Known(offered=offered))
    made = document(loaded, [("ads", "block")], (), People(), offered)
    assert made.schedules == (
        ScheduleEntry("bedtime", (0, 6), 21 * 60, 6 * 60 + 30, "Europe/Berlin", only=("school.example",)),
        ScheduleEntry(
            "homework",
            tuple(range(7)),
            545,
            545,
            "UTC",
            block=("a.example",),
            allow=("b.example",),
            services=("roblox",),
            lists=("ads",),
        ),
    )
    assert {group.name: group.schedules for group in made.groups} == {"default": (), "kids": ("bedtime", "homework")}
    assert made.basics == ("time.example",)
    assert made.services == (ServiceEntry("roblox", "Roblox", ("roblox.com",)),)


def test_how_answers_are_kept_and_believed() -> None:
    text = """
lists: []
cache: {size: 8, min-ttl: 30s, max-ttl: 1h, stale: 1d, prefetch: 5}
dnssec: {trust: all}
rebinding: {refuse: false, allow: [Plex.Direct]}
"""
    assert document(config(text), (), (), People(), OFFERED).truth == Truth(
        size=8,
        min_ttl=30,
        max_ttl=3600,
        stale=86_400,
        prefetch=5,
        trust="all",
        rebinding=False,
        local=frozenset({"plex.direct"}),
    )


def test_whom_to_ask_for_what() -> None:
    text = """
lists: []
upstreams: ["udp://192.0.2.53"]
strategy: sticky
fallback: ["udp://192.0.2.54"]
forward: {lan: "udp://192.0.2.1"}
rebinding: {allow: [plex.example]}
bootstrap: ["192.0.2.9"]
groups: {kids: {upstreams: ["tls://192.0.2.99#dns.example"]}}
"""
    made = document(config(text), (), (), People(), OFFERED)
    assert (made.strategy, made.fallback, made.bootstrap) == ("sticky", ("udp://192.0.2.54",), ("192.0.2.9",))
    assert made.forward == (ForwardEntry("lan", ("udp://192.0.2.1",)),)
    assert made.truth.local == {"plex.example", "lan"}  # their addresses are those of the house
    assert {group.name: group.upstreams for group in made.groups} == {
        "default": (),
        "kids": ("tls://192.0.2.99#dns.example",),
    }
