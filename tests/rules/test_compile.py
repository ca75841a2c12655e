"""Lists → a compiled set and a report of each."""

import pathlib
import resource
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import ListError
from resolver.rules.compile import Source, compile_sources
from resolver.rules.fact import Fact
from resolver.rules.report import SAMPLES, Sample, SourceReport
from resolver.rules.rule import Action, Datum, Form
from resolver.rules.ruleset import RuleSet
from tests.rules.sets import NOBODY, compiled, source

MIXED = b"""\xef\xbb\xbf[Adblock Plus 2.0]\r
# A list of many kinds\r
\r
0.0.0.0 exact.example second.example # x\r
plain.example\r
*.wild.example\r
||tree.example^\r
@@||allowed.example^\r
127.0.0.1 localhost\r
||tree.example^$important\r
address=/dnsmasq.example/\r
b\xfccher.example\r
0.0.0.0 third.example 192.0.2.1 *.x\r
||odd.example^$perhaps\r
/^ads[0-9]/\r
||192.0.2.1^\r
||wild.example^$badfilter\r
"""


def test_a_list_of_mixed_kinds(tmp_path: pathlib.Path) -> None:
    names, report = compiled(tmp_path, MIXED)
    assert names == {
        "exact.example": [Fact(0, Action.BLOCK, Form.EXACT)],
        "second.example": [Fact(0, Action.BLOCK, Form.EXACT)],
        "third.example": [Fact(0, Action.BLOCK, Form.EXACT)],
        "plain.example": [Fact(0, Action.BLOCK, Form.EXACT)],
        "wild.example": [Fact(0, Action.BLOCK, Form.WILDCARD)],
        "tree.example": [Fact(0, Action.BLOCK_IMPORTANT, Form.SUBTREE), Fact(0, Action.BLOCK, Form.SUBTREE)],
        "dnsmasq.example": [Fact(0, Action.BLOCK, Form.SUBTREE)],
        "allowed.example": [Fact(0, Action.ALLOW, Form.SUBTREE)],
    }
    assert report == SourceReport(
        index=0,
        id="ads",
        lines=17,
        rules=12,
        ignored=4,
        skipped={"address": 1, "not a name": 2, "unknown modifier": 1},
        samples=[
            Sample(12, "b\ufffdcher.example", "not a name"),
            Sample(13, "0.0.0.0 third.example 192.0.2.1 *.x", "address"),
            Sample(14, "||odd.example^$perhaps", "unknown modifier"),
        ],
        patterns=1,
        networks=1,
        names=8,
    )


def test_every_rule_of_an_allow_list_trusts(tmp_path: pathlib.Path) -> None:
    names, _ = compiled(tmp_path, b"a.example\n||b.example^\n@@||c.example^\n", kind="allow")
    assert {name: fact.action for name, (fact,) in names.items()} == dict.fromkeys(
        ("a.example", "b.example", "c.example"), Action.TRUST
    )


def test_a_domains_list_may_mean_subtrees(tmp_path: pathlib.Path) -> None:
    names, _ = compiled(tmp_path, b"a.example\n*.b.example\n", syntax="domains", subdomains=True)
    assert {name: fact.form for name, (fact,) in names.items()} == {
        "a.example": Form.SUBTREE,
        "b.example": Form.WILDCARD,
    }


def test_a_rule_that_stands_twice_is_one_fact(tmp_path: pathlib.Path) -> None:
    names, report = compiled(tmp_path, b"a.example\nA.example.\n||a.example^\na.example\n")
    assert names == {"a.example": [Fact(0, Action.BLOCK, Form.EXACT), Fact(0, Action.BLOCK, Form.SUBTREE)]}
    assert report.rules == 4


def test_lists_that_hold_the_same_name_are_told_apart(tmp_path: pathlib.Path) -> None:
    sources = [
        source(tmp_path / "zero.txt", b"a.example\nb.example\n", index=0),
        source(tmp_path / "seven.txt", b"a.example\n", index=7, kind="allow"),
        source(tmp_path / "two.txt", b"||a.example^\n", index=2),
    ]
    reports = compile_sources(sources, tmp_path)
    assert [report.id for report in reports] == ["zero", "seven", "two"]
    assert dict(RuleSet.open(tmp_path, list("abcdefgh")).items()) == {
        "a.example": (
            Fact(0, Action.BLOCK, Form.EXACT),
            Fact(2, Action.BLOCK, Form.SUBTREE),
            Fact(7, Action.TRUST, Form.EXACT),
        ),
        "b.example": (Fact(0, Action.BLOCK, Form.EXACT),),
    }


def test_an_rpz_line_without_an_owner_is_about_the_one_before(tmp_path: pathlib.Path) -> None:
    data = b"$ORIGIN rpz.example.\na.example A 192.0.2.1\n          A 192.0.2.2\nb.example CNAME rpz-passthru.\n"
    compiled(tmp_path, data, syntax="rpz")
    opened = RuleSet.open(tmp_path, ["ads"])
    found = opened.winner("a.example", 1, 1, NOBODY)
    assert found is not None
    assert found.says == (Datum(1, b"\xc0\0\2\1"), Datum(1, b"\xc0\0\2\2"))
    passed = opened.winner("b.example", 1, 1, NOBODY)
    assert passed is not None
    assert passed.action is Action.EXEMPT


@pytest.mark.parametrize("data", [b"", b"# nothing\n", b"\0\0\0"])
def test_no_rules_make_an_empty_set(tmp_path: pathlib.Path, data: bytes) -> None:
    names, report = compiled(tmp_path, data)
    assert names == {}
    assert report.rules == 0


def test_no_lists_make_an_empty_set(tmp_path: pathlib.Path) -> None:
    shares: list[float] = []
    assert compile_sources([], tmp_path, shares.append) == []
    assert shares[-1] == 1.0
    assert len(RuleSet.open(tmp_path, [])) == 0


def test_hostile_lines_cost_themselves_alone(tmp_path: pathlib.Path) -> None:
    bad = [
        b"x" * 200_000,
        b"||" + b"a" * 300 + b"^",
        b"\0" * 70,
        b"||\xf0\x9f\x92\xa9.example^",
        b"/(((/",
        b"\\",
        b"\xff",
    ]
    data = b"\n".join(line for one in bad for line in (b"||a.example^", one)) + b"\n0.0.0.0 b.example\n"
    names, report = compiled(tmp_path, data)
    assert sorted(names) == ["a.example", "b.example"]
    assert (report.lines, report.rules, sum(report.skipped.values())) == (15, 8, len(bad))
    assert report.skipped["line too long"] == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_marks_are_understood(tmp_path: pathlib.Path, encoding: str) -> None:
    names, report = compiled(tmp_path, "||bücher.example^\r\n0.0.0.0 a.example\r\n".encode(encoding))
    assert sorted(names) == ["a.example", "xn--bcher-kva.example"]
    assert report.skipped == {}


def test_utf_16_without_a_mark_is_skipped(tmp_path: pathlib.Path) -> None:
    names, report = compiled(tmp_path, "a.example\nb.example\n".encode("utf-16-le"))
    assert names == {}
    assert report.skipped == {"not a name": 3}


def test_progress_grows_to_one(tmp_path: pathlib.Path) -> None:
    data = b"".join(b"n%d.example\n" % number for number in range(40_000))
    sources = [source(tmp_path / f"{index}.txt", data, index=index) for index in range(2)]
    shares: list[float] = []
    compile_sources(sources, tmp_path, shares.append)
    assert shares == sorted(shares)
    assert shares[0] > 0.0
    assert shares[-1] == 1.0
    assert len(shares) == 2 * 2 + 2 + 1


def test_a_list_that_is_missing_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match=r"list gone: .*/gone\.txt cannot be read: No such file"):
        compile_sources([Source(0, "gone", tmp_path / "gone.txt")], tmp_path)


def test_a_list_that_is_a_directory_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match=r"list odd: .* cannot be read: Is a directory"):
        compile_sources([Source(0, "odd", tmp_path)], tmp_path)


def test_an_unknown_syntax_is_refused_before_any_work(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match='list x: syntax "yaml" is unknown; use one of auto, hosts'):
        compile_sources([Source(0, "x", tmp_path / "gone.txt", syntax="yaml")], tmp_path)


def test_a_directory_that_cannot_be_written_is_named(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match="nowhere: the compiled lists cannot be written: No such file"):
        compile_sources([], tmp_path / "nowhere")


NAMES = st.lists(st.sampled_from(["a", "b", "ab", "x_y", "example"]), min_size=1, max_size=4).map(".".join)


@settings(deadline=None)
@given(names=st.sets(NAMES))
def test_what_was_compiled_is_what_was_listed(tmp_path_factory: pytest.TempPathFactory, names: set[str]) -> None:
    found, _ = compiled(tmp_path_factory.mktemp("set"), "".join(f"||{name}^\n" for name in names).encode())
    assert set(found) == names


@settings(deadline=None)
@given(data=st.binary())
def test_any_bytes_compile(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    _, report = compiled(tmp_path_factory.mktemp("set"), data)
    assert report.lines >= report.ignored
    assert len(report.samples) <= SAMPLES


def test_a_hundred_thousand_rules_are_cheap(tmp_path: pathlib.Path) -> None:
    data = b"".join(b"||host%d.tracker%d.example^\n" % (number, number % 977) for number in range(100_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    names, _ = compiled(tmp_path, data)
    assert time.process_time() - start < 10.0  # seconds; an eighth of the real lists takes half of one
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024  # KiB
    assert len(names) == 100_000
