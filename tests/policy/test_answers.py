"""From a rule of a list to a verdict."""

from __future__ import annotations

import pytest

from resolver.model import (
    Allow,
    Block,
    Drop,
    Nodata,
    NullAddress,
    Nxdomain,
    Records,
    Refused,
    Rewrite,
    RRset,
    RuleRef,
    Tier,
    Type,
    Verdict,
)
from resolver.policy.answers import verdict_inside, verdict_of
from resolver.policy.bundle import Group
from resolver.rules.rule import Action, Datum, Saying
from resolver.rules.ruleset import Winner
from tests.support import wire

GROUP = Group("default", 1, 0, Nxdomain(), 7)
NAME = wire("a.example")
RULE = RuleRef(Tier.LISTS, "ads", "text")
ONE, TWO = Datum(Type.A, bytes((192, 0, 2, 1))), Datum(Type.A, bytes((192, 0, 2, 2)))
SIX = Datum(Type.AAAA, bytes(15) + b"\1")
ALIAS = Datum(Type.CNAME, wire("b.example"))


def given(action: Action, *says: Saying, type: int = Type.A) -> Verdict:
    return verdict_of(Winner(action, "ads", 0, "a.example", "text", says), GROUP, NAME, type)


def records(type: int, *rdatas: bytes) -> Rewrite:
    return Rewrite(RULE, Records((RRset(NAME, type, 7, rdatas),)), ttl=7)


@pytest.mark.parametrize("action", [Action.TRUST, Action.ALLOW_IMPORTANT, Action.ALLOW, Action.EXEMPT])
def test_what_allows(action: Action) -> None:
    assert given(action) == Allow(RULE)


@pytest.mark.parametrize("action", [Action.BLOCK, Action.BLOCK_IMPORTANT])
def test_what_blocks_does_so_in_the_households_way_or_its_own(action: Action) -> None:
    assert given(action) == Block(RULE, Nxdomain(), 7)
    for said in (NullAddress(), Nodata(), Refused(), Drop()):
        assert given(action, said) == Block(RULE, said, 7)


def test_records_of_the_type_add_up_and_of_another_there_is_none() -> None:
    for action in (Action.BLOCK, Action.REWRITE):
        assert given(action, ONE, SIX, TWO, ONE) == records(Type.A, ONE.rdata, TWO.rdata)
        assert given(action, ONE, SIX, type=Type.AAAA) == records(Type.AAAA, SIX.rdata)
        assert given(action, ONE, type=Type.HTTPS) == Rewrite(RULE, Nodata(), ttl=7)


def test_the_last_of_a_rewrites_sayings_ends_them() -> None:
    assert given(Action.REWRITE, ONE, Refused()) == Rewrite(RULE, Refused(), ttl=7)
    alias = Rewrite(RULE, Records((RRset(NAME, Type.CNAME, 7, (ALIAS.rdata,)),)))
    assert given(Action.REWRITE, ONE, ALIAS) == alias
    assert given(Action.REWRITE, ALIAS, type=Type.HTTPS) == alias


def test_inside_an_answer_nobody_asks_for_what_an_alias_leads_to() -> None:
    def inside(action: Action, *says: Saying) -> Verdict:
        return verdict_inside(Winner(action, "ads", 0, "a.example", "text", says), GROUP, NAME, Type.A)

    assert inside(Action.BLOCK, ALIAS) == Block(RULE, Nxdomain(), 7)
    assert inside(Action.BLOCK, ONE) == records(Type.A, ONE.rdata)
    assert inside(Action.REWRITE, ALIAS) == given(Action.REWRITE, ALIAS)
    assert inside(Action.EXEMPT) == Allow(RULE)
