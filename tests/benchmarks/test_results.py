"""Medians, ratios, and what is kept."""

from __future__ import annotations

import pathlib

import pytest

from benchmarks.bench import budget, results
from benchmarks.bench.results import LULL, Results, ratio
from tests.benchmarks.measured import some


def test_a_figure_is_the_median_of_its_rounds() -> None:
    assert some().get(LULL, "cost.cached.part") == 8
    assert some().get(LULL, "cost.nothing.part") is None
    assert some().get("nobody", "start") is None
    assert some().rounds("cost.cached.part") == 3


def test_the_best_is_a_peer() -> None:
    assert some().best("cost.cached.part") == ("Unbound", 2)
    assert some().best("capacity.cached", most=True) == ("Unbound", 4000)
    assert some().best("nothing") is None


def test_ratios_of_what_is_known() -> None:
    assert ratio(6, 2) == 3
    assert ratio(None, 2) is None
    assert ratio(6, None) is None
    assert ratio(6, 0) is None


def test_what_is_kept_comes_back(tmp_path: pathlib.Path) -> None:
    results.save(some(), tmp_path / "new" / "results.json")
    assert results.load(tmp_path / "new" / "results.json") == some()


def line(about: str, found: Results) -> list[str]:
    return next(each for each in budget.LINES if each.about == about).row(found)


def test_the_budget_says_what_is_met() -> None:
    assert line("CPU a query, cached: the worker", some())[1:] == ["\N{LESS-THAN OR EQUAL TO} 10 µs", "8 µs", "met"]
    assert line("CPU a query, cached, beside Unbound's", some())[2:] == ["4 \N{MULTIPLICATION SIGN}", "**not met**"]
    assert line("capacity of two workers beside one", some())[2:] == ["1.8 \N{MULTIPLICATION SIGN}", "met"]
    assert line("CPU a query, missed: the worker", some())[3] == "not measured"


def test_the_budget_of_one_more_rule_is_of_the_fewest_and_the_most() -> None:
    assert line("memory of the worker for one more rule", some())[2:] == ["4 bytes", "met"]


@pytest.mark.parametrize("each", budget.LINES, ids=lambda each: each.about)
def test_every_line_has_words_without_figures(each: budget.Line) -> None:
    nothing = some()
    nothing.samples.clear()
    assert each.row(nothing)[3] == "not measured"
