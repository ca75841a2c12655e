"""How answers are kept, believed and refused, as a config says it."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.config.truth import Cache, Dnssec, Rebinding
from resolver.errors import ConfigError


def config(text: str) -> Config:
    return parse(text.encode(), pathlib.Path("lull.yaml"), Known(frozenset({"balanced"})))


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        config(text)
    return [str(problem) for problem in caught.value.problems]


def test_the_defaults() -> None:
    made = config("")
    assert made.cache == Cache(16, 0.0, 86_400.0, 259_200.0, 10)
    assert made.dnssec == Dnssec("encrypted")
    assert made.rebinding == Rebinding(refuse=True, allow=())


def test_everything_given() -> None:
    made = config(
        "cache: {size: 1, min-ttl: 1m, max-ttl: 2h, stale: 0s, prefetch: 0}\n"
        "dnssec: {trust: none}\n"
        "rebinding: {refuse: no, allow: [Plex.Direct, bücher.example]}\n"
    )
    assert made.cache == Cache(1, 60.0, 7200.0, 0.0, 0)
    assert made.dnssec.trust == "none"
    assert not made.rebinding.refuse
    assert made.rebinding.allow == ("plex.direct", "xn--bcher-kva.example")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cache: {size: 0}", "lull.yaml:1: cache.size: 0 is too little: at least 1"),
        ("cache: {min-ttl: 2h}", "lull.yaml:1: cache.min-ttl: 2h is too much: at most 1h"),
        ("cache: {max-ttl: 2d}", "lull.yaml:1: cache.max-ttl: 2d is too much: at most 1d"),
        ("cache: {max-ttl: 0s}", "lull.yaml:1: cache.max-ttl: 0s is too little: at least 1s"),
        ("cache: {stale: 4d}", "lull.yaml:1: cache.stale: 4d is too much: at most 3d"),
        ("cache: {prefetch: 101}", "lull.yaml:1: cache.prefetch: 101 is too much: at most 100"),
        (
            "cache: {min-ttl: 1m, max-ttl: 30s}",
            "lull.yaml:1: cache.min-ttl: 1m is more than max-ttl, 30s; make one of them fit the other",
        ),
        (
            "dnssec: {trust: encripted}",
            'lull.yaml:1: dnssec.trust: "encripted" is not one of encrypted, all, none; did you mean "encrypted"?',
        ),
    ],
)
def test_mistakes(text: str, message: str) -> None:
    assert problems(text) == [message]


def test_a_bound_that_cannot_be_read_is_one_mistake() -> None:
    assert len(problems("cache: {min-ttl: 1m, max-ttl: soon}")) == 1
    assert len(problems("cache: {min-ttl: 9h, max-ttl: 30s}")) == 1
