"""Whom to ask for what: mistakes, and what becomes of it."""

from __future__ import annotations

import pytest

from resolver.config.choosing import places
from tests.config.test_providers import _config, _problems


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("strategy: fast", 'strategy: "fast" is not one of fastest, parallel, ordered, random, sticky; did you mean'),
        ("forward: {lan: ['udp://192.0.2.1', 'udp://192.0.2.1']}", 'forward.lan[1]: "udp://192.0.2.1" is already at'),
        ("forward: {lan: []}", "forward.lan: is an empty list"),
        ("forward: {lan: {a: b}}", "forward.lan: expected a list, got a mapping"),
        ("forward: {lan: }", "forward.lan: expected a list"),
        ("forward: {.: udp://192.0.2.1}", "forward..: "),
        ("forward: {a..b: udp://192.0.2.1}", "forward.a..b: "),
        ("forward: {lan: 'udp://127.0.0.1:5353'}", 'forward.lan: "udp://127.0.0.1:5353" is Lull itself'),
        ("fallback: ['udp://127.0.0.1:5353']", 'fallback[0]: "udp://127.0.0.1:5353" is Lull itself'),
        ("groups: {a: {upstreams: [quad8]}}", 'groups.a.upstreams[0]: there is no provider "quad8"'),
        ("bootstrap: [one.example]", 'bootstrap[0]: "one.example" is not an'),
        (
            "bootstrap: []\nupstreams: ['tls://dns.example']",
            "upstreams[0]: nobody can be asked for the address of dns.example: add ?bootstrap=ADDRESS to it, or",
        ),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    (problem,) = _problems(text)
    assert problem.split(": ", 1)[1].startswith(said)


@pytest.mark.parametrize("text", ["tls://192.0.2.1#dns.example", "tls://dns.example?bootstrap=192.0.2.1"])
def test_no_bootstrap_is_needed_where_nobody_must_be_asked(text: str) -> None:
    assert _config(f"bootstrap: []\nupstreams: ['{text}']").upstreams[0].url == text


def test_one_may_stand_without_brackets_and_domains_are_names() -> None:
    config = _config("forward: {LAN.: 'udp://192.0.2.1', a.lan: ['udp://192.0.2.1', 'udp://192.0.2.2']}")
    found = {zone: [one.host for one in ones] for zone, ones in config.forward.items()}
    assert found == {"lan": ["192.0.2.1"], "a.lan": ["192.0.2.1", "192.0.2.2"]}


def test_every_place_is_looked_at() -> None:
    config = _config("forward: {lan: udp://192.0.2.1}\ngroups: {kids: {upstreams: [quad9]}}")
    assert [path for path, _ in places(config)] == [
        "upstreams",
        "fallback",
        "forward.lan",
        "groups.default.upstreams",
        "groups.kids.upstreams",
    ]
