import pathlib

import pytest

from resolver.config.schema import ListSource
from resolver.errors import ListError
from resolver.lists.catalogue import Catalogue, Entry
from resolver.lists.wanted import resolve
from tests.lists.site import small_catalogue

WIDE = Entry(
    "wide",
    "Wide",
    "ads",
    "often",
    "",
    "MIT",
    "domains",
    ("advertising", "tracking"),
    "strict",
    subdomains=True,
    urls=("https://a.example", "https://b.example"),
)


def test_the_catalogue_fills_in_what_a_source_leaves_out(tmp_path: pathlib.Path) -> None:
    wide, starter = resolve([ListSource("wide", refresh=7200.0)], small_catalogue(tmp_path, WIDE))
    assert (wide.title, wide.kind, wide.syntax, wide.subdomains) == ("Wide", "block", "domains", True)
    assert (wide.category, wide.mode) == (("advertising", "tracking"), "live")
    assert wide.urls == wide.origins == ("https://a.example", "https://b.example")
    assert wide.refresh == 7200.0
    assert (starter.id, starter.file) == ("starter", tmp_path / "starter.txt")
    assert starter.origins == (str(tmp_path / "starter.txt"),)


def test_what_a_source_says_outranks_the_catalogue(tmp_path: pathlib.Path) -> None:
    source = ListSource(
        "wide", url="https://mine.example", kind="allow", syntax="hosts", subdomains=False, mode="shadow"
    )
    wide = resolve([source], small_catalogue(tmp_path, WIDE))[0]
    assert (wide.urls, wide.kind, wide.syntax, wide.subdomains) == (("https://mine.example",), "allow", "hosts", False)
    assert (wide.category, wide.mode) == ((), "shadow")


def test_lists_of_ones_own_and_the_starter_in_its_place(tmp_path: pathlib.Path) -> None:
    sources = [ListSource("starter"), ListSource("mine", file=tmp_path / "mine.txt")]
    wanted = resolve(sources, small_catalogue(tmp_path))
    assert [one.id for one in wanted] == ["starter", "mine"]
    assert (wanted[1].title, wanted[1].kind, wanted[1].syntax, wanted[1].urls) == ("mine", "block", "auto", ())


def test_another_list_may_take_the_place_of_the_starter(tmp_path: pathlib.Path) -> None:
    (only,) = resolve([ListSource("starter", file=tmp_path / "mine.txt")], small_catalogue(tmp_path))
    assert only.file == tmp_path / "mine.txt"


def test_every_mistake_is_said_at_once(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError) as caught:
        resolve([ListSource("wide"), ListSource("wide"), ListSource("nope")], small_catalogue(tmp_path, WIDE))
    assert str(caught.value) == (
        "list wide: is given twice; remove one\nlist nope: is not in the catalogue; give it a file or a url"
    )


def test_a_catalogue_without_a_starter_list(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match="the catalogue has no list starter"):
        resolve([], Catalogue({}, tmp_path))
