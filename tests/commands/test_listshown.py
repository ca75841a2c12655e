"""What is printed of lists: readable in a hundred columns, whatever is in them."""

from __future__ import annotations

import msgspec
import pytest

from resolver.admin.listbodies import ListInfo, Overlap, Quality
from resolver.commands import listshown
from resolver.commands.output import when
from tests.commands.listed import FETCHED, GOOD, NEXT, refused, state
from tests.commands.played import HOSTILE


def shown(one: ListInfo) -> ListInfo:
    """As the command reads it."""
    return msgspec.json.decode(msgspec.json.encode(one), type=ListInfo)


def every(capsys: pytest.CaptureFixture[str], *lists: ListInfo) -> list[str]:
    listshown.every([shown(one) for one in lists])
    return capsys.readouterr().out.splitlines()


def in_full(capsys: pytest.CaptureFixture[str], one: ListInfo) -> list[str]:
    listshown.in_full(shown(one))
    return capsys.readouterr().out.splitlines()


def test_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    trial = state("trial", mode="shadow", quality=None, names=0, changed=0.0)
    assert every(capsys, state("pro"), trial) == [
        "ID     KIND    STATE  RULES    SKIPPED  HITS    OWN  SHARED  CHANGED",
        "pro    block   ok     123,456  1,234    12,345  123  98 %    2023-11-14",
        "trial  shadow  ok     123,456  1,234    -       -    -       never",
    ]


def test_a_hundred_columns_are_enough(capsys: pytest.CaptureFixture[str]) -> None:
    busy = Quality(0.0, hits=1_234_567, own=123_456, allowed_later=0)
    id = "hagezi-threat-intelligence"
    (_, row) = every(capsys, state(id, state="waiting", quality=busy, kind="allow"))[:2]
    assert len(row) <= 100


def test_what_there_is_to_say(capsys: pytest.CaptureFixture[str]) -> None:
    reason = f"it would block google.com {HOSTILE}"
    advice = Quality(0.0, unknown="the log keeps no names", advice="adds almost nothing to pro: 98 % of its names …")
    out = every(
        capsys,
        state("pro", refused=refused(reason), error=f"https://example.org/: {reason}", state="failing"),
        state("mine", quality=advice, note="it blocked 40 % of the queries", error="timed out"),
        state("new", quality=advice, state="waiting", rules=0),
        state("starter", quality=advice),
    )
    assert out[5:] == [
        f"pro: a new version was refused on {when(FETCHED)} (400,000 rules, 9.0 MB): it would block google.com "
        r"\x1b[2J\x07\n\u202eevil\x9b31m\x7f",
        "pro: to take it anyway: lull lists accept pro",
        "mine: timed out",
        "mine: an older version is in force: it blocked 40 % of the queries",
        "mine: to take the newer one again: lull lists accept mine",
        "mine: adds almost nothing to pro: 98 % of its names …",
        "new: adds almost nothing to pro: 98 % of its names …",
        "starter: adds almost nothing to pro: 98 % of its names …",
        "hits are not known: the log keeps no names",
        "until a waiting list has been received, the list that ships with Lull stands in for it",
    ]


def test_one_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    advised = msgspec.structs.replace(GOOD, advice="adds almost nothing to mine: …", overlaps=[Overlap("mine", 98_000)])
    assert in_full(capsys, state("pro", quality=advised)) == [
        "pro  Pro (block list, syntax adblock)",
        "  state      ok",
        "  from       https://example.org/list.txt",
        f"  received   {when(FETCHED)}, changed {when(FETCHED)}, 3.0 MB",
        f"  next check {when(NEXT)}",
        "  rules      123,456 of 130,000 lines: 100,000 names, 12 patterns",
        "  skipped    1,000 not a name, 234 no name; lull lists skipped pro shows them",
        "  shared     98,765 names (98 %) are on another list too: mine 98,000",
        f"  hits       12,345 queries blocked since {when(GOOD.since)} that it has a rule for",
        "  own        123 of them that no other live list has a rule for",
        "  regretted  4 of them for names that people allowed afterwards",
        "attention: adds almost nothing to mine: …",
        "",
        f"VERSION   RECEIVED{' ' * 13}RULES    SIZE    FROM",
        f"in force  {when(FETCHED)}  123,456  3.0 MB  https://example.org/list.txt",
        f"cdcdcdcd  {when(FETCHED - 86_400)}  123,000  3.0 MB  https://example.org/list.txt",
    ]


def test_one_of_which_little_is_known(capsys: pytest.CaptureFixture[str]) -> None:
    unknown = Quality(0.0, unknown="the log cannot be read now")
    one = state("mine", mode="shadow", file="/a/list.txt", url="", names=0, quality=unknown, versions=[], skipped=0)
    out = in_full(capsys, one)
    assert out[0] == "mine  Mine (block list in shadow mode: it blocks nothing, syntax adblock)"
    assert "  from       /a/list.txt" in out
    assert "  hits       not known: the log cannot be read now" in out
    assert not any(line.startswith(("  shared", "  skipped", "VERSION")) for line in out)


def test_what_shadow_and_allow_lists_are_good_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert any(
        "12,345 queries blocked, or would have been, since" in line
        for line in in_full(capsys, state("a", mode="shadow"))
    )
    assert any("12,345 queries allowed" in line for line in in_full(capsys, state("a", kind="allow")))


def test_nothing_in_a_list_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    texts = {"title", "url", "file", "error", "note", "syntax"}
    hostile = state("pro", refused=refused(HOSTILE), skipped_by={HOSTILE: 1}, **dict.fromkeys(texts, HOSTILE))
    bad = Quality(0.0, unknown=HOSTILE, advice=HOSTILE, overlaps=[Overlap(HOSTILE, 1)])
    for one in (hostile, msgspec.structs.replace(hostile, quality=bad, file="")):
        lines = [*every(capsys, one), *in_full(capsys, one)]
        assert all(line.isprintable() for line in lines)
