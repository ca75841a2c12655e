"""`lull lists catalogue`: what there is to choose from, without a daemon."""

from __future__ import annotations

import json

import pytest

from resolver.cli import main
from resolver.lists.catalogue import Catalogue

CATALOGUE = Catalogue.load()


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[list[str], list[str]]:
    """The ids of presets and of lists that are shown for these words, in text and JSON alike."""
    assert main(["lists", "catalogue", *words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    presets, lists = ([one["id"] for one in shown[key]] for key in ("presets", "lists"))
    assert main(["lists", "catalogue", *words]) == 0
    firsts = [line.partition(" ")[0] for line in capsys.readouterr().out.splitlines()]
    expected = (["PRESET", *presets] if presets else []) + ([""] if presets and lists else [])
    assert firsts[: len(expected)] == expected
    if lists:
        assert firsts[len(expected) : len(expected) + len(lists) + 1] == ["ID", *lists]
    return presets, lists


def test_presets_stand_first_and_everything_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys) == (list(CATALOGUE.presets), list(CATALOGUE.ids()))


@pytest.mark.parametrize(
    ("words", "fits"),
    [
        (["gambling"], lambda entry: "gambling" in entry.category),
        (["Strict"], lambda entry: entry.level == "strict"),
        (["de"], lambda entry: "de" in entry.language),
        (["adult", "strict"], lambda entry: "adult" in entry.category and entry.level == "strict"),
        (["HaGeZi", "telemetry"], lambda entry: "hagezi" in entry.id and "telemetry" in entry.category),
        (["threat intelligence"], lambda entry: "Threat Intelligence" in entry.title),
    ],
)
def test_words_narrow_it_down(capsys: pytest.CaptureFixture[str], words: list[str], fits: object) -> None:
    assert callable(fits)
    presets, lists = listed(capsys, *words)
    assert lists == [entry.id for entry in CATALOGUE.entries.values() if fits(entry)]
    assert lists
    assert presets == (["strict"] if words == ["Strict"] else [])


def test_a_part_of_a_name_is_enough(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, "balanc") == (["balanced"], [])
    assert listed(capsys, "pro-m") == ([], ["hagezi-pro-mini"])


def test_notes_are_shown_for_a_choice_and_everything_of_one_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lists", "catalogue", "dynamic-dns"]) == 0
    out = capsys.readouterr().out
    note = CATALOGUE.entries["ut1-dynamic-dns"].note
    assert f"ut1-dynamic-dns: {note}\n" in out
    assert main(["lists", "catalogue", "urlhaus", "gentle", "abuse.ch"]) == 0
    assert capsys.readouterr().out.splitlines()[2:] == [
        "title: URLhaus by abuse.ch",
        "note: Small, and it changes by the hour.",
        "kept up since: 2018",
        "licence: CC0-1.0",
        "homepage: https://urlhaus.abuse.ch",
        "from: https://urlhaus.abuse.ch/downloads/hostfile/ or "
        "https://raw.githubusercontent.com/StevenBlack/hosts/master/data/URLHaus/hosts",
    ]
    assert main(["lists", "catalogue", "starter"]) == 0
    assert "from: ships with Lull" in capsys.readouterr().out


def test_a_word_that_fits_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lists", "catalogue", "\x1b[2J"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert r"nothing in the catalogue fits \x1b[2J; words are a category (general, advertising," in err
    assert main(["lists", "catalogue", "nope", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"presets": [], "lists": []}
