"""What a list would do, against the policy in force and a real log."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import pytest

from resolver.admin import trying
from resolver.admin.bodies import Count
from resolver.admin.listbodies import Affected, Effect, Overlap
from resolver.admin.trying import Bench
from resolver.journal.frames import Row
from resolver.model import Exchange
from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule
from resolver.rules.ruleset import RuleSet
from resolver.store.database import Database
from resolver.store.insight import Insight
from tests import support
from tests.store.making import NOON, store_all, waiting

KID, PARENT = "192.0.2.20", "192.0.2.10"


@pytest.fixture
def insight(tmp_path: pathlib.Path) -> Iterator[Insight]:
    database = Database.open(tmp_path / "lull.db")
    rows = [
        passed("ads.example", count=9),
        passed("ads.example", KID, count=4),
        passed("x.ads.example", count=2, type=28),
        passed("www.example", count=50),
        Row(PARENT, "default", Exchange("t.pro.example", 1, 0, "local", "block", "pro", "||pro.example^"), 5, 1),
        Row(
            KID,
            "kids",
            Exchange("shop.example", 1, 0, "local", "block", "pro", "||pro.example^", "a.pro.example"),
            3,
            1,
        ),
        Row(PARENT, "default", Exchange("denied.example", 1, 0, "local", "block", "rules", "deny x"), 8, 1),
    ]
    old = waiting(2, [passed("old.ads.example", count=100)], second=NOON - 1000)
    store_all(database, [waiting(1, rows), old])
    yield Insight(database)
    database.close()


def passed(name: str, client: str = PARENT, *, count: int = 1, type: int = 1) -> Row:
    return Row(client, "default", Exchange(name, type, 0, "upstream", "pass"), count, 1)


def bench(text: str, *, kind: str = "block", addresses: Iterable[str] = (KID, PARENT), **fields: Any) -> Bench:
    """A list on trial, in a house that uses "pro"."""
    fields.setdefault("lists", {"pro": "||pro.example^\n||ads.pro.example^$important\n"})
    fields.setdefault("groups", (GroupEntry("default", (), ("pro",)), GroupEntry("kids", (KID,), ("pro",))))
    with tempfile.TemporaryDirectory() as directory:
        trusted = ("trial",) if kind == "allow" else ()
        support.compile_lists(pathlib.Path(directory), {"trial": text}, trusted)
        trial = RuleSet.open(pathlib.Path(directory), ["trial"])
    return Bench(trial, support.bundle(**fields), NOON, addresses)


def blocks(insight: Insight, text: str, since: float = NOON, **fields: Any) -> dict[str, tuple[str, int]]:
    return brief(bench(text, **fields).blocks(insight, since))


def allows(insight: Insight, text: str, kind: str = "allow", **fields: Any) -> dict[str, tuple[str, int]]:
    return brief(bench(text, kind=kind, **fields).allows(insight, NOON))


def brief(effect: Effect) -> dict[str, tuple[str, int]]:
    assert effect.names == len(effect.shown)
    assert effect.queries == sum(one.count for one in effect.shown)
    return {one.name: (one.rule, one.count) for one in effect.shown}


def test_what_would_newly_be_blocked(insight: Insight) -> None:
    effect = bench("||ads.example^\n||pro.example^\n").blocks(insight, NOON)
    assert effect == Effect(
        2,
        15,
        [
            Affected("ads.example", "||ads.example^", 13, [Count(PARENT, 9), Count(KID, 4)]),
            Affected("x.ads.example", "||ads.example^", 2, [Count(PARENT, 2)]),
        ],
    )
    assert blocks(insight, "||ads.example^", NOON - 2000)["old.ads.example"] == ("||ads.example^", 100)
    assert blocks(insight, "||nothing.example^") == {}


def test_what_is_blocked_by_now_is_not_new(insight: Insight) -> None:
    assert blocks(insight, "ads.example", lists={"pro": "ads.example"}) == {}
    only_kids = (GroupEntry("default"), GroupEntry("kids", (KID,), ("pro",)))
    assert blocks(insight, "ads.example", lists={"pro": "ads.example"}, groups=only_kids) == {
        "ads.example": ("ads.example", 9)
    }


def test_what_people_or_lists_allow_stays_allowed(insight: Insight) -> None:
    rules = (OwnRule("allow", "ads.example", client=KID),)
    assert blocks(insight, "ads.example", rules=rules) == {"ads.example": ("ads.example", 9)}
    allowed = {"pro": "@@||ads.example^\n"}
    assert blocks(insight, "||ads.example^", lists=allowed) == {}
    important = "||ads.example^$important"
    assert set(blocks(insight, important, lists=allowed)) == {"ads.example", "x.ads.example"}
    assert blocks(insight, important, lists=allowed, trusted=("pro",)) == {}


def test_conditions_are_those_of_each_query(insight: Insight) -> None:
    assert blocks(insight, "||ads.example^$dnstype=AAAA") == {"x.ads.example": ("||ads.example^$dnstype=AAAA", 2)}
    assert blocks(insight, f"||ads.example^$client={KID}") == {"ads.example": (f"||ads.example^$client={KID}", 4)}
    child = DeviceEntry("pad", (KID,), tags=("user_child",))
    rule = "||ads.example^$ctag=user_child"
    assert blocks(insight, rule, devices=(child,)) == {"ads.example": (rule, 4)}
    assert blocks(insight, rule) == {}


def test_answers_of_the_list_s_own_are_shown(insight: Insight) -> None:
    assert blocks(insight, "192.0.2.1 ads.example") == {"ads.example": ("192.0.2.1 ads.example", 13)}


def test_what_would_newly_be_allowed(insight: Insight) -> None:
    assert allows(insight, "||pro.example^\n") == {
        "t.pro.example": ("||pro.example^", 5),
        "shop.example": ("||pro.example^", 3),
    }
    assert allows(insight, "shop.example\n") == {"shop.example": ("shop.example", 3)}
    assert allows(insight, "||denied.example^\n||www.example^") == {}


def test_a_block_list_can_allow_too(insight: Insight) -> None:
    assert allows(insight, "@@||t.pro.example^", kind="block") == {"t.pro.example": ("@@||t.pro.example^", 5)}
    strong = {"pro": "||pro.example^$important"}
    assert allows(insight, "@@||t.pro.example^", kind="block", lists=strong) == {}
    assert allows(insight, "||t.pro.example^", lists=strong) == {"t.pro.example": ("||t.pro.example^", 5)}
    assert allows(insight, "@@shop.example", kind="block", lists=strong) == {"shop.example": ("@@shop.example", 3)}


def test_what_is_allowed_by_now_is_not_new(insight: Insight) -> None:
    assert allows(insight, "||pro.example^", lists={"pro": "||other.example^"}) == {}
    denied = (OwnRule("deny", "t.pro.example"),)
    assert set(allows(insight, "||pro.example^", rules=denied)) == {"shop.example"}


def test_only_the_names_asked_most_are_looked_into(insight: Insight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "LOOKED_INTO", 1)
    effect = bench("||ads.example^").blocks(insight, NOON)
    assert [one.name for one in effect.shown] == ["ads.example"]
    assert (effect.names, effect.queries, effect.left_out) == (1, 13, 1)


def test_much_is_counted_and_some_of_it_shown(insight: Insight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trying, "SHOWN", 1)
    monkeypatch.setattr(trying, "DEVICES", 1)
    effect = bench("||ads.example^").blocks(insight, NOON)
    assert effect == Effect(2, 15, [Affected("ads.example", "||ads.example^", 13, [Count(PARENT, 9)], more=1)])


@pytest.mark.parametrize("client", ["", "~0123456789ab", "192.0.2.0/24"])
def test_devices_that_are_not_kept(insight: Insight, client: str) -> None:
    database = insight._database
    some = [msgspec.structs.replace(passed("quiet.example", client), count=3)]
    store_all(database, [waiting(9, some)])
    made = bench("quiet.example", addresses=(*insight.clients(), KID))
    effect = made.blocks(insight, NOON)
    assert effect.shown == [Affected("quiet.example", "quiet.example", 3, [Count(client, 3)])]


LISTS = {
    "pro": "||pro.example^\none.example\n",
    "big": "||one.example^\n||two.example^\nfive.example",
    "unused": "three.example\n",
    "good": "four.example\n",
}


def test_names_in_common() -> None:
    groups = (GroupEntry("default", (), ("pro", "big", "good")),)
    text = "one.example\nx.pro.example\nthree.example\nfour.example\n*.two.example^\n||five.example^\n"
    new, overlaps = bench(text, lists=LISTS, trusted=("good",), groups=groups).overlap(allows=False)
    assert new == 2, "three is on a list that nobody uses, four on one that allows it"
    assert overlaps == [Overlap("big", 3), Overlap("pro", 2)]
    new, overlaps = bench(text, kind="allow", lists=LISTS, trusted=("good",), groups=groups).overlap(allows=True)
    assert (new, overlaps) == (5, [Overlap("good", 1)])


def test_a_shadow_list_is_in_use() -> None:
    found = bench("one.example", lists=LISTS, shadow=("pro",), groups=(GroupEntry("default", (), ("pro",)),))
    assert found.overlap(allows=False) == (0, [Overlap("pro", 1)])
