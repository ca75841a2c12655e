"""Mistakes between values: references to nothing, and things given twice."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.errors import ConfigError

_KNOWN = Known(
    frozenset({"hagezi-pro", "hagezi-light", "starter", "urlhaus"}),
    {"balanced": ("hagezi-pro", "urlhaus"), "gentle": ("hagezi-light", "urlhaus")},
)


_PRESET = ": several lists in one word; give a list of your own another id, and one of its lists an entry beside it"
_HERE = pathlib.Path.cwd()


def _problems(text: str) -> list[str]:
    try:
        parse(text.encode(), pathlib.Path("lull.yaml"), _KNOWN)
    except ConfigError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'dns: {listen: ["[::]:53", "[0::0]:53"]}',
            '1: dns.listen[1]: "[::]:53" is already at dns.listen[0] (line 1); remove one',
        ),
        (
            'dns: {listen: ["127.0.0.1:8080"]}\nadmin: {listen: "127.0.0.1:8080"}',
            '2: admin.listen: "127.0.0.1:8080" is already at dns.listen[0] (line 1); remove one',
        ),
        (
            "upstreams:\n- udp://9.9.9.9\n- udp://9.9.9.9:53",
            '3: upstreams[1]: "udp://9.9.9.9:53" is already at upstreams[0] (line 2); remove one',
        ),
        (
            "upstreams: ['tls://9.9.9.9#dns.example', 'tls://9.9.9.9:853#DNS.example']",
            '1: upstreams[1]: "tls://9.9.9.9:853#DNS.example" is already at upstreams[0] (line 1); remove one',
        ),
        (
            "dns: {listen: ['0.0.0.0:853']}\nupstreams: ['tls://127.0.0.1']",
            '2: upstreams[0]: "tls://127.0.0.1" is Lull itself (dns.listen "0.0.0.0:853"): name another resolver',
        ),
        (
            'upstreams: ["udp://127.0.0.1:5353"]',
            '1: upstreams[0]: "udp://127.0.0.1:5353" is Lull itself (dns.listen "127.0.0.1:5353"): '
            "name another resolver",
        ),
        (
            'dns: {listen: ["[::]:53"]}\nupstreams: ["tcp://[::1]"]',
            '2: upstreams[0]: "tcp://[::1]" is Lull itself (dns.listen "[::]:53"): name another resolver',
        ),
        (
            "blocking: {mode: address}",
            "1: blocking.addresses: mode address needs the addresses to answer with, such as [192.0.2.1]",
        ),
        (
            "blocking: {addresses: [192.0.2.1]}",
            "1: blocking.addresses: mode null-address has no addresses; remove them, or write mode: address",
        ),
        (
            "lists:\n- hagezi-pro\n- {id: hagezi-pro, file: a}",
            '3: lists[1]: the id "hagezi-pro" is already at lists[0] (line 2); remove one',
        ),
        (
            "lists: [{id: a, file: a, url: 'https://example.org/'}]",
            '1: lists[0]: "a" has both file and url; keep one',
        ),
        (
            "lists: [hagezi-por]",
            '1: lists[0]: "hagezi-por" is not in the catalogue and has neither file nor url; did you '
            'mean "hagezi-pro"?',
        ),
        (
            "lists: [{id: mine}]",
            '1: lists[0]: "mine" is not in the catalogue and has neither file nor url; '
            "write {id: NAME, file: PATH} or {id: NAME, url: URL} for a list of your own",
        ),
        ("lists: [{id: balanced, kind: allow}]", f'1: lists[0].kind: "balanced" is a preset{_PRESET}'),
        ("lists: [{id: balanced, file: a}]", f'1: lists[0].file: "balanced" is a preset{_PRESET}'),
        ("lists: [balanced, balanced]", '1: lists[1]: the id "balanced" is already at lists[0] (line 1); remove one'),
        (
            "lists: [balancd]",
            '1: lists[0]: "balancd" is not in the catalogue and has neither file nor url; did you mean "balanced"?',
        ),
        (
            "updates: {files: [lists]}\nlists: [balanced, {id: a, file: lists/a.txt}, {id: b, file: lists/../b.txt}]",
            f'2: lists[2].file: "{_HERE}/lists/../b.txt" is not in a directory that updates.files allows; move it into '
            f"{_HERE}/lists, or add its directory to updates.files",
        ),
        (
            "groups: {kids: {lists: [gentle]}}",
            '1: groups.kids.lists[0]: the preset "gentle" means lists that are not in use; add gentle to lists',
        ),
        (
            "groups: {kids: {lists: [balanced, balanced]}}",
            '1: groups.kids.lists[1]: the list "balanced" is already at groups.kids.lists[0] (line 1); remove one',
        ),
        (
            "groups: {default: {lists: [hagezi-por]}}",
            '1: groups.default.lists[0]: there is no list "hagezi-por"; did you mean "hagezi-pro"?',
        ),
        ("groups: {default: {lists: [mine]}}", '1: groups.default.lists[0]: there is no list "mine"; add it to lists'),
        (
            "groups: {default: {lists: [starter]}}",
            '1: groups.default.lists[0]: "starter" is in the catalogue but not in use; add it to lists',
        ),
        (
            "groups: {kids: {lists: [hagezi-pro, hagezi-pro]}}",
            '1: groups.kids.lists[1]: the list "hagezi-pro" is already at groups.kids.lists[0] (line 1); remove one',
        ),
        (
            "records:\n- a A 192.0.2.1\n- a CNAME b",
            "3: records[1]: an alias (CNAME) cannot stand beside other records of its name; remove one",
        ),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    assert _problems(text) == [f"lull.yaml:{said}"]


@pytest.mark.parametrize(
    "text",
    [
        'dns: {listen: ["0.0.0.0:53", "[::]:53"]}',
        'dns: {listen: ["0.0.0.0:53"]}\nupstreams: ["udp://127.0.0.1:5335"]',
        "upstreams: [udp://9.9.9.9, tcp://9.9.9.9]",
        "upstreams: ['tls://9.9.9.9#a.example', 'tls://9.9.9.9#b.example', 'https://9.9.9.9', 'https://9.9.9.9/x']",
        "dns: {listen: ['0.0.0.0:853']}\nupstreams: ['tls://dns.example?bootstrap=9.9.9.9']",
        "blocking: {mode: address, addresses: [192.0.2.1]}",
        "lists: [{id: hagezi-pro, url: 'https://example.org/'}]",
        "lists: []",
        "lists: [balanced, {id: gentle, mode: shadow, refresh: 1d}, {id: hagezi-pro, mode: shadow}]",
        "lists: [balanced]\ngroups: {a: {lists: [urlhaus]}, b: {lists: [balanced, urlhaus]}}",
        "lists: [hagezi-pro, urlhaus]\ngroups: {a: {lists: [balanced]}}",
        "updates: {files: [lists, /srv]}\nlists: [{id: a, file: lists/b/a.txt}, {id: b, file: /srv/b}]",
        "records: [a A 192.0.2.1, a AAAA ::1, b CNAME a]",
    ],
)
def test_what_is_no_mistake(text: str) -> None:
    assert _problems(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "lists: mine\ngroups: {kids: {lists: [mine]}}",
        "lists: [{id: mine, file: []}]\ngroups: {kids: {lists: [mine]}}",
        "lists: [Mine]",
        "blocking: {mode: adress, addresses: [192.0.2.1]}",
        "blocking: {mode: address, addresses: [192.0.2]}",
        "upstreams: [9.9.9.9]",
        "updates: {files: [[]]}\nlists: [{id: a, file: a.txt}]",
    ],
)
def test_one_mistake_is_one_problem(text: str) -> None:
    assert len(_problems(text)) == 1


def test_indexes_are_those_of_the_file() -> None:
    text = "lists:\n- {id: a}\n- {file: b}\n- c\n- hagezi-pro\n- hagezi-pro\n"
    assert [one.split(":")[1:3] for one in _problems(text)] == [
        ["2", " lists[0]"],
        ["3", " lists[1]"],
        ["4", " lists[2]"],
        ["6", " lists[4]"],
    ]


def test_files_behind_links_are_judged_by_where_they_are(tmp_path: pathlib.Path) -> None:
    for name in ("lists", "elsewhere"):
        (tmp_path / name).mkdir()
    (tmp_path / "elsewhere" / "a.txt").touch()
    (tmp_path / "lists" / "a.txt").symlink_to(tmp_path / "elsewhere" / "a.txt")
    (tmp_path / "lists" / "loop").symlink_to(tmp_path / "lists" / "loop")
    (tmp_path / "same").symlink_to(tmp_path / "lists")
    files = ", ".join(
        f"{{id: {id}, file: lists/{name}}}" for id, name in zip("abc", ("a.txt", "b.txt", "loop"), strict=True)
    )
    text = f"updates: {{files: [same]}}\nlists: [{files}]"
    with pytest.raises(ConfigError) as caught:
        parse(text.encode(), tmp_path / "lull.yaml", _KNOWN)
    assert [problem.path for problem in caught.value.problems] == ["lists[0].file"]
