"""From one value of `lists` to another: what comes of it is what a config reads."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.listchoices import id_of, put, used, without

PRESETS = {"balanced": ("pro", "tif"), "family": ("pro", "tif", "adult")}
MINE: dict[str, Any] = {"id": "mine", "url": "https://lists.example/mine.txt", "refresh": "6h"}


@pytest.mark.parametrize(
    ("value", "mode", "after"),
    [
        ([], "live", ["pro"]),
        ([], "shadow", [{"id": "pro", "mode": "shadow"}]),
        (["balanced"], "shadow", ["balanced", {"id": "pro", "mode": "shadow"}]),
        (["pro", "tif"], "shadow", [{"id": "pro", "mode": "shadow"}, "tif"]),
        ([{"id": "pro", "mode": "shadow"}, "tif"], "live", ["pro", "tif"]),
        ([{"id": "pro", "refresh": "6h"}], "shadow", [{"id": "pro", "refresh": "6h", "mode": "shadow"}]),
    ],
)
def test_a_list_in_a_mode(value: list[Any], mode: Any, after: list[Any]) -> None:
    assert put(value, "pro", mode) == after


def test_what_is_said_of_a_list_stays_or_is_said_anew() -> None:
    assert put([MINE], "mine", "shadow") == [{**MINE, "mode": "shadow"}]
    assert put([{**MINE, "mode": "shadow"}], "mine", "live") == [MINE]
    assert put([], "mine", "live", {"url": MINE["url"], "refresh": "6h"}) == [MINE]
    assert put([MINE], "mine", "live", {"url": "https://other.example/"}) == [
        {"id": "mine", "url": "https://other.example/"}
    ]


@pytest.mark.parametrize(
    ("value", "after"),
    [
        (["pro", MINE], [MINE]),
        ([{"id": "pro", "mode": "shadow"}], []),
        (["balanced"], ["tif"]),
        ([{"id": "balanced", "mode": "shadow"}], [{"id": "tif", "mode": "shadow"}]),
        (["balanced", "family"], ["tif", "adult"]),
        (["balanced", "tif"], ["tif"]),
        ([{"id": "tif", "mode": "shadow"}, "balanced"], [{"id": "tif", "mode": "shadow"}]),
        ([MINE], [MINE]),
    ],
)
def test_without_a_list(value: list[Any], after: list[Any]) -> None:
    assert without(value, "pro", PRESETS) == after


def test_without_a_preset() -> None:
    assert without(["balanced", {"id": "family", "mode": "shadow"}], "family", PRESETS) == ["balanced"]


def lists(value: list[Any]) -> set[str]:
    return {one for entry in value for one in PRESETS.get(id_of(entry), (id_of(entry),))}


IDS = ["pro", "tif", "adult", "balanced", "family", "mine"]
ENTRY = st.sampled_from([*IDS, *({"id": id, "mode": "shadow"} for id in IDS), MINE])
VALUE = st.lists(ENTRY, max_size=6, unique_by=id_of)


@given(VALUE, st.sampled_from(["pro", "tif", "adult", "mine"]))
def test_only_the_one_that_is_meant_goes(value: list[Any], id: str) -> None:
    after = without(value, id, PRESETS)
    assert lists(after) == lists(value) - {id}
    assert len(used(after)) == len(after), "each id once"


@given(VALUE, st.sampled_from(IDS), st.sampled_from(["live", "shadow"]))
def test_what_is_put_in_is_in_it_once(value: list[Any], id: str, mode: Any) -> None:
    after = put(value, id, mode)
    assert used(after)[id].get("mode", "live") == mode
    assert lists(after) == lists(value) | lists([id])
    assert [one for one in after if id_of(one) != id] == [one for one in value if id_of(one) != id]
    assert put(after, id, mode) == after
