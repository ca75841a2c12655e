"""What lists are good for, counted by hand for a small house."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator

import pytest

from resolver.admin.listbodies import Overlap, Quality
from resolver.admin.quality import Seen, look, measure, nameless
from resolver.policy.bundle import Bundle
from resolver.policy.document import GroupEntry
from resolver.store.database import Database
from resolver.store.insight import Decided, Insight
from resolver.store.rules import Rule
from tests import support
from tests.store.making import NOON, row, store_all, waiting

PRO = "".join(f"||n{number}.example^\n" for number in range(10))
COPY = "".join(f"n{number}.example\n" for number in range(9)) + "copy.example\n"
OWN = "||own.example^\n||n0.example^\n"
TRIAL = "||n1.example^\n||new.example^\n"
ALLOW = "@@||good.example^\n"
ALL = ("pro", "copy", "own", "trial", "good")


def house(**groups: tuple[str, ...]) -> Bundle:
    lists = {"pro": PRO, "copy": COPY, "own": OWN, "trial": TRIAL, "good": ALLOW}
    entries = tuple(GroupEntry(name, (), ids) for name, ids in (groups or {"default": ALL}).items())
    return support.bundle(lists, trusted=("good",), shadow=("trial",), groups=entries)


def met(
    name: str, count: int, source: str = "pro", *, verdict: str = "block", via: str = "", shadow: str = ""
) -> Decided:
    return Decided(name, 1, via, source, verdict, shadow, "", count)


def figures(bundle: Bundle, *decided: Decided) -> dict[str, tuple[int | None, int | None]]:
    found = measure(bundle, Seen(list(decided), []), 5.0)
    return {id: (one.hits, one.own) for id, one in found.items() if one.hits}


def test_a_hit_counts_for_every_list_that_has_a_rule() -> None:
    assert figures(house(), met("n0.example", 7)) == {"pro": (7, 0), "copy": (7, 0), "own": (7, 0)}
    assert figures(house(), met("x.n0.example", 7)) == {"pro": (7, 0), "own": (7, 0)}
    assert figures(house(), met("own.example", 3, "own")) == {"own": (3, 3)}
    assert figures(house(), met("n9.example", 3)) == {"pro": (3, 3)}


def test_what_people_deny_counts_for_the_lists_too() -> None:
    assert figures(house(), met("own.example", 3, "rules")) == {"own": (3, 3)}
    assert figures(house(), met("nothing.example", 3, "rules")) == {}


def test_a_list_that_makes_an_exception_is_not_credited_with_its_rule() -> None:
    lists = {"pro": "||cm.g.example^", "mild": "||g.example^\n@@||cm.g.example^"}
    made = support.bundle(lists, shadow=("mild",))
    assert figures(made, met("cm.g.example", 5)) == {"pro": (5, 5)}
    assert figures(made, met("x.g.example", 5, "mild")) == {"mild": (5, 5)}


def test_an_alias_counts() -> None:
    assert figures(house(), met("shop.example", 4, via="n9.example")) == {"pro": (4, 4)}
    assert figures(house(), met("copy.example", 4, via="n9.example")) == {"pro": (4, 0), "copy": (4, 0)}


def test_a_list_whose_rule_is_gone_keeps_what_it_decided() -> None:
    assert figures(house(), met("gone.example", 2, "own")) == {"own": (2, 2)}
    assert figures(house(), met("gone.example", 2, "a list that is gone")) == {}


def test_a_shadow_list_is_credited_with_what_it_would_have_blocked() -> None:
    assert figures(house(), met("new.example", 6, "", verdict="pass", shadow="trial: ||new.example^")) == {
        "trial": (6, 6)
    }
    found = figures(house(), met("n1.example", 2))
    assert found == {"pro": (2, 0), "copy": (2, 0), "trial": (2, 0)}, "others block it already"
    assert figures(house(), met("gone.example", 1, "", verdict="pass", shadow="trial")) == {"trial": (1, 1)}


def test_a_shadow_list_takes_nothing_from_a_live_one() -> None:
    bundle = support.bundle({"pro": "n1.example", "trial": "n1.example"}, shadow=("trial",))
    assert figures(bundle, met("n1.example", 2)) == {"pro": (2, 2), "trial": (2, 0)}


def test_a_list_that_nobody_uses_takes_nothing_from_others() -> None:
    assert figures(house(default=("pro",)), met("n0.example", 7))["pro"] == (7, 7)


def test_an_allow_list_is_credited_with_what_was_allowed() -> None:
    assert figures(house(), met("x.good.example", 5, "good", verdict="allow")) == {"good": (5, 5)}
    assert figures(house(), met("good.example", 5, "rules", verdict="allow")) == {"good": (5, 5)}
    assert figures(house(), met("n0.example", 5, "pause", verdict="allow")) == {}


def test_answers_that_lists_give_are_hits_and_others_are_not() -> None:
    bundle = support.bundle({"pro": "192.0.2.1 n0.example\n"})
    assert figures(bundle, met("n0.example", 5, verdict="rewrite")) == {"pro": (5, 5)}
    assert figures(bundle, met("n0.example", 5, "records", verdict="rewrite")) == {}


def test_rules_that_count_for_nothing_hold_nothing() -> None:
    bundle = support.bundle(
        {"pro": "||n0.example^\n", "bad": "||n0.example^$badfilter\n", "own": "||n0.example^$ctag=user_child\n"}
    )
    assert figures(bundle, met("n0.example", 5, "rules")) == {}


def test_what_people_allowed_afterwards() -> None:
    seen = Seen([met("n0.example", 9)], [met("n0.example", 4), met("shop.example", 2, via="n9.example")])
    found = measure(house(), seen, 5.0)
    assert {id: one.allowed_later for id, one in found.items()} == {
        "pro": 6,
        "copy": 4,
        "own": 4,
        "trial": 0,
        "good": 0,
    }


def test_overlaps_are_those_with_lists_in_use() -> None:
    found = measure(house(), None, 5.0)
    assert found["pro"].overlaps == [Overlap("copy", 9), Overlap("own", 1), Overlap("trial", 1)]
    assert measure(house(default=("pro", "own")), None, 5.0)["pro"].overlaps == [Overlap("own", 1)]


BUSY = (met("n0.example", 300), met("n9.example", 300))


def advice(bundle: Bundle, *decided: Decided) -> dict[str, str]:
    found = measure(bundle, Seen(list(decided), []), 5.0)
    return {id: one.advice for id, one in found.items() if one.advice}


def test_advice_for_a_list_that_adds_nothing() -> None:
    text = "adds almost nothing to pro: 90 % of its names are there, and no hit in 7 days was its own"
    assert advice(house(), *BUSY) == {"copy": text}


def test_no_advice_for_a_list_with_a_hit_of_its_own() -> None:
    assert advice(house(), *BUSY, met("copy.example", 1, "copy")) == {}


def test_no_advice_while_the_log_has_seen_little() -> None:
    assert advice(house(), met("n0.example", 100)) == {}


def test_no_advice_when_some_of_its_users_do_not_use_the_other() -> None:
    assert advice(house(default=ALL, kids=("copy",)), *BUSY) == {}
    assert list(advice(house(default=ALL, kids=("copy", "pro")), *BUSY)) == ["copy"]


def test_of_two_that_are_alike_one_is_needless() -> None:
    bundle = support.bundle({"one": PRO, "two": PRO})
    assert list(advice(bundle, *BUSY)) == ["two"]


def test_a_shadow_list_does_not_stand_in_for_a_live_one() -> None:
    bundle = support.bundle({"trial": PRO, "pro": PRO}, shadow=("trial",))
    assert list(advice(bundle, *BUSY)) == []
    bundle = support.bundle({"pro": PRO, "trial": PRO}, shadow=("trial",))
    assert advice(bundle, *BUSY)["trial"].startswith("would add almost nothing to pro: 100 % of its names")


def test_an_allow_list_does_not_stand_in_for_a_block_list() -> None:
    bundle = support.bundle({"good": PRO + "more.example\n", "pro": PRO}, trusted=("good",))
    assert advice(bundle, *BUSY) == {}


def test_without_the_log_it_takes_more_to_advise() -> None:
    bundle = support.bundle({"pro": PRO, "copy": COPY, "same": PRO.replace("||n9.example^\n", "")})
    found = measure(bundle, None, 5.0, "the log keeps no names")
    assert found["copy"] == Quality(
        5.0, overlaps=[Overlap("pro", 9), Overlap("same", 9)], unknown="the log keeps no names"
    )
    assert found["same"].advice == "adds almost nothing to pro: 100 % of its names are there"
    assert (found["same"].hits, found["same"].own, found["same"].allowed_later) == (None, None, None)


@pytest.fixture
def database(tmp_path: pathlib.Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "lull.db")
    yield opened
    opened.close()


def rule(name: str, created: float, action: str = "allow", client: str = "") -> Rule:
    return Rule(action, name, client, id=1, created=created)


def at(client: str) -> tuple[str, ...]:
    """The addresses of a client: of the tablet two."""
    return {"tablet": ("192.0.2.2", "2001:db8::2"), "lost": ()}.get(client, (client,))


def test_what_the_log_has(database: Database) -> None:
    some = [row("n0.example", verdict="block", count=4), row("x.n0.example", verdict="block", client="192.0.2.2")]
    store_all(database, [waiting(1, some), waiting(2, [row("n0.example")])])
    insight = Insight(database)
    assert {(one.name, one.count) for one in look(insight, [], NOON, at).decided} == {
        ("n0.example", 4),
        ("x.n0.example", 1),
    }

    def righted(*rules: Rule, since: float = NOON) -> int:
        return sum(one.count for one in look(insight, rules, since, at).righted)

    assert righted(rule("n0.example", NOON + 1)) == 5
    assert righted(rule("n0.example", NOON + 1), rule("x.n0.example", NOON + 1), rule("n0.example", NOON + 2)) == 5
    assert righted(rule("n0.example", NOON + 1, client="192.0.2.2")) == 1
    assert righted(rule("n0.example", NOON + 1, client="tablet")) == 1
    assert righted(rule("n0.example", NOON + 1, client="lost")) == 0
    assert righted(rule("n0.example", NOON + 1, action="deny")) == 0
    assert righted(rule("n0.example", NOON)) == 0, "it came before"
    assert righted(rule("example", NOON + 1)) == 0, "that says nothing about a list"


def test_privacy() -> None:
    assert nameless("full") == nameless("no-client") == ""
    assert nameless("no-name") == "the log keeps no names (log.privacy is no-name)"
    assert nameless("off") == "the log keeps no names (log.privacy is off)"
