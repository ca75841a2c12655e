"""Rules as people see them."""

from __future__ import annotations

import pytest

from resolver.admin.rulebodies import RuleInfo
from resolver.admin.ruleshown import Shown, outranks
from resolver.policy.document import OwnRule
from resolver.store.hits import Hits
from resolver.store.rules import Rule

HITS = {"rule:7": Hits(12, 900), "config::deny b": Hits(3, 800)}
SHOWN = Shown(HITS, {"default", "kids"}, {"tablet": "tablet"}, {"deny /^no/": "too many patterns"})


def test_a_rule_of_the_database() -> None:
    rule = Rule("allow", "x", "tablet", exact=True, text="", who="ada", comment="so", id=7, created=5.0, until=9.0)
    shown = SHOWN.stored(rule)
    assert shown == RuleInfo(
        7, "allow", "x", "tablet", "", 9.0, "so", 5.0, "api", exact=True, who="ada", hits=12, last_hit=900
    )
    assert shown.what == "exact x"


def test_a_rule_of_the_config() -> None:
    rule = OwnRule("deny", "b", group="kids", origin="config", key="config::deny b", text="||b^$dnstype=A")
    shown = SHOWN.configured(rule)
    assert (shown.id, shown.origin, shown.hits, shown.last_hit, shown.note) == (None, "config", 3, 800, "")
    assert (shown.what, shown.group) == ("||b^$dnstype=A", "kids")


@pytest.mark.parametrize(
    ("client", "group", "note"),
    [
        ("tablet", "", ""),
        ("192.0.2.1", "", ""),
        ("2001:db8::1", "", ""),
        ("phone", "", "no device is called phone any more: it is for nobody"),
        ("", "old", "the config has no group old any more: it is for nobody"),
    ],
)
def test_what_is_odd(client: str, group: str, note: str) -> None:
    shown = SHOWN.stored(Rule("deny", "x", client, group, id=1, created=5.0))
    assert (shown.note, shown.hits, shown.last_hit) == (note, 0, None)


def test_a_rule_that_is_not_in_force() -> None:
    note = "it is not in force: too many patterns"
    assert SHOWN.stored(Rule("deny", "", text="/^no/", id=1, created=5.0)).note == note
    assert SHOWN.configured(OwnRule("deny", "", text="/^no/", origin="config")).note == note
    assert SHOWN.stored(Rule("allow", "", text="/^no/", id=1, created=5.0)).note == ""


def info(action: str, name: str, client: str = "", group: str = "", *, exact: bool = False, text: str = "") -> RuleInfo:
    return RuleInfo(1, action, name, client, group, None, "", 1.0, "api", exact=exact, text=text)


@pytest.mark.parametrize(
    ("other", "wins"),
    [
        (info("deny", "a.example", "tablet"), True),
        (info("deny", "example", group="kids"), True),
        (info("deny", "a.example", exact=True, client="tablet"), True),
        (info("deny", "example", exact=True, client="tablet"), False),
        (info("deny", "b.a.example", "tablet"), False),
        (info("deny", "a.example"), False),
        (info("allow", "a.example", "tablet"), False),
        (info("deny", "a.example", "tablet", text="||a.example^$dnstype=A"), False),
    ],
)
def test_who_outranks_a_rule_for_everyone(other: RuleInfo, wins: bool) -> None:
    assert outranks(other, info("allow", "a.example")) is wins


def test_groups_do_not_outrank_devices() -> None:
    assert not outranks(info("deny", "a.example", group="kids"), info("allow", "a.example", "tablet"))
    assert not outranks(info("deny", "a.example", "phone"), info("allow", "a.example", "tablet"))
    assert outranks(info("deny", "a.example", "phone"), info("allow", "a.example", group="kids"))
