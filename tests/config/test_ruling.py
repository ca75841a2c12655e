"""Rules of people's own and rules about sites in a config: mistakes, and what becomes of them."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.errors import ConfigError
from resolver.rules import ownrule

_KNOWN = Known(rule=ownrule.read)


def _config(text: str, known: Known = _KNOWN) -> Config:
    return parse(("lists: []\n" + text).encode(), pathlib.Path("lull.yaml"), known)


def _problems(text: str, known: Known = _KNOWN) -> list[str]:
    try:
        _config(text, known)
    except ConfigError as error:
        return [line.removeprefix("lull.yaml:") for line in str(error).splitlines()]
    return []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "rules:\n- allow a.example\n- deny b.example\n- deny A.Example.",
            '5: rules[2]: "deny A.Example." contradicts rules[0] (line 3); remove one',
        ),
        (
            "rules:\n- deny ||a.example^\n- allow a.example",
            '4: rules[1]: "allow a.example" contradicts rules[0] (line 3); remove one',
        ),
        (
            "rules:\n- deny exact a.example\n- allow exact a.example",
            '4: rules[1]: "allow exact a.example" contradicts rules[0] (line 3); remove one',
        ),
        (
            "rules:\n- deny /ads[0-9]/\n- allow /ads[0-9]/",
            '4: rules[1]: "allow /ads[0-9]/" contradicts rules[0] (line 3); remove one',
        ),
        (
            "groups:\n  kids:\n    rules:\n    - deny a.example##.ad",
            '5: groups.kids.rules[0]: "a.example##.ad" is for browsers; a resolver sees names alone, no pages and no '
            'paths; did you mean "a.example"?',
        ),
        (
            "devices: {tv: {names: [tv], rules: [deny @@||a.example^]}}",
            '2: devices.tv.rules[0]: "@@||a.example^" allows; write allow, or take the @@ away',
        ),
        (
            "sites: [{site: a.example, allow: [b.example], client: tv, group: default}]",
            "2: sites[0]: is for a client and for a group; keep one",
        ),
        (
            "groups: {kids: {}}\nsites: [{site: a.example, allow: [b.example], group: kid}]",
            '3: sites[0].group: there is no group "kid"; did you mean "kids"?',
        ),
        (
            "sites: [{site: a.example, allow: [b.example], group: kids}]",
            '2: sites[0].group: there is no group "kids"; add it to groups',
        ),
        (
            "sites: [{site: a.example, allow: [b.example], client: TV}]",
            '2: sites[0].client: there is no device "tv"; add it to devices, with its mac, names or addresses',
        ),
        (
            "sites: [{site: a.example, allow: [b.example], client: '02:00:5e:10:00:01'}]",
            '2: sites[0].client: "02:00:5e:10:00:01" is a MAC address; give the device a name in devices, and write '
            "that here",
        ),
        (
            "sites:\n- {site: a.example, allow: [b.example]}\n- {site: A.example, allow: all}",
            '4: sites[1]: the site "a.example" is already at sites[0] (line 3); make them one',
        ),
        (
            "sites: [{site: a.example, allow: [b.example, B.example.]}]",
            '2: sites[0].allow[1]: "b.example" is already at sites[0].allow[0] (line 2); remove one',
        ),
        ("sites: [{site: a.example}]", '2: sites[0]: the key "allow" is missing'),
        (
            "sites: [{site: a.example, allow: []}]",
            "2: sites[0].allow: is an empty list: write at least one, or remove the line for the default",
        ),
        (
            "sites: [{site: a.example, allow: all, window: 10s}]",
            '2: sites[0].window: "10s" is not a window from 1m to 24h; or write always',
        ),
        (
            "sites: [{site: 'https://a.example/', allow: all}]",
            '2: sites[0].site: "https://a.example/" is not a name; a plain name means all below it too; did you mean '
            '"a.example"?',
        ),
        (
            "discovery: {router: gateway}",
            '2: discovery.router: "gateway" is not an address; write one, or auto or off',
        ),
        (
            "host-names: [192.0.2.1]",
            '2: host-names[0]: "192.0.2.1" is an address; a name is wanted here',
        ),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    assert _problems(text) == [said]


@pytest.mark.parametrize(
    "text",
    [
        "rules: [allow a.example, deny b.a.example, block b.a.example]",
        "rules: [allow a.example, deny exact a.example]",
        "rules: [allow a.example, 'deny ||a.example^$dnstype=AAAA']",
        "rules: [allow a.example]\ngroups: {kids: {rules: [deny a.example]}}\n"
        "devices: {tv: {names: [tv], rules: [allow a.example]}}",
        "sites: [{site: a.example, allow: all}, {site: a.example, allow: all, client: 192.0.2.1}, "
        "{site: a.example, allow: all, group: default}]",
        "devices: {TV: {names: [tv]}}\nsites: [{site: a.example, allow: [a.example], client: tv, window: always}]",
    ],
)
def test_what_is_no_mistake(text: str) -> None:
    assert _problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "sites: [{site: a.example, allow: all, group: '-'}]",
        "sites: [{site: a.example, allow: all, client: '?'}]",
        "devices: {tv: []}\nsites: [{site: a.example, allow: all, client: tv}]",
        "rules: [[]]",
    ],
)
def test_one_mistake_is_one_problem(text: str) -> None:
    assert len(_problems(text)) == 1


def test_lines_are_read() -> None:
    text = (
        "rules: ['deny ||a.example^', 'deny /x/ ']\n"
        "groups: {kids: {rules: ['allow @@||b.example^$dnstype=A']}}\n"
        "devices: {tv: {names: [tv], rules: [deny 0.0.0.0 c.example]}}"
    )
    config = _config(text)
    plain, regex = config.rules
    assert (plain.name, plain.line, plain.text) == ("a.example", "", "deny ||a.example^")
    assert (regex.name, regex.line) == ("", "/x/")
    (of_group,), (of_device,) = config.groups["kids"].rules, config.devices["tv"].rules
    assert (of_group.name, of_group.line) == ("b.example", "||b.example^$dnstype=A")
    assert (of_device.name, of_device.exact) == ("c.example", True)


def test_without_a_reader_only_plain_names_are_rules() -> None:
    assert _problems("rules: [deny /x/, deny exact a.example]", Known()) == [
        '2: rules[0]: "/x/" is not a name, and lines of lists are not read here'
    ]
