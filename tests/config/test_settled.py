from __future__ import annotations

import pathlib
from typing import Any

import pytest
import yaml

from resolver.config import settled as settled_module
from resolver.config.chosen import Choice
from resolver.config.known import Known
from resolver.config.load import build
from resolver.config.schema import Config
from resolver.config.settled import Settled, Source, settle
from resolver.errors import ConfigError

KNOWN = Known(frozenset({"ads", "track"}), {"balanced": ("ads", "track")})


def _source(text: str) -> Source:
    return Source(text.encode(), pathlib.Path("/etc/lull/lull.yaml"), KNOWN)


def _settled(text: str, *choices: tuple[str, object]) -> Settled:
    return settle(_source(text), [Choice(*one) for one in choices])


def test_without_choices_it_is_what_the_file_says() -> None:
    settled = _settled("strategy: random\n")
    assert (settled.config.strategy, settled.choices, settled.left_out, settled.trouble) == ("random", (), {}, "")


def test_choices_that_fit_together_are_all_in_force() -> None:
    settled = _settled("", ("groups.kids.lists", ["ads"]), ("lists", ["ads", "track"]))
    assert (settled.config.groups["kids"].lists, settled.left_out) == (("ads",), {})


def test_one_that_does_not_fit_is_left_out_and_said_and_the_others_hold() -> None:
    settled = _settled(
        "lists: [track]\n",
        ("groups.kids.lists", ["ads"]),
        ("strategy", "random"),
        ("log.keep", "1s"),
        ("log.size", "0"),
    )
    assert (settled.config.strategy, settled.config.log.size, "kids" in settled.config.groups) == ("random", 0, False)
    assert settled.left_out == {
        "groups.kids.lists": 'groups.kids.lists[0]: "ads" is in the catalogue but not in use; add it to lists',
        "log.keep": "log.keep: 1s is too little: at least 1h",
    }
    assert settled.trouble.startswith(
        "what was chosen for groups.kids.lists no longer fits the config and is left out: "
    )
    assert len(settled.choices) == 4


def test_one_that_needs_another_holds_whatever_their_order() -> None:
    bed = {"from": "21:00", "to": "06:30", "only": ["school.example"]}
    for text in ("", "log: {}\n"):
        settled = _settled(
            text,
            ("a", 1),
            ("groups.kids.schedules", ["bed"]),
            ("groups.tv", {"schedules": ["bed"]}),
            ("schedules.bed", bed),
        )
        assert list(settled.left_out) == ["a"]
        assert settled.config.groups["tv"].schedules == ("bed",)


def test_one_that_needs_one_that_is_left_out_is_left_out_too() -> None:
    settled = _settled(
        "", ("groups.kids.schedules", ["bed"]), ("schedules.bed", {"from": "21:00"}), ("strategy", "random")
    )
    assert sorted(settled.left_out) == ["groups.kids.schedules", "schedules.bed"]
    assert settled.config.strategy == "random"


def test_a_file_that_is_wrong_by_itself_is_refused_whatever_was_chosen() -> None:
    with pytest.raises(ConfigError):
        _settled("strategy: fast\n", ("strategy", "random"))


def test_one_that_is_wrong_among_many_costs_a_few_looks_at_the_config(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody waits for it, and each takes long where the file has thousands of rules."""
    looks: list[int] = []

    def counted(*given: Any) -> Config:
        looks.append(1)
        return build(*given)

    monkeypatch.setattr(settled_module, "build", counted)
    groups = [(f"groups.g{number}", {"clients": [f"192.0.2.{number}"]}) for number in range(100)]
    settled = _settled("", *groups[:70], ("log.keep", "1s"), *groups[70:])
    assert list(settled.left_out) == ["log.keep"]
    assert len(settled.config.groups) == 101
    assert len(looks) < 25


def test_it_has_what_its_file_was_composed_to() -> None:
    for choices in ((), (("strategy", "random"),), (("log.keep", "1s"),)):
        file = _settled("strategy: sticky\n", *choices).file
        assert isinstance(file, yaml.MappingNode)
    assert _settled("").file is None
