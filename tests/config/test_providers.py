"""Upstreams in one word: what ships, what words mean, what is wrong with them, and whom the machine itself asks."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config import providers
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.offered import Offered
from resolver.config.schema import Config
from resolver.config.upstreams import upstream
from resolver.config.values import Endpoint, SubtreeName
from resolver.errors import ConfigError, ListError

_KNOWN = Known(offered=Offered.load())
_LISTEN = (Endpoint("127.0.0.1", 53),)


def _config(text: str) -> Config:
    return parse(("lists: []\n" + text).encode(), pathlib.Path("lull.yaml"), _KNOWN)


def _urls(text: str) -> list[str]:
    return [one.url for one in _config(text).upstreams]


def _problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _config(text)
    return [line.removeprefix("lull.yaml:") for line in str(caught.value).splitlines()]


@pytest.mark.parametrize("one", providers.load().values(), ids=lambda one: one.id)
def test_what_ships_is_encrypted_and_says_all_of_itself(one: providers.Provider) -> None:
    found = one.upstreams("abc123")
    assert len(found) == max(len(one.addresses), 1)
    for each in found:
        assert each.encrypted
        assert each.addressed == bool(one.addresses)
        assert each.name in one.url
        assert upstream(each.url) == each
    assert one.home.startswith("https://")


def test_a_word_becomes_an_upstream_for_each_address() -> None:
    assert _urls("upstreams: [quad9]") == [
        "https://9.9.9.9/dns-query#dns.quad9.net",
        "https://149.112.112.112/dns-query#dns.quad9.net",
    ]
    assert _urls("upstreams: ['nextdns:abc123']")[0] == "https://45.90.28.0/abc123#dns.nextdns.io"
    assert _urls("upstreams: ['controld:p2']") == ["https://dns.controld.com/p2"]
    assert _urls("upstreams: [quad9, 'https://9.9.9.9/dns-query#dns.quad9.net', 'udp://192.0.2.1']")[2:] == [
        "udp://192.0.2.1"
    ]


def test_words_mean_the_same_wherever_upstreams_stand() -> None:
    config = _config("fallback: [google]\nforward: {lan: mullvad}\ngroups: {kids: {upstreams: [cloudflare-family]}}")
    found = (config.fallback, config.forward[SubtreeName("lan")], config.groups["kids"].upstreams)
    assert [ones[0].host for ones in found] == ["8.8.8.8", "194.242.2.2", "1.1.1.3"]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("quad8", 'there is no provider "quad8"; did you mean "quad9"?'),
        (
            "zzz",
            'there is no provider "zzz"; `lull upstreams` shows what there is, and one of your own is a URL, such as '
            "udp://192.0.2.53",
        ),
        ("nextdns", "nextdns needs your ID: write nextdns:ID, with the ID that https://nextdns.io shows you"),
        ("quad9:x", 'quad9 has no ID; remove ":x"'),
        ("system:x", 'system has no ID; remove ":x"'),
    ],
)
def test_wrong_words(word: str, said: str) -> None:
    assert _problems(f"upstreams: ['{word}']") == [f"2: upstreams[0]: {said}"]


def test_whom_the_machine_asks_is_never_lull_itself(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text(
        "# nameserver 192.0.2.9\nsearch lan\nnameserver 127.0.0.1\n nameserver 192.0.2.1 \nnameserver fe80::1%eth0\n"
        "nameserver 2001:db8::1\nnameserver nonsense\noptions edns0\n"
    )
    urls = [one.url for one in providers.system(_LISTEN, path)]
    assert urls == ["udp://192.0.2.1", "udp://[fe80::1%eth0]", "udp://[2001:db8::1]"]
    everywhere = (Endpoint("0.0.0.0", 53),)
    assert [one.url for one in providers.system(everywhere, path)] == urls
    other_port = (Endpoint("127.0.0.1", 5353),)
    assert [one.url for one in providers.system(other_port, path)] == ["udp://127.0.0.1", *urls]
    assert providers.system(_LISTEN, tmp_path / "none") == []


def test_system_that_is_nobody_is_a_mistake(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("nameserver 127.0.0.1\n")
    monkeypatch.setattr(providers, "RESOLV_CONF", path)
    text = "dns: {listen: ['127.0.0.1:53']}\nupstreams: [system]"
    (problem,) = _problems(text)
    assert problem.startswith("3: upstreams: this machine asks nobody but Lull")
    path.write_text("nameserver 192.0.2.1\n")
    assert _urls(text) == ["udp://192.0.2.1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("upstreams: [{id: a}]", "missing required field"),
        ("upstreams: []\nmore: 1", "unknown field"),
        ("upstreams: [{id: A, title: a, home: a, url: 'tls://a.example', blocks: a, logs: a}]", "regex"),
        ("upstreams: [{id: a, title: a, home: a, url: 'a', blocks: a, logs: a}]", "a url is none: a"),
        ("upstreams: [{id: a, title: a, home: a, url: 'nope://a', blocks: a, logs: a}]", "not a way to reach"),
        ("upstreams: [{id: system, title: a, home: a, url: 'tls://a.example', blocks: a, logs: a}]", 'is "system"'),
    ],
)
def test_a_file_that_is_wrong_is_refused(tmp_path: pathlib.Path, text: str, said: str) -> None:
    (tmp_path / "upstreams.yaml").write_text(text)
    with pytest.raises(ListError, match=said):
        providers.load(tmp_path)
