"""`lull services`: what there is to block in one word, without a daemon."""

from __future__ import annotations

import json

import pytest

from resolver.cli import main
from resolver.config.offered import KINDS, Offered

OFFERED = Offered.load()


def listed(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[list[str], list[str]]:
    """The ids of services and of engines that are shown for these words, in text and JSON alike."""
    assert main(["services", *words, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    services, engines = ([one["id"] for one in shown[key]] for key in ("services", "engines"))
    assert main(["services", *words]) == 0
    firsts = [line.partition("  ")[0] for line in capsys.readouterr().out.splitlines()]
    expected = (["ID", *services] if services else []) + ([""] if services and engines else [])
    assert firsts == expected + (["SAFE SEARCH", *engines] if engines else [])
    return services, engines


def test_everything_is_shown_by_kind(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["services"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1 : 1 + len(KINDS)]] == list(KINDS)
    assert lines[1 + KINDS.index("dating")].split(maxsplit=2)[1:] == [
        "24:",
        ", ".join(OFFERED.services_of(["dating"])),
    ]
    assert lines[-2] == f"safe search for: {', '.join(OFFERED.engines)}"
    assert main(["services", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert [one["id"] for one in shown["services"]] == list(OFFERED.services)
    assert shown["services"][0]["names"] == list(OFFERED.services["facebook"].names)


def test_words_narrow_it_down(capsys: pytest.CaptureFixture[str]) -> None:
    assert listed(capsys, "Dating") == (list(OFFERED.services_of(["dating"])), [])
    assert listed(capsys, "music", "amazon") == (["amazon-music"], [])
    assert listed(capsys, "RedNote") == (["xiaohongshu"], [])
    assert listed(capsys, "youtu.be") == (["youtube"], [])
    assert listed(capsys, "youtube", "moderate") == ([], ["youtube-moderate"])
    assert listed(capsys, "pixabay") == ([], ["pixabay"])


def test_a_service_and_an_engine_are_shown_with_their_names(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["services", "reddit"]) == 0
    assert "redd.it" in capsys.readouterr().out
    assert main(["services", "google.co.za"]) == 0
    out = capsys.readouterr().out
    assert f"and {len(OFFERED.engines['google'].names) - 3} more" in out
    assert "forcesafesearch.google.com" in out


def test_a_word_that_fits_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["services", "games", "dating"]) == 1
    assert main(["services", "\x1b[2J"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert r"no service fits \x1b[2J; words are a kind (social, chat," in err
    assert main(["services", "nope", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"services": [], "engines": []}
