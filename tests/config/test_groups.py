"""What groups say of services, safe search and blocked answers: mistakes, and what becomes of it."""

from __future__ import annotations

import pathlib

import pytest

from resolver import model
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.offered import Offered
from resolver.config.schema import Config
from resolver.errors import ConfigError

_KNOWN = Known(offered=Offered.load())


def _config(text: str) -> Config:
    return parse(("lists: []\n" + text).encode(), pathlib.Path("lull.yaml"), _KNOWN)


def _problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _config(text)
    return [line.removeprefix("lull.yaml:") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (
            "services: [tiktock]",
            'services[0]: there is no service or kind of services "tiktock"; did you mean "tiktok"?',
        ),
        (
            "services: [zzzz]",
            'services[0]: there is no service or kind of services "zzzz"; `lull services` shows what there is',
        ),
        (
            "services: [tiktok, games, tiktok]",
            'services[2]: "tiktok" is already at groups.kids.services[0]; remove one',
        ),
        ("services: [888]", '888 is a number in YAML; to mean the text, quote it: "888"'),
        (
            "services: [Tik Tok]",
            'services[0]: "Tik Tok" is not a service, a kind of services or a search engine (small letters, digits, -)',
        ),
        ("services: tiktok", 'services: expected a list, got text "tiktok"; write ["tiktok"]'),
        (
            "safe-search: [gogle]",
            'safe-search[0]: "gogle" is no search engine that can be made safe; did you mean "google"?; there are all, '
            "google, bing, duckduckgo, youtube, youtube-moderate, yandex, ecosia, pixabay, brave",
        ),
        ("safe-search: google", 'safe-search: expected a list, got text "google"; write ["google"]'),
        (
            "safe-search: [youtube, youtube-moderate]",
            'safe-search: "youtube-moderate" and "youtube" exclude each other; keep one',
        ),
        ("safe_search: all", 'safe_search: no such key; did you mean "safe-search"?'),
        ("default: block", 'default: "block" is not one of pass, deny'),
        (
            "blocking: {mode: address}",
            "blocking.addresses: mode address needs the addresses to answer with, such as [192.0.2.1]",
        ),
        (
            "blocking: {addresses: [192.0.2.1]}",
            "blocking.addresses: mode null-address has no addresses; remove them, or write mode: address here",
        ),
        ("blocking: {ttl: 2d}", "blocking.ttl: 2d is too much: at most 1d"),
    ],
)
def test_mistakes(group: str, said: str) -> None:
    problems = _problems(f"groups:\n  kids: {{{group}}}")
    assert len(problems) == 1
    assert problems[0].startswith("3: groups.kids.")
    assert said in problems[0]


def test_words_become_ids() -> None:
    group = _config("groups: {kids: {services: [dating, tiktok], safe-search: all}}").groups["kids"]
    assert group.services[0] == "tiktok"
    assert {_KNOWN.offered.services[id].kind for id in group.services[1:]} == {"dating"}
    assert "youtube" in group.safe_search
    assert _config("groups: {kids: {safe-search: [all, youtube-moderate]}}").groups["kids"].safe_search[3:4] == (
        "youtube-moderate",
    )


def test_what_is_left_out_is_nothing() -> None:
    config = _config("groups: {kids: {services: , safe-search: , blocking: }}")
    group = config.groups["kids"]
    assert (group.services, group.safe_search, group.default) == ((), (), "pass")
    assert config.blocking_of("kids") == config.blocking


@pytest.mark.parametrize(
    ("common", "own", "answer", "ttl"),
    [
        ("{}", "{mode: nxdomain}", model.Nxdomain(), 10),
        ("{mode: nodata, ttl: 20s}", "{}", model.Nodata(), 20),
        ("{mode: nodata, ttl: 20s}", "{ttl: 0s}", model.Nodata(), 0),
        (
            "{mode: address, addresses: [192.0.2.1]}",
            "{addresses: [192.0.2.2]}",
            model.Address((bytes((192, 0, 2, 2)),)),
            10,
        ),
        (
            "{mode: address, addresses: [192.0.2.1]}",
            "{mode: address, ttl: 5s}",
            model.Address((bytes((192, 0, 2, 1)),)),
            5,
        ),
        ("{mode: address, addresses: [192.0.2.1]}", "{mode: refused}", model.Refused(), 10),
    ],
)
def test_a_group_differs_only_where_it_says_so(common: str, own: str, answer: model.BlockAnswer, ttl: int) -> None:
    blocking = _config(f"blocking: {common}\ngroups: {{kids: {{blocking: {own}}}}}").blocking_of("kids")
    assert (blocking.answer(), blocking.ttl) == (answer, ttl)
