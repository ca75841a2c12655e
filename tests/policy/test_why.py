"""An explanation: who asked and how that is known. What matched and why it lost is `losing`'s and `decide`'s."""

from __future__ import annotations

import math

import pytest

from resolver.errors import DomainError
from resolver.model import Allow, Client, Pass, Type
from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule, Pause
from resolver.policy.overlay import Scope
from resolver.policy.why import explain
from tests.support import bundle

NOW = 1000.0
GROUPS = (GroupEntry("default"), GroupEntry("kids", ("192.0.2.0/24",)))
TV = DeviceEntry("TV", found=(("192.0.2.9", "name tv"),))


def test_who_asked_and_how_they_are_known() -> None:
    made = bundle(groups=GROUPS, devices=(TV,))
    found = explain("www.example", Type.A, made.identify("192.0.2.9"), made, NOW)
    assert (found.client.device, found.client.group) == ("tv", "kids")
    assert found.how == "name tv; network 192.0.2.0/24 of group kids"
    assert explain("www.example", Type.A, made.identify("10.0.0.1"), made, NOW).how == ""
    assert explain("www.example", Type.A, Client("", "default"), made, NOW).how == ""


def test_whose_each_rule_is() -> None:
    rules = (OwnRule("deny", "a.example"), OwnRule("deny", "a.example", group="kids"), OwnRule("deny", "a", "tv"))
    made = bundle(groups=GROUPS, devices=(TV,), rules=rules, pauses=(Pause(NOW + 5, "tv"),))
    found = explain("a.example", Type.A, made.identify("192.0.2.9"), made, NOW)
    assert [one.scope for one in found.matched] == [Scope.CLIENT, Scope.GROUP, Scope.EVERYONE]
    assert isinstance(found.verdict, Allow)


def test_at_any_time() -> None:
    made = bundle(rules=(OwnRule("deny", "a.example", until=NOW),))
    client = Client("192.0.2.1", "default")
    for now, blocked in ((NOW - 1, True), (NOW, False), (NOW + 1e9, False), (NOW - 1e9, True)):
        found = explain("a.example", Type.A, client, made, now)
        assert isinstance(found.verdict, Pass) is not blocked
        assert [one.lost for one in found.matched] == ["" if blocked else "it has ended"]
    assert explain("b.example", Type.A, client, made, NOW).verdict == Pass(math.inf)


@pytest.mark.parametrize("name", ["", "a..b", "a b", "x" * 64])
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(DomainError):
        explain(name, Type.A, Client("192.0.2.1", "default"), bundle(), NOW)
