"""The report says what the results say: the one that is kept, too."""

from __future__ import annotations

import re

from benchmarks.bench import figures, report, results, tables
from benchmarks.bench.names import ROOT
from benchmarks.bench.results import LULL
from tests.benchmarks.measured import some


def test_the_report_is_what_the_results_say() -> None:
    """Should this fail: `make bench REPORT=1`."""
    wrong = [
        path.name
        for path, text in report.pages(results.load()).items()
        if not path.exists() or path.read_text() != text
    ]
    assert wrong == []


def test_there_are_no_charts_but_those_of_the_report() -> None:
    known = {path.name for path in report.pages(results.load())}
    assert {path.name for path in (ROOT / "docs" / "benchmark").glob("*.svg")} <= known


def test_every_chart_is_shown() -> None:
    shown = set(re.findall(r"\]\(benchmark/([\w-]+\.svg)\)", report.PAGE.read_text()))
    assert shown == {path.name for path in (ROOT / "docs" / "benchmark").glob("*.svg")}


def test_the_section_says_where_we_lose() -> None:
    told = report.section(some()).replace("\n", " ")
    assert "Lull is behind the best of them in: cached (Unbound: 2.0 µs), mixed (Unbound: 4,000 q/s)." in told
    assert "| **Lull** | 8.0 |" in told
    assert "| Unbound | **2.0** |" in told


def test_the_section_says_when_we_lose_nothing() -> None:
    ahead = some()
    ahead.samples[LULL] |= {"cost.cached.part": [1.0], "capacity.mixed": [9000.0]}
    assert "Lull is behind none of them." in report.section(ahead).replace("\n", " ")


def test_the_page_has_every_part() -> None:
    page = report.page(some())
    for head in ("The budget", "CPU a query", "Memory", "Start", "From ten thousand rules", "Lull beside each"):
        assert f"## {head}" in page
    assert "Nothing: everyone did everything." in page


def test_a_server_that_did_not_start_is_said_and_left_out() -> None:
    found = some()
    del found.samples["dnsmasq"]
    found.notes.append("dnsmasq, round 1: is not installed")
    page = report.page(found)
    assert "- dnsmasq, round 1: is not installed" in page
    assert "\n| dnsmasq |" not in page


def test_nothing_was_measured_at_all() -> None:
    found = some()
    found.samples.clear()
    assert "not measured" in report.page(found)
    assert report.section(found)


def test_ratios_are_to_the_best_and_to_each() -> None:
    told = tables.compared(some(), figures.COMPARED)
    times = "\N{MULTIPLICATION SIGN}"
    assert (
        f"| CPU, the process that answers: cached | 8.0 µs | 4.00 {times} (Unbound) | 1.33 {times} | 4.00 {times} |"
        in told
    )
    assert "| queries a second: cached (more is better) | 1,000 q/s | 0.25" in told


def test_ratios_are_short() -> None:
    times = "\N{MULTIPLICATION SIGN}"
    assert [tables.times(value) for value in (0.123, 9.99, 12.3, None)] == [
        f"0.12 {times}",
        f"9.99 {times}",
        f"12 {times}",
        "\N{EN DASH}",
    ]
