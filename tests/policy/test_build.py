"""From a config and what people added to the document of a bundle."""

from __future__ import annotations

import pathlib
from typing import Literal

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.model import Nxdomain, RRset
from resolver.paths import STARTER
from resolver.policy.build import document
from resolver.policy.document import GroupEntry, ListEntry, OwnRule, Pause
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
    made = document(config(), COMPILED, (), [own], [Pause(7.0)])
    assert made.lists == (ListEntry("ads"), ListEntry("good", "allow"))
    assert made.groups == (
        GroupEntry("default", (), ("ads", "good")),
        GroupEntry("kids", ("192.0.2.20/32", "2001:db8::/32"), ("ads", "good")),
        GroupEntry("free", ("192.0.2.30/32",), ()),
    )
    assert made.rules == (
        OwnRule("allow", "cdn.example.com", origin="config"),
        OwnRule("deny", "ads.example.net", origin="config"),
        own,
    )
    assert made.pauses == (Pause(7.0),)
    assert made.records == (RRset(wire("printer.home.arpa"), 1, 300, (bytes((192, 0, 2, 9)),)),)
    assert (made.answer, made.ttl, made.privacy) == (Nxdomain(), 20, "no-client")
    assert made.upstreams == ("udp://192.0.2.53", "tcp://[2001:db8::53]")
    assert made.allow == ("private", "198.51.100.0/24")


def test_the_starter_list_stands_in_for_block_lists_that_are_missing() -> None:
    groups = {entry.name: entry.lists for entry in document(config(), COMPILED, {"ads"}, (), ()).groups}
    assert groups == {"default": ("ads", "good", STARTER), "kids": ("ads", "good", STARTER), "free": ()}
    groups = {entry.name: entry.lists for entry in document(config(), COMPILED, {"good"}, (), ()).groups}
    assert STARTER not in groups["default"]
