from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from resolver.config.chosen import WHOLE, at, below, canonical, grafted, node
from resolver.config.known import Known
from resolver.config.load import Overrides, parse
from resolver.config.settings import written
from resolver.config.shapes import Shape
from resolver.config.tree import compose
from resolver.errors import ConfigError, TextError

KNOWN = Known(frozenset({"ads", "track"}), {"balanced": ("ads", "track")})
FILE = pathlib.Path("/etc/lull/lull.yaml")


def _config(text: str, choices: dict[str, Any], overrides: Overrides | None = None) -> Any:
    return parse(text.encode(), FILE, KNOWN, overrides or Overrides(), choices)


def _refused(text: str, choices: dict[str, Any]) -> list[str]:
    with pytest.raises(ConfigError) as error:
        _config(text, choices)
    return [str(problem) for problem in error.value.problems]


@pytest.mark.parametrize(
    "path", [*WHOLE, "groups.kids", "groups.living room.lists", "groups.a.safe-search", "schedules.b"]
)
def test_these_can_be_chosen(path: str) -> None:
    assert canonical(path) == path


def test_names_have_one_form() -> None:
    assert canonical("groups.Ku\u0308che.lists") == "groups.K\u00fcche.lists"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("upstream", '"upstream" cannot be chosen here; did you mean "upstreams"?'),
        ("store", '"store" cannot be chosen here; what can is lists, '),
        ("log", '"log" cannot be chosen here'),
        ("log.dnstap", '"log.dnstap" cannot be chosen here'),
        ("groups", '"groups" cannot be chosen here'),
        ("groups.", '"groups." cannot be chosen here'),
        ("groups.kids.list", '"list" is no key of a group; did you mean "lists"?'),
        ("groups.kids.", '"" is no key of a group'),
        ("groups..lists", '"" cannot be what a group is called'),
        ("groups.a\nb", "cannot be what a group is called"),
        ("schedules.../x", "cannot be what a schedule is called"),
        ("", '"" cannot be chosen here'),
    ],
)
def test_nothing_else_can(path: str, words: str) -> None:
    with pytest.raises(TextError) as error:
        canonical(path)
    assert words in str(error.value)


def test_a_choice_outranks_the_file_and_the_command_line_a_choice() -> None:
    text, choices = (
        "strategy: random\nupstreams: [udp://192.0.2.1]",
        {"strategy": "sticky", "upstreams": ["udp://192.0.2.2"]},
    )
    config = _config(text, choices)
    assert (config.strategy, [one.host for one in config.upstreams]) == ("sticky", ["192.0.2.2"])
    config = _config(text, choices, Overrides(upstream=("udp://192.0.2.3",)))
    assert [one.host for one in config.upstreams] == ["192.0.2.3"]


def test_a_part_is_chosen_and_the_rest_is_the_files() -> None:
    text = "groups:\n  kids: {clients: [192.0.2.7], lists: [ads]}\n  tv: {lists: []}\nlog: {keep: 7d, privacy: off}\n"
    config = _config(text, {"groups.kids.lists": ["track"], "log.keep": "9d"})
    assert [str(one) for one in config.groups["kids"].clients] == ["192.0.2.7/32"]
    assert (config.groups["kids"].lists, config.groups["tv"].lists) == (("track",), ())
    assert (config.log.keep, config.log.privacy) == (9 * 86400.0, "off")


def test_groups_and_schedules_are_made_where_the_file_has_none() -> None:
    bed = {"from": "21:00", "to": "06:30", "only": ["school.example"], "zone": "Europe/Berlin"}
    for text in ("", "groups:\nschedules:\n", "groups: {}\nschedules: {}\n"):
        config = _config(text, {"groups.kids.schedules": ["bed"], "schedules.bed": bed, "log.size": "500MB"})
        assert (config.groups["kids"].schedules, config.log.size) == (("bed",), 500_000_000)
        assert sorted(config.schedules) == ["bed"]


def test_nothing_said_is_as_if_the_file_did_not_say_it() -> None:
    text = "groups:\n  kids: {lists: [ads]}\n  tv: {lists: []}\n"
    config = _config(text, {"groups.kids.lists": None, "groups.tv": None, "groups.nobody": None})
    assert sorted(config.groups) == ["default", "kids"]
    assert config.groups["kids"].lists is None


def test_the_tree_of_the_file_stays_as_it_is() -> None:
    tree = compose(b"groups: &g {kids: {lists: [ads]}}\ndevices: {}\n", "x")
    assert isinstance(tree, yaml.MappingNode)
    before = repr(tree)
    assert grafted(tree, {"groups.kids.lists": []}) is not tree
    assert repr(tree) == before


def test_mistakes_are_told_with_their_path_and_what_to_do() -> None:
    assert _refused("", {"log.keep": "1s"}) == ["chosen here: log.keep: 1s is too little: at least 1h"]
    assert _refused("lists: [ads]\n", {"groups.kids.lists": ["ads", "nope"]}) == [
        'chosen here: groups.kids.lists[1]: there is no list "nope"; add it to lists'
    ]
    assert _refused("", {"upstreams": []}) == [
        "chosen here: upstreams: is an empty list: write at least one, or remove the line for the default"
    ]
    [words] = _refused("", {"groups.kids": {"colour": "red"}})
    assert words.startswith("chosen here: groups.kids.colour: no such key; the keys here are clients,")
    assert _refused("", {"strategy": {"a": [1.5, True, None]}}) == [
        "chosen here: strategy: expected one of fastest, parallel, ordered, random, sticky, got a mapping"
    ]


def test_what_the_file_says_wrong_is_told_with_its_line_when_a_choice_makes_it_so() -> None:
    text = "lists: [ads, track]\ngroups:\n  kids: {lists: [track]}\n"
    assert _refused(text, {"lists": ["ads"]}) == [
        f'{FILE}:3: groups.kids.lists[0]: "track" is in the catalogue but not in use; add it to lists'
    ]


def test_a_choice_cannot_stand_in_what_is_no_section() -> None:
    assert _refused("log: full\n", {"log.keep": "9d"})[0].startswith(f"{FILE}:1: log: expected a mapping")


def test_files_are_those_of_the_config_file_alone(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.txt").write_text("")
    (tmp_path / "other.txt").write_text("")
    text = b"lists: [ads, {id: mine, file: mine.txt}]\n"
    mine = {"id": "mine", "file": "mine.txt", "mode": "shadow"}
    config = parse(text, tmp_path / "lull.yaml", KNOWN, Overrides(), {"lists": [mine]})
    assert [(one.id, one.mode, one.file) for one in config.lists] == [("mine", "shadow", tmp_path / "mine.txt")]
    for file in ("other.txt", "./mine.txt", str(tmp_path / "mine.txt"), 7, ["mine.txt"]):
        with pytest.raises(ConfigError) as error:
            parse(text, tmp_path / "lull.yaml", KNOWN, Overrides(), {"lists": ["ads", {"id": "x", "file": file}]})
        assert "is no file that a list of the config file has" in str(error.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_value_is_read_or_refused_and_never_raises_otherwise(value: Any) -> None:
    for path in ("lists", "groups.kids", "log.keep", "schedules.bed", "upstreams", "blocking"):
        try:
            _config("", {path: value})
        except ConfigError as error:
            assert error.problems


@given(st.lists(st.text() | st.integers() | st.booleans()))
def test_what_becomes_a_node_is_written_as_it_was(values: list[Any]) -> None:
    texts = [written(node(one), Shape(type(one))) for one in values]
    assert texts == [str(one) if type(one) is int and (one < 0 or len(str(one)) > 18) else one for one in values]


def test_what_is_below_what() -> None:
    assert below("groups.kids", "groups.kids")
    assert below("groups.kids.lists", "groups.kids")
    assert not below("groups.kids2", "groups.kids")
    assert not below("groups", "groups.kids")


def test_what_stands_at_a_path() -> None:
    tree = compose(b"a: {b: [1]}\n", "x")
    assert isinstance(tree, yaml.Node)
    assert isinstance(at(tree, ["a", "b"]), yaml.SequenceNode)
    assert at(tree, ["a", "c"]) is None
    assert at(tree, ["a", "b", "c"]) is None
