import pathlib
import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.rules import Added, NewRule, Rule
from tests.store.making import NOON, StillClock, look


def shown(rules: list[Rule]) -> list[tuple[str, str, float | None]]:
    return [(rule.action, rule.name, rule.until) for rule in rules]


def test_a_rule_is_stored_with_all_it_says(people: PeopleStore, path: pathlib.Path, database: Database) -> None:
    new = NewRule(
        "allow", "a.example", "tv", "kids", NOON + 60, "for school", "command", exact=True, text="||a^", who="ada"
    )
    added = people.add(new)
    assert (added.created, added.replaced) == (True, ())
    expected = Rule(**msgspec.structs.asdict(new), id=1, created=NOON)
    assert added.rule == expected
    assert people.rules() == [expected]
    assert look(path, "SELECT * FROM rules") == [
        *[(1, "allow", "a.example", "tv", "kids", NOON + 60.0, "for school", float(NOON), "command", 1, "||a^", "ada")]
    ]
    assert PeopleStore(database, StillClock()).rules() == [expected]
    assert (expected.key, str(expected)) == ("rule:1", "allow exact ||a^")


def test_what_already_holds_is_not_added_again(people: PeopleStore) -> None:
    first = people.add(NewRule("deny", "a.example"))
    again = people.add(NewRule("deny", "a.example", comment="other"))
    assert (again.created, again.rule, again.replaced) == (False, first.rule, ())
    timed = people.add(NewRule("allow", "b.example", until=NOON + 600))
    shorter = people.add(NewRule("allow", "b.example", until=NOON + 60))
    assert (shorter.created, shorter.rule) == (False, timed.rule)
    assert len(people.rules()) == 2


def test_a_later_end_takes_the_place_of_a_sooner_one(people: PeopleStore) -> None:
    sooner = people.add(NewRule("allow", "b.example", until=NOON + 60)).rule
    later = people.add(NewRule("allow", "b.example", until=NOON + 600))
    assert (later.created, later.replaced) == (True, (sooner,))
    assert shown(people.rules()) == [("allow", "b.example", NOON + 600)]


def test_the_opposite_takes_its_place(people: PeopleStore) -> None:
    deny = people.add(NewRule("deny", "a.example")).rule
    allow = people.add(NewRule("allow", "a.example"))
    assert (allow.created, allow.replaced) == (True, (deny,))
    timed = people.add(NewRule("deny", "a.example", until=NOON + 60))
    assert timed.replaced == (), "an exception leaves the rule as it is"
    assert shown(people.rules()) == [("allow", "a.example", None), ("deny", "a.example", NOON + 60)]
    opposite = people.add(NewRule("allow", "a.example", until=NOON + 30))
    assert opposite.replaced == (timed.rule,)
    final = people.add(NewRule("deny", "a.example"))
    assert set(final.replaced) == {allow.rule, opposite.rule}
    assert shown(people.rules()) == [("deny", "a.example", None)]


def test_a_timed_rule_and_one_for_good_stand_side_by_side(people: PeopleStore) -> None:
    """One with an end outranks schedules, one without does not."""
    assert people.add(NewRule("allow", "a.example")).created
    assert people.add(NewRule("allow", "a.example", until=NOON + 60)).created
    assert not people.add(NewRule("allow", "a.example")).created
    assert len(people.rules()) == 2


def test_other_names_and_scopes_are_other_rules(people: PeopleStore) -> None:
    for rule in (
        NewRule("deny", "a.example"),
        NewRule("allow", "b.example"),
        NewRule("allow", "a.example", client="192.0.2.1"),
        NewRule("allow", "a.example", group="kids"),
    ):
        assert people.add(rule).replaced == ()
    assert len(people.rules()) == 4


def test_deleting(people: PeopleStore, path: pathlib.Path) -> None:
    rule = people.add(NewRule("deny", "a.example")).rule
    assert people.delete(rule.id) == rule
    assert people.delete(rule.id) is None
    assert people.rules() == []
    assert people.add(NewRule("deny", "b.example")).rule.id != rule.id, "an old id must not delete another rule"


def test_what_a_broader_rule_says_already(people: PeopleStore) -> None:
    broad = people.add(NewRule("allow", "example")).rule
    for name in ("a.example", "x.y.a.example"):
        assert people.add(NewRule("allow", name)) == Added(broad, created=False)
        assert people.add(NewRule("allow", name, exact=True)) == Added(broad, created=False)
    assert people.add(NewRule("allow", "example", exact=True)) == Added(broad, created=False)
    for other in (
        NewRule("allow", "notexample"),
        NewRule("allow", "timed.example", until=NOON + 60),
        NewRule("allow", "client.example", client="tv"),
        NewRule("allow", "group.example", group="kids"),
        NewRule("allow", "line.example", text="||line.example^$dnstype=A"),
        NewRule("deny", "denied.example"),
    ):
        assert people.add(other).created, other
    assert people.add(NewRule("allow", "a.client.example", client="tv")).rule.name == "client.example"


@pytest.mark.parametrize(
    ("between", "stands"),
    [
        (NewRule("deny", "b.example"), True),
        (NewRule("deny", "a.b.example", exact=True), True),
        (NewRule("deny", "b.example", text="||b.example^$dnstype=A"), True),
        (NewRule("deny", "b.example", exact=True), False),
        (NewRule("deny", "x.a.b.example"), False),
        (NewRule("deny", "other.example"), False),
        (NewRule("deny", "b.example", client="tv"), False),
        (NewRule("deny", "b.example", until=NOON + 60), False),
        (NewRule("deny", "", text="/b/"), False),
    ],
)
def test_what_stands_between(people: PeopleStore, between: NewRule, stands: bool) -> None:
    people.add(NewRule("allow", "example"))
    assert people.add(between).created
    assert people.add(NewRule("allow", "a.b.example")).created is stands


def test_neither_a_line_nor_an_exact_rule_nor_one_with_an_end_covers_others(people: PeopleStore) -> None:
    people.add(NewRule("allow", "example", text="||example^$dnstype=A"))
    people.add(NewRule("allow", "example", exact=True))
    people.add(NewRule("allow", "example", until=NOON + 60))
    assert people.add(NewRule("allow", "a.example")).created
    assert people.add(NewRule("allow", "example")).created


def test_a_rule_for_all_below_a_name_takes_the_place_of_those_for_it_alone(people: PeopleStore) -> None:
    deny = people.add(NewRule("deny", "a.example", exact=True)).rule
    timed = people.add(NewRule("allow", "a.example", exact=True, until=NOON + 600)).rule
    allow = people.add(NewRule("allow", "a.example"))
    assert allow.replaced == (deny,)
    shorter = people.add(NewRule("allow", "a.example", until=NOON + 60))
    assert (shorter.created, shorter.replaced) == (True, ()), "what ends later stays"
    longer = people.add(NewRule("allow", "a.example", until=NOON + 900))
    assert set(longer.replaced) == {timed, shorter.rule}
    assert people.add(NewRule("deny", "a.example", exact=True)).replaced == (), "an exception from it"
    assert people.add(NewRule("deny", "a.example")).replaced[0] == allow.rule


def test_lines_are_told_apart_by_what_they_say(people: PeopleStore) -> None:
    first = people.add(NewRule("deny", "x.example", text="||x.example^$dnstype=A")).rule
    same = people.add(NewRule("deny", "", text="||x.example^$dnstype=A"))
    assert (same.created, same.rule) == (False, first)
    assert people.add(NewRule("deny", "x.example", text="||x.example^$dnstype=AAAA")).replaced == ()
    assert people.add(NewRule("deny", "x.example")).replaced == ()
    assert people.add(NewRule("allow", "x.example", text="||x.example^$dnstype=A")).replaced == (first,)
    assert people.add(NewRule("deny", "x.example", text="||x.example^$dnstype=A", client="tv")).replaced == ()


def test_many_at_once(people: PeopleStore, path: pathlib.Path) -> None:
    old = people.add(NewRule("deny", "c.example")).rule
    names = ["a.example", "b.example", "a.example", "x.b.example", "c.example"]
    added, _ = people.add_many([NewRule("allow", name, who="ada") for name in names], "ada (command)")
    assert [one.created for one in added] == [True, True, False, False, True]
    assert added[2].rule == added[0].rule
    assert added[3].rule == added[1].rule
    assert added[4].replaced == (old,)
    (change, _) = people.changes()
    assert (change.who, change.what) == ("ada (command)", "allow a.example, and 2 more rules")
    assert [rule.name for rule in people.delete_many([2, 3, 99], "ada")] == ["a.example", "b.example"]
    assert people.changes(1)[0].what == "delete allow a.example, and 1 more rules"
    assert people.add_many([], "ada") == ([], None)
    assert people.add_many([NewRule("deny", "z.example")], what="from a file")[0][0].created
    assert [change.what for change in people.changes(2)] == ["from a file", "delete allow a.example, and 1 more rules"]


def test_five_thousand_are_a_matter_of_seconds(people: PeopleStore) -> None:
    began = time.perf_counter()
    people.add_many([NewRule("allow", f"n{number}.example") for number in range(5000)])
    people.add(NewRule("allow", "n17.example"))
    people.undo(1)
    assert people.rules() == []
    assert time.perf_counter() - began < 20


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))  # test_enginespg has the NUL


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_any_text_comes_back(people: PeopleStore, name: str, client: str, group: str, comment: str) -> None:
    rule = people.add(NewRule("deny", name, client, group, None, comment)).rule
    assert (rule.name, rule.client, rule.group) == (name, client, group)
    assert rule in people.rules()
    assert people.delete(rule.id) == rule
