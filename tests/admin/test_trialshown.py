"""How a repair stands, for people."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from resolver.admin.trialshown import shown
from resolver.repair.trial import Stage, Trial, Unit, begun

NOW = 1_767_268_800.0
UNITS = [Unit("ads.example", ("a.ads.example", "b.ads.example")), Unit("cdn.example", ("cdn.example",))]
TRIAL = replace(begun(UNITS), until=NOW + 60)


def sentence(trial: Trial, now: float = NOW) -> str:
    return shown("news.example", "tv", trial, now).sentence


def test_what_is_on_trial() -> None:
    info = shown("news.example", "tv", TRIAL, NOW)
    assert (info.stage, info.of, info.left, info.reloads, info.until) == ("trying", 2, 2, 0, NOW + 60)
    assert info.names == ["a.ads.example", "b.ads.example", "cdn.example"]
    assert sentence(TRIAL).startswith("3 names of 2 domains can be reached on tv")
    assert sentence(replace(TRIAL, now=("ads.example",))).startswith("2 names of ads.example can")
    assert sentence(replace(TRIAL, now=("cdn.example",))).startswith("cdn.example can")


def test_a_trial_whose_time_is_over() -> None:
    info = shown("news.example", "tv", TRIAL, NOW + 60)
    assert info.until is None
    assert "over" in info.sentence


@pytest.mark.parametrize(
    ("stage", "now", "said"),
    [
        ("found", ("cdn.example",), "news.example needs cdn.example on tv, and nothing else"),
        ("kept", ("cdn.example",), "is repaired"),
        ("elsewhere", (), "does not work with all of these"),
        ("contradiction", (), "begin again"),
    ],
)
def test_how_it_ended(stage: Stage, now: tuple[str, ...], said: str) -> None:
    assert said in sentence(replace(TRIAL, stage=stage, now=now))
