"""Names to block and to ask for: the same for everyone, however many."""

from __future__ import annotations

import itertools
import math
import pathlib

import pytest

from benchmarks.bench import names
from benchmarks.bench.names import made, named, own_labels, popular, under, union


def test_names_are_the_same_however_many_are_made() -> None:
    assert list(made(2_000)) == list(itertools.islice(made(50_000), 2_000))


def test_no_name_comes_twice() -> None:
    many = list(made(200_000))
    assert len(many) == len(set(many)) == 200_000


def test_there_are_ten_million_different_ones() -> None:
    labels = {label for name in own_labels(union([names.STARTER])) for label in name.split("-") if label}
    different = len(labels) * names._TAILS
    assert different >= 10_000_000
    assert math.gcd(names._STEP, different) == 1, "the step comes back before it was everywhere"


def test_the_first_are_the_starter_lists_own() -> None:
    own = union([names.STARTER])
    assert list(made(len(own))) == own
    assert list(made(3)) == own[:3]


def test_they_are_as_long_as_names_of_lists_are() -> None:
    many = list(made(20_000))
    assert 17 < sum(map(len, many)) / len(many) < 24
    assert all(names._NAME.fullmatch(name) for name in many)


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("0.0.0.0 ads.example.com", "ads.example.com"),
        ("127.0.0.1\tads.example.com # why", "ads.example.com"),
        (":: ads.example.com", "ads.example.com"),
        ("Ads.Example.COM", "ads.example.com"),
        ("*.ads.example.com", "ads.example.com"),
        ("||ads.example.com^", "ads.example.com"),
        ("||ads.example.com^$important", "ads.example.com"),
        ("address=/ads.example.com/", "ads.example.com"),
        ("@@||ads.example.com^", None),
        ("! ads.example.com", None),
        ("# ads.example.com", None),
        ("/ads[0-9]+/", None),
        ("||ads*.example.com^", None),
        ("localhost", None),
        ("", None),
        ("a" * 64 + ".example.com", None),
    ],
)
def test_what_a_line_blocks(line: str, name: str | None) -> None:
    assert named(line) == name


def test_a_union_has_each_name_once(tmp_path: pathlib.Path) -> None:
    (tmp_path / "hosts").write_text("0.0.0.0 b.example\n0.0.0.0 a.example\n")
    (tmp_path / "adblock").write_text("||a.example^\n||c.example^\n")
    assert union(tmp_path.iterdir()) == ["a.example", "b.example", "c.example"]


def test_popular_names_are_none_that_is_blocked(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "top"
    file.write_text("news.example\nwww.ads.example\nADS.example\nno name\nshop.example\n")
    assert popular(9, ["ads.example"], file) == ["news.example", "shop.example"]
    assert popular(1, [], file) == ["news.example"]


def test_popular_names_are_made_up_without_a_file() -> None:
    found = popular(10_000, [], None)
    assert len(set(found)) == 10_000
    blocked = set(made(5_000))
    assert not [name for name in found if under(name, blocked)]
