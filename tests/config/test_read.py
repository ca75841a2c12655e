"""Mistakes in the values of a config file, each with the sentence that answers it."""

from __future__ import annotations

import pathlib
from typing import get_args

import pytest

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.config.shapes import keys_of
from resolver.config.values import Tag
from resolver.errors import ConfigError

_KEYS = ", ".join(keys_of(Config))
_PATH = pathlib.Path("lull.yaml")
_KNOWN = Known(frozenset({"hagezi-pro", "starter"}), {"balanced": ("hagezi-pro",)})


def _read(text: str) -> Config:
    return parse(text.encode(), _PATH, _KNOWN)


def _problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        _read(text)
    return str(caught.value).splitlines()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # Keys
        (
            "updates: {shrnk: 5}",
            'updates.shrnk: no such key; did you mean "shrink"? the keys here are shrink, grow, watchdog, files, reach',
        ),
        ("updates: {grow: 100}", "updates.grow: 100 is too little: at least 101"),
        ("updates: {watchdog: 101}", "updates.watchdog: 101 is too much: at most 100"),
        (
            "updates: {reach: [localhost]}",
            'updates.reach[0]: "localhost" is not an address or a network, such as "192.0.2.20" or "198.51.100.0/24"',
        ),
        (
            "lists: [{id: hagezi-pro, mode: shade}]",
            'lists[0].mode: "shade" is not one of live, shadow; did you mean "shadow"?',
        ),
        (
            "devices: {a: {addresses: [192.0.2.1], mac: x}}",
            'devices.a.mac: "x" is not a MAC address, such as 02:00:5e:10:00:01',
        ),
        (
            "devices: {'-': {addresses: [192.0.2.1]}}",
            'devices.-: "-" is not a device\'s name: up to 64 letters, digits, '
            "spaces and _ - ' \N{RIGHT SINGLE QUOTATION MARK} & ( ), a letter or digit first; no MAC address",
        ),
        (
            "devices: {a: {addresses: [192.0.2.1], tags: [device_tvs]}}",
            f'devices.a.tags[0]: "device_tvs" is not one of {", ".join(get_args(Tag))}; did you mean "device_tv"?',
        ),
        (
            "dns: {lisen: []}",
            'dns.lisen: no such key; did you mean "listen"? the keys here are listen, allow, strangers, workers, user',
        ),
        ("diagnose: {x: 1}", "diagnose.x: no such key; the keys here are portal"),
        ("diagnose: {on: 1}", "diagnose.on: no such key; the keys here are portal"),
        ("diagnose: {<<: {portal: x}}", "diagnose.<<: no such key; the keys here are portal"),
        ("log: {[a]: 1}", "log.?: a key must be a word, got a list"),
        ("log: {keep: 1d, keep: 2d}", "log.keep: is given twice, first on line 1; remove one"),
        ("lists: [{file: a.txt}]", 'lists[0]: the key "id" is missing'),
        (
            '"a\\x1b\\nb": 1',
            f"a\\x1b\\nb: no such key; the keys here are {_KEYS}",
        ),
        # Types
        (
            "[dns]",
            f"expected a mapping with the keys {_KEYS}, got a list",
        ),
        ("dns: 53", "dns: expected a mapping with the keys listen, allow, strangers, workers, user, got a number 53"),
        ("groups: [kids]", "groups: expected a mapping, names with values, got a list"),
        (
            'dns: {listen: "127.0.0.1:53"}',
            'dns.listen: expected a list, got text "127.0.0.1:53"; write ["127.0.0.1:53"]',
        ),
        ("dns: {listen: {}}", "dns.listen: expected a list, got a mapping; begin each item with -"),
        ("dns: {listen: []}", "dns.listen: is an empty list: write at least one, or remove the line for the default"),
        ("dns: {listen: }", "dns.listen: expected a list, got nothing; write [] for none, or remove the line"),
        ('admin: {listen: ["127.0.0.1:8080"]}', 'admin.listen: expected text such as "127.0.0.1:5353", got a list'),
        ("admin: {listen: ~}", 'admin.listen: has no value: write text such as "127.0.0.1:5353", or remove the line'),
        ("dns: {workers: two}", 'dns.workers: expected a whole number, got text "two"'),
        ('dns: {workers: "2"}', 'dns.workers: expected a whole number, got text "2"; remove the quotes'),
        ("dns: {workers: 1:30}", "dns.workers: expected a whole number, got a number 1:30"),
        ("dns: {workers: 010}", "dns.workers: expected a whole number, got a number 010"),
        ("dns: {workers: yes}", "dns.workers: expected a whole number, got a yes/no value yes"),
        ("dns: {workers: 0}", "dns.workers: 0 is too little: at least 1"),
        ("dns: {workers: 65}", "dns.workers: 65 is too much: at most 64"),
        ("dns: {workers: [1]}", "dns.workers: expected a whole number, got a list"),
        ("lists: [{id: hagezi-pro, subdomains: 1}]", "lists[0].subdomains: expected true or false, got a number 1"),
        ('lists: [{id: hagezi-pro, subdomains: "yes"}]', 'lists[0].subdomains: expected true or false, got text "yes"'),
        (
            "lists: [[hagezi-pro]]",
            "lists[0]: expected a mapping with the keys id, file, url, kind, refresh, syntax, subdomains, mode, "
            "got a list",
        ),
        # Words and texts
        (
            "blocking: {mode: nxdomian}",
            'blocking.mode: "nxdomian" is not one of null-address, nxdomain, nodata, refused, address; did '
            'you mean "nxdomain"?',
        ),
        (
            "log: {privacy: }",
            "log.privacy: has no value: write one of full, no-client, no-name, off, or remove the line",
        ),
        ("log: {keep: 30m}", "log.keep: 30m is too little: at least 1h"),
        ("blocking: {ttl: 12:30}", 'blocking.ttl: "12:30" is not a duration: write 10s, 5m, 12h, 30d, 2w or 1h30m'),
        ("blocking: {ttl: 2d}", "blocking.ttl: 2d is too much: at most 1d"),
        ("lists: [{id: hagezi-pro, refresh: 59m}]", "lists[0].refresh: 59m is too little: at least 1h"),
        ("dns: {user: root me}", 'dns.user: "root me" is not a user\'s name, such as lull'),
        ("state: ''", "state: a path is missing"),
        ('state: "a\\0b"', 'state: "a\\x00b" holds a line break or a control character; remove it'),
        ("rules: [!!binary aGk=]", 'rules[0]: the tag "tag:yaml.org,2002:binary" has no meaning here; remove it'),
        ("dns: !include dns.yaml", 'dns: the tag "!include" has no meaning here; remove it'),
        (
            "groups: {-a: {}}",
            'groups.-a: "-a" is not a group\'s name: up to 64 letters, digits, spaces '
            "and _ - ' \N{RIGHT SINGLE QUOTATION MARK} & ( ), a letter or digit first",
        ),
        (
            "lists: [{id: a, url: ftp://x/}]",
            'lists[0].url: "ftp://x/" is not a URL that begins with http:// or https:// and names a machine',
        ),
        (
            "lists: [{id: a, url: 'https:///x'}]",
            'lists[0].url: "https:///x" is not a URL that begins with http:// or https:// and names a machine',
        ),
        (
            "lists: [https://example.org/a]",
            'lists[0]: "https://example.org/a" is not a list id (small letters, digits, -); a list of your '
            "own has an id and a file or url",
        ),
        # What YAML 1.1 takes for something else
        ("lists: [{id: no, file: a}]", 'lists[0].id: no is a yes/no value in YAML; to mean the text, quote it: "no"'),
        ("lists: [{id: 123, file: a}]", 'lists[0].id: 123 is a number in YAML; to mean the text, quote it: "123"'),
        ("groups: {on: {}}", 'groups.on: on is a yes/no value in YAML; to mean the text, quote it: "on"'),
        ("groups: {12: {}}", 'groups.12: 12 is a number in YAML; to mean the text, quote it: "12"'),
        (
            "groups: {2026-01-01: {}}",
            'groups.2026-01-01: 2026-01-01 is a date in YAML; to mean the text, quote it: "2026-01-01"',
        ),
        (
            "dns: {allow: [1:2:3:4:5:6:7:8]}",
            'dns.allow[0]: 1:2:3:4:5:6:7:8 is a number in YAML; to mean the text, quote it: "1:2:3:4:5:6:7:8"',
        ),
        ("state: 12", 'state: 12 is a number in YAML; to mean the text, quote it: "12"'),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    assert _problems(text) == [f"lull.yaml:1: {said}"]


def test_values_are_parsed() -> None:
    config = _read("blocking: {ttl: 90, mode: nodata}\nlog: {privacy: off, keep: 1w}\ndns: {user: lull, workers: 2}\n")
    assert (config.blocking.ttl, config.blocking.mode) == (90.0, "nodata")
    assert (config.log.privacy, config.log.keep) == ("off", 604800.0)
    assert (config.dns.user, config.dns.workers) == ("lull", 2)
    assert _read("lists: [{id: hagezi-pro, subdomains: on}]").lists[0].subdomains is True
    assert _read("lists: [{id: hagezi-pro, subdomains: False}]").lists[0].subdomains is False


def test_a_section_whose_lines_are_all_comments_is_as_good_as_not_there() -> None:
    assert _read("dns:\nblocking:\ngroups:\n  default:\nrules:\nrecords:\n") == _read("")


def test_aliases_may_be_used() -> None:
    config = _read("lists: &all [hagezi-pro, starter]\ngroups: {default: {lists: *all}, kids: {lists: *all}}")
    assert config.groups["kids"].lists == ("hagezi-pro", "starter")


def test_aliases_may_not_be_multiplied() -> None:
    many = ", ".join(["hagezi-pro"] * 1000)
    groups = "".join(f"  g{n}: *g\n" for n in range(1000))
    problems = _problems(f"groups:\n  g: &g {{lists: [{many}]}}\n{groups}")
    assert any("more than 100000 values in one file; use fewer, or fewer aliases (*)" in one for one in problems)


def test_a_mapping_may_hold_itself() -> None:
    assert _problems("&a {groups: *a}")[0].startswith("lull.yaml:1: groups.groups.groups: no such key")


def test_one_mistake_hides_no_other() -> None:
    text = """\
dns:
  listen: [localhost:53, 127.0.0.1:53]
  workers: many
upstreams:
  - udp://9.9.9.9
  - tls//9.9.9.9
lists:
  - {id: A, file: a.txt}
  - hagezi-pro
groups:
  kids: {lists: [A, mine]}
colour: red
"""
    assert _problems(text) == [
        'lull.yaml:2: dns.listen[0]: "localhost:53" has no IP address; did you mean "127.0.0.1:53"?',
        'lull.yaml:3: dns.workers: expected a whole number, got text "many"',
        'lull.yaml:6: upstreams[1]: "tls//9.9.9.9" has no "://"; did you mean "tls://9.9.9.9"?',
        'lull.yaml:8: lists[0].id: "A" is not a list id (small letters, digits, -); '
        "a list of your own has an id and a file or url",
        'lull.yaml:11: groups.kids.lists[0]: "A" is not a list id (small letters, digits, -); '
        "a list of your own has an id and a file or url",
        'lull.yaml:11: groups.kids.lists[1]: there is no list "mine"; add it to lists',
        f"lull.yaml:12: colour: no such key; the keys here are {_KEYS}",
    ]
