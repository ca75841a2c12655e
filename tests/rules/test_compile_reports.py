"""What the report of a list tells."""

import pathlib

import pytest

from resolver.rules import expressions
from resolver.rules.compile import compile_sources
from resolver.rules.report import EVERYTHING, SAMPLE_LENGTH, SAMPLES, Sample
from resolver.rules.ruleset import RuleSet
from tests.rules.sets import NOBODY, compiled, source


def test_names_that_lists_share_are_counted(tmp_path: pathlib.Path) -> None:
    sources = [
        source(tmp_path / "one.txt", b"a.example\n||a.example^\nb.example\nb.example\n/c/\n", index=0),
        source(tmp_path / "two.txt", b"b.example\nc.example\n192.0.2.1\n/c/\n", index=1),
        source(tmp_path / "three.txt", b"||c.example^\n||d.example^$badfilter\n", index=2, kind="allow"),
    ]
    reports = compile_sources(sources, tmp_path)
    assert [(one.rules, one.names, one.shared, one.patterns, one.networks) for one in reports] == [
        (5, 2, 1, 1, 0),
        (4, 2, 2, 1, 1),
        (2, 1, 1, 0, 0),
    ]
    names = RuleSet.open(tmp_path, ["one", "two", "three"])
    assert names.counts() == {frozenset({0}): 1, frozenset({0, 1}): 1, frozenset({1, 2}): 1}


def test_lines_that_match_everything_are_told_of(tmp_path: pathlib.Path) -> None:
    _, report = compiled(tmp_path, b"||a.example^\n||*^\n/.*/\n/a/\n" + b"||*^$dnstype=A\n" * 40)
    assert report.everything[:2] == [
        Sample(2, "||*^", "would match everything"),
        Sample(3, "/.*/", "would match everything"),
    ]
    assert len(report.everything) == EVERYTHING
    assert report.skipped == {}
    opened = RuleSet.open(tmp_path, ["ads"])
    found = opened.winner("b.example", 1, 1, NOBODY)
    assert found is not None
    assert found.text == "||*^"


def test_expressions_that_cannot_be_used_are_skipped(tmp_path: pathlib.Path) -> None:
    _, report = compiled(tmp_path, b"/a(?=b)/\n/(/\n/ads[0-9]+/\n/(?:abc){1000}/\n")
    assert report.skipped == {"regex cannot be used": 3}
    assert [sample.line for sample in report.samples] == [1, 2, 4]
    assert (report.rules, report.patterns) == (1, 1)


def test_a_list_of_expressions_alone_is_refused_with_a_limit(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expressions, "MAX_PATTERNS", 100)
    data = b"".join(b"/x%d[0-9]/\n" % number for number in range(150)) + b"a.example\n"
    names, report = compiled(tmp_path, data)
    assert (report.rules, report.patterns, report.skipped) == (101, 100, {"too many patterns or options": 50})
    assert report.samples[0] == Sample(101, "/x100[0-9]/", "too many patterns or options")
    assert list(names) == ["a.example"]


def test_expressions_that_do_not_fit_are_skipped_with_their_lines(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expressions, "MAX_FILTERS", 1)
    lines = [f"/[ab][cd]{f'{number:03}'[::-1]}{'x' * 60}[ef][gh]/\n" for number in range(600)]
    _, report = compiled(tmp_path, "".join(["||a.example^\n", *lines]).encode())
    dropped = report.skipped["too many patterns or options"]
    assert 0 < dropped < 600
    assert (report.rules, report.patterns) == (601 - dropped, 600 - dropped)
    assert report.samples[0].line == 602 - dropped
    assert RuleSet.open(tmp_path, ["ads"]).winner("bd995" + "x" * 60 + "fg", 1, 1, NOBODY) is None
    assert RuleSet.open(tmp_path, ["ads"]).winner("bd000" + "x" * 60 + "fg", 1, 1, NOBODY) is not None


def test_samples_are_few_and_short(tmp_path: pathlib.Path) -> None:
    _, report = compiled(tmp_path, b"||a.example^$x\n" * 5 + b"! \n" + b"y " * 500 + b"\n" + b"?\n" * 200)
    assert len(report.samples) == SAMPLES
    assert report.samples[5] == Sample(7, ("y " * 500)[:SAMPLE_LENGTH], "not a name")
    assert report.skipped == {"unknown modifier": 5, "not a name": 201}
