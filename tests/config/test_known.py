"""Presets become the lists they mean."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from resolver.config.known import Known, expand
from resolver.config.people import Group
from resolver.config.schema import Config, ListSource

KNOWN = Known(
    frozenset({"pro", "tif", "fake", "light"}),
    {"balanced": ("pro", "tif"), "strict": ("tif", "fake", "pro"), "gentle": ("light",)},
)


def lists(*sources: ListSource) -> tuple[ListSource, ...]:
    return expand(Config(lists=sources), KNOWN).lists


def test_words_that_may_stand_alone() -> None:
    assert KNOWN.words() == ("balanced", "strict", "gentle", "fake", "light", "pro", "tif")


def test_a_list_stands_where_it_is_first_meant() -> None:
    assert KNOWN.meant(["fake", "balanced", "strict", "mine"]) == ("fake", "pro", "tif", "mine")
    assert lists(ListSource("fake"), ListSource("strict")) == (ListSource("fake"), ListSource("tif"), ListSource("pro"))


def test_what_is_said_of_a_list_itself_outranks_presets() -> None:
    own = ListSource("pro", mode="shadow", kind="allow")
    assert lists(ListSource("balanced"), own) == (own, ListSource("tif"))
    assert lists(own, ListSource("balanced")) == (own, ListSource("tif"))
    assert lists(ListSource("balanced"), ListSource("mine")) == (*lists(ListSource("balanced")), ListSource("mine"))


def test_what_is_said_of_a_preset_holds_for_its_lists() -> None:
    assert lists(ListSource("balanced", mode="shadow", refresh=7200.0)) == (
        ListSource("pro", mode="shadow", refresh=7200.0),
        ListSource("tif", mode="shadow", refresh=7200.0),
    )


def test_a_list_of_two_presets_is_live_when_it_is_in_one() -> None:
    trial = ListSource("strict", mode="shadow", refresh=3600.0)
    expected = {
        "pro": ListSource("pro", refresh=3600.0),
        "tif": ListSource("tif", refresh=3600.0),
        "fake": ListSource("fake", mode="shadow", refresh=3600.0),
    }
    for order in ((ListSource("balanced"), trial), (trial, ListSource("balanced"))):
        assert {source.id: source for source in lists(*order)} == expected


def test_groups() -> None:
    groups = {"default": Group(), "kids": Group(lists=("strict", "pro")), "guests": Group(lists=())}
    assert expand(Config(groups=groups), KNOWN).groups == groups | {"kids": Group(lists=("tif", "fake", "pro"))}


@given(st.lists(st.sampled_from([*KNOWN.words(), "mine"]), unique=True))
def test_every_list_stands_once_and_no_preset_at_all(words: list[str]) -> None:
    ids = [source.id for source in lists(*map(ListSource, words))]
    assert ids == list(KNOWN.meant(words))
    assert len(set(ids)) == len(ids)
    assert not set(ids) & set(KNOWN.presets)
