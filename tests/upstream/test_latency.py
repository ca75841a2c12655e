"""Smoothed latency, its 95th percentile, and loss."""

from __future__ import annotations

import random

import pytest

from resolver.upstream.latency import Latency


def test_nobody_was_asked_yet() -> None:
    latency, known = Latency(), Latency()
    known.came(0.001)
    assert (latency.mean, latency.p95, latency.loss) == (0, 0, 0)
    assert latency.score < known.score  # so it is tried


def test_latency_is_smoothed() -> None:
    latency = Latency()
    latency.came(0.1)
    assert latency.mean == 0.1
    latency.came(0.2)
    assert latency.mean == pytest.approx(0.11)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("first", [0.0001, 0.02, 3.0])
def test_the_percentile_has_one_sample_in_twenty_above_it(first: float, seed: int) -> None:
    chance = random.Random(seed)
    latency = Latency()
    latency.came(first)
    above = 0
    for n in range(8000):
        sample = chance.lognormvariate(-4, 0.8)
        above += n >= 2000 and sample > latency.p95
        latency.came(sample)
    assert 0.04 < above / 6000 < 0.06


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("first", [0.0001, 0.02, 3.0])
def test_the_median_has_half_of_the_samples_above_it(first: float, seed: int) -> None:
    chance = random.Random(seed)
    latency = Latency()
    latency.came(first)
    above = 0
    for n in range(8000):
        sample = chance.lognormvariate(-4, 0.8)
        above += n >= 2000 and sample > latency.p50
        latency.came(sample)
    assert 0.47 < above / 6000 < 0.53
    assert latency.p50 < latency.p95


def test_answers_and_what_they_took_add_up() -> None:
    latency = Latency()
    for seconds in (0.1, 0.2, 0.3):
        latency.came(seconds)
    latency.lost()
    assert latency.answers == 3
    assert latency.spent == pytest.approx(0.6)


def test_loss_comes_and_goes_and_makes_one_worse() -> None:
    latency = Latency()
    latency.came(0.01)
    before = latency.score
    for _ in range(200):
        latency.lost()
    assert latency.loss > 0.99
    assert latency.score > before + 0.9
    for _ in range(200):
        latency.came(0.01)
    assert latency.loss < 0.01
