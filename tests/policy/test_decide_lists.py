"""What the lists of a group make of a name, those in shadow mode included."""

from __future__ import annotations

import pytest

from resolver.model import Block, NullAddress, Pass, Rewrite, RuleRef, Tier, Type, Verdict
from resolver.policy.bundle import Bundle
from resolver.policy.document import GroupEntry
from resolver.policy.why import explain
from tests.support import bundle


def verdict(made: Bundle, name: str) -> Verdict:
    return explain(name, Type.A, made.identify("192.0.2.1"), made, 0.0).verdict


def lists(rule: str, source: str = "ads") -> RuleRef:
    return RuleRef(Tier.LISTS, source, rule)


@pytest.mark.parametrize("rule", ["||a.example^", "||a.example^$dnsrewrite=NXDOMAIN", "192.0.2.9 a.example"])
def test_whatever_a_shadow_list_would_have_put_in_the_place_of_an_answer_is_noted(rule: str) -> None:
    made = bundle({"tried": rule}, shadow=["tried"], groups=(GroupEntry("default", (), ("tried",)),))
    assert verdict(made, "a.example") == Pass(shadow=lists(rule, "tried"))
    assert verdict(made, "b.example") == Pass()


def test_a_rewrite_of_a_shadow_list_hides_no_block_and_an_allowance_hides_it() -> None:
    rules = "||a.example^\n||a.example^$dnsrewrite=192.0.2.9\n||b.example^\n@@||b.example^"
    made = bundle({"tried": rules}, shadow=["tried"], groups=(GroupEntry("default", (), ("tried",)),))
    assert verdict(made, "a.example") == Pass(shadow=lists("||a.example^$dnsrewrite=192.0.2.9", "tried"))
    assert verdict(made, "b.example") == Pass()


def test_a_name_that_would_be_an_alias_of_itself_is_judged_by_the_other_rules() -> None:
    rules = "||a.example^$dnsrewrite=www.a.example\n||a.example^"
    made = bundle({"ads": rules})
    assert verdict(made, "www.a.example") == Block(lists("||a.example^"), NullAddress(), 10)
    assert isinstance(verdict(made, "x.a.example"), Rewrite)
