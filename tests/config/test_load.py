"""Files, overrides and what a loaded config holds."""

from __future__ import annotations

import ipaddress
import pathlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from resolver.config.admin import Admin
from resolver.config.blocking import Blocking
from resolver.config.known import Known
from resolver.config.load import Overrides, load, parse
from resolver.config.log import Log
from resolver.config.people import Device, Group
from resolver.config.schema import Config, Dns, ListSource
from resolver.config.shapes import keys_of
from resolver.config.updates import Updates
from resolver.config.values import Endpoint
from resolver.errors import ConfigError
from resolver.lists.catalogue import Catalogue
from resolver.model import RRset
from resolver.paths import shipped
from resolver.wire import name

_KNOWN = Known(frozenset({"hagezi-pro", "starter", "urlhaus"}), {"balanced": ("hagezi-pro", "urlhaus")})
_DEFAULT = replace(Config(), lists=(ListSource("hagezi-pro"), ListSource("urlhaus")))
_SHIPPED = Catalogue.load().known()
_EXAMPLES = sorted(shipped("config", "examples").glob("*.yaml"))


def _said(call: Any, *arguments: object) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        call(*arguments)
    return str(caught.value).splitlines()


def test_an_empty_file_is_all_defaults(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "lull.yaml"
    file.write_text("# nothing\n")
    assert load(file, _KNOWN) == _DEFAULT


def test_files_that_cannot_be_read(tmp_path: pathlib.Path) -> None:
    missing = tmp_path / "missing.yaml"
    assert _said(load, missing, _KNOWN) == [f"{missing}: cannot be read: No such file or directory"]
    assert _said(load, tmp_path, _KNOWN) == [f"{tmp_path}: cannot be read: Is a directory"]
    assert _said(load, pathlib.Path("a\0b"), _KNOWN) == ["a\0b: cannot be read: embedded null byte"]
    large = tmp_path / "large.yaml"
    large.write_bytes(b"#" * (1 << 20) + b"\n")
    assert _said(load, large, _KNOWN) == [
        f"{large}: is larger than 1 MiB; a config file is short, lists are files of their own"
    ]


def test_six_mistakes_are_six_problems(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "lull.yaml"
    file.write_text(
        "dns:\n"
        "  listen: [127.0.0.1]\n"
        "upstreams:\n"
        "  - udp://9.9.9.9\n"
        "  - tls//9.9.9.9\n"
        "blocking: {mode: adress}\n"
        "lists: [hagezi-pro, {id: mine, file: mine.txt}]\n"
        "groups:\n"
        "  default: {lists: [hagezi-pro, mien]}\n"
        "rules:\n"
        "  - allow a.example\n"
        "  - deny a.example\n"
        "colour: red\n"
    )
    with pytest.raises(ConfigError) as caught:
        load(file, _KNOWN)
    assert [(problem.file, problem.line, problem.path) for problem in caught.value.problems] == [
        (str(file), 2, "dns.listen[0]"),
        (str(file), 5, "upstreams[1]"),
        (str(file), 6, "blocking.mode"),
        (str(file), 9, "groups.default.lists[1]"),
        (str(file), 12, "rules[1]"),
        (str(file), 13, "colour"),
    ]
    assert f'{file}:5: upstreams[1]: "tls//9.9.9.9" has no "://"; did you mean "tls://9.9.9.9"?' in str(caught.value)


def _own(id: str, file: pathlib.Path, refresh: float) -> ListSource:
    return ListSource(id, file, kind="block", refresh=refresh, syntax="auto", subdomains=False)


def test_lists_say_everything_unless_the_catalogue_does(tmp_path: pathlib.Path) -> None:
    text = b"lists: [starter, {id: hagezi-pro, kind: allow}, {id: mine, file: a/b.txt, refresh: 1h}, {id: c, file: /c}]"
    assert parse(text, tmp_path / "lull.yaml", _KNOWN).lists == (
        ListSource("starter"),
        ListSource("hagezi-pro", kind="allow"),
        _own("mine", tmp_path / "a" / "b.txt", 3600.0),
        _own("c", pathlib.Path("/c"), 43200.0),
    )


def test_list_files_are_absolute_however_the_config_is_named() -> None:
    config = parse(b"lists: [{id: mine, file: a.txt}]", pathlib.Path("etc/lull.yaml"), _KNOWN)
    assert config.lists[0].file == pathlib.Path.cwd() / "etc" / "a.txt"


def test_presets_become_their_lists() -> None:
    text = b"lists: [starter, balanced]\ngroups: {kids: {lists: [balanced, starter, urlhaus]}, guests: {lists: []}}"
    config = parse(text, pathlib.Path("f"), _KNOWN)
    assert [source.id for source in config.lists] == ["starter", "hagezi-pro", "urlhaus"]
    assert config.groups == {
        "default": Group(),
        "kids": Group(lists=("hagezi-pro", "urlhaus", "starter")),
        "guests": Group(lists=()),
    }


def test_update_directories_and_mac_addresses_have_one_form(tmp_path: pathlib.Path) -> None:
    text = (
        b"updates: {files: [lists, /srv]}\n"
        b"devices: {TV: {addresses: [192.0.2.1], mac: 02-00-5E-10-00-AB, tags: [device_tv]}}"
    )
    config = parse(text, tmp_path / "lull.yaml", _KNOWN)
    assert config.updates.files == (tmp_path / "lists", pathlib.Path("/srv"))
    network = ipaddress.ip_network("192.0.2.1")
    assert config.devices == {"TV": Device((network,), "02:00:5e:10:00:ab", tags=("device_tv",))}


def test_the_group_default_is_always_there() -> None:
    groups = parse(b"groups: {kids: {lists: []}}", pathlib.Path("f"), _KNOWN).groups
    assert groups == {"default": Group(), "kids": Group(lists=())}
    assert next(iter(groups)) == "default"


def test_records_are_merged() -> None:
    records = parse(b"records: [a 60 A 192.0.2.1, a A 192.0.2.2]", pathlib.Path("f"), _KNOWN).records
    assert records == (RRset(name.from_text("a"), 1, 60, (b"\xc0\0\2\1", b"\xc0\0\2\2")),)


def test_the_command_line_overrides_the_file() -> None:
    text = b"dns: {listen: [nonsense], workers: 2, user: lull}\nstate: /a\nupstreams: [udp://192.0.2.1]"
    overrides = Overrides(("127.0.0.1:5399",), ("tcp://192.0.2.2",), "b", 3, "[::1]:1")
    assert _said(parse, text, pathlib.Path("f"), _KNOWN, overrides) == [
        'f:1: dns.listen[0]: "nonsense" is not ADDRESS:PORT, such as "127.0.0.1:53" or "[::1]:53"'
    ]
    config = parse(text.replace(b"nonsense", b"'[::1]:2'"), pathlib.Path("f"), _KNOWN, overrides)
    assert config.dns.listen == (Endpoint("127.0.0.1", 5399),)
    assert [upstream.url for upstream in config.upstreams] == ["tcp://192.0.2.2"]
    assert (config.state, config.dns.workers, config.dns.user) == (pathlib.Path("b"), 3, "lull")
    assert config.admin.listen == Endpoint("::1", 1)


def test_mistakes_of_the_command_line() -> None:
    overrides = Overrides(("127.0.0.1:53", "127.0.0.1"), ("tls//9.9.9.9",), "", 100, "127.0.0.1:53")
    assert _said(parse, b"dns: {workers: x}", pathlib.Path("f"), _KNOWN, overrides) == [
        'command line: --listen[1]: "127.0.0.1" has no port; write the address and a port, such as "127.0.0.1:53"',
        'command line: --upstream[0]: "tls//9.9.9.9" has no "://"; did you mean "tls://9.9.9.9"?',
        "command line: --state: a path is missing",
        "command line: --workers: 100 is too much: at most 64",
        'command line: --admin: "127.0.0.1:53" is already at --listen[0]; remove one',
        'f:1: dns.workers: expected a whole number, got text "x"',
    ]
    assert _said(parse, b"a: b: c", pathlib.Path("f"), _KNOWN, Overrides(workers=0))[0] == (
        "command line: --workers: 0 is too little: at least 1"
    )


def test_the_shipped_config_is_the_default() -> None:
    assert load(shipped("config", "lull.yaml"), _KNOWN) == _DEFAULT


@pytest.mark.parametrize("file", _EXAMPLES, ids=lambda file: file.name)
def test_examples_load_and_say_something(file: pathlib.Path) -> None:
    assert load(file, _SHIPPED) != parse(b"", file, _SHIPPED)


def test_there_are_examples() -> None:
    assert {file.name for file in _EXAMPLES} >= {"home.yaml", "kids.yaml", "lan-server.yaml", "minimal.yaml"}


_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(
        ["hagezi-pro", "balanced", "udp://9.9.9.9", "127.0.0.1:53", "a A 192.0.2.1", "deny a.example", "10s", "!x"]
    )
    | st.text(max_size=20)
)
_KEYS = (
    st.sampled_from(
        [
            key
            for struct in (Config, Dns, Admin, Blocking, ListSource, Updates, Group, Device, Log)
            for key in keys_of(struct)
        ]
    )
    | st.sampled_from(["default", "kids"])
    | st.text(max_size=8)
)
_TREES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6), max_leaves=30
)


def _loads(data: bytes) -> None:
    try:
        parse(data, pathlib.Path("lull.yaml"), _KNOWN)
    except ConfigError as error:
        assert error.problems
        assert all(str(problem).isprintable() for problem in error.problems)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_a_config_or_a_config_error(data: bytes) -> None:
    _loads(data)


@given(_TREES)
def test_any_tree_is_a_config_or_a_config_error(tree: object) -> None:
    _loads(_flow(tree).encode("utf-8", "replace"))


def _flow(tree: object) -> str:
    """YAML flow style that quotes nothing it need not, so that tags, aliases and YAML 1.1's own ideas turn up."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f"{_flow(key)}: {_flow(value)}" for key, value in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(_flow, tree)) + "]"
    if isinstance(tree, str) and (not tree.isalnum() or ":" in tree):
        return "'" + tree.replace("'", "''") + "'"
    return "~" if tree is None else str(tree)
