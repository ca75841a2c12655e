"""The names that no list may block by mistake: `blocklists/popular.txt`."""

from __future__ import annotations

import pytest

from resolver.lists.canaries import POPULAR, popular
from resolver.lists.catalogue import CATEGORIES, Catalogue
from resolver.paths import shipped
from resolver.rules.normal import normal

LINES = [
    line.split()
    for line in shipped("blocklists", POPULAR).read_text().splitlines()
    if line.strip() and not line.startswith("#")
]
NAMES = [name for name, *_ in LINES]


def test_some_five_hundred_names_each_once_and_in_normal_form() -> None:
    assert 400 <= len(NAMES) <= 600
    assert len(set(NAMES)) == len(NAMES)
    assert [name for name in NAMES if normal(name) != name or "." not in name] == []


def test_their_categories_are_those_of_the_catalogue() -> None:
    assert [line for line in LINES if not set(line[1:]) <= set(CATEGORIES) - {"general", "allow"}] == []


def test_the_starter_list_blocks_none_of_them() -> None:
    file = shipped("blocklists", "starter.txt")
    rules = [line.strip() for line in file.read_text().splitlines() if line.strip() and not line.startswith("!")]
    assert all(rule.startswith("||") and rule.endswith("^") for rule in rules)
    blocked = {rule[2:-1] for rule in rules}
    for name in NAMES:
        labels = f"www.{name}".split(".")
        assert not blocked & {".".join(labels[cut:]) for cut in range(len(labels))}, name


def test_all_of_them_are_watched() -> None:
    watched = {canary.name: canary.categories for canary in popular(shipped("blocklists"))}
    assert {name: watched.get(name) for name in NAMES} == {name: frozenset(more) for name, *more in LINES}


@pytest.mark.parametrize("name", ["google.com", "captive.apple.com", "pool.ntp.org", "download.windowsupdate.com"])
def test_what_nobody_can_do_without_is_among_them_and_no_list_may_block_it(name: str) -> None:
    assert [name] in LINES


@pytest.mark.parametrize(
    ("name", "list"),
    [
        ("facebook.com", "hagezi-social"),
        ("tinder.com", "shadowwhisperer-dating"),
        ("dns.google", "hagezi-doh"),
        ("bit.ly", "hagezi-shorteners"),
    ],
)
def test_a_list_may_block_what_it_is_about(name: str, list: str) -> None:
    categories = next(more for one, *more in LINES if one == name)
    assert set(categories) & set(Catalogue.load().entries[list].category)
