"""Who wins, tier by tier, and that an explanation is never another story."""

from __future__ import annotations

import math
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolver.errors import DomainError
from resolver.model import (
    Allow,
    Block,
    Client,
    Nodata,
    NullAddress,
    Nxdomain,
    Pass,
    Rewrite,
    RRset,
    RuleRef,
    Tier,
    Type,
    Verdict,
)
from resolver.policy.bundle import Bundle
from resolver.policy.decide import Moment, decide, group_of, judge
from resolver.policy.document import GroupEntry, OwnRule, Pause
from resolver.policy.overlay import Scope
from resolver.policy.why import Matched, explain
from resolver.wire.name import from_text, to_text
from tests.support import bundle

NOW = 1000.0
ME = Client("192.0.2.1", "default")
KID = Client("192.0.2.20", "kids", device="tv")


def verdict(made: Bundle, name: str, client: Client = ME, type: int = Type.A, now: float = NOW) -> Verdict:
    """The decision, once the explanation has been seen to say the same."""
    wire = from_text(name)
    found = decide(wire, to_text(wire), type, client, made, now)
    explained = explain(name, type, client, made, now)
    assert explained.verdict == found
    assert explained.client == client
    if not isinstance(found, Pass):
        assert (explained.matched[0].rule, explained.matched[0].lost) == (found.rule, "")
    assert all(other.lost for other in explained.matched[not isinstance(found, Pass) :])
    return found


def lists(rule: str, source: str = "ads") -> RuleRef:
    return RuleRef(Tier.LISTS, source, rule)


def own(rule: str, tier: Tier = Tier.RULES) -> RuleRef:
    return RuleRef(tier, "rules", rule)


ADS = {"ads": "||ads.example^\n||exact.example^\n"}


def test_what_nothing_matches_passes() -> None:
    assert verdict(bundle(ADS), "www.example") == Pass()
    assert verdict(bundle(), "www.example") == Pass()
    assert verdict(bundle(ADS), ".") == Pass()


def test_a_list_blocks_as_the_group_says() -> None:
    made = bundle(ADS, answer=Nxdomain(), ttl=7)
    assert verdict(made, "x.ads.example") == Block(lists("||ads.example^"), Nxdomain(), 7)


def test_allow_lists_beat_exceptions_beat_blocks() -> None:
    texts = {
        "ads": "||a.example^\n||b.example^\n||c.example^",
        "more": "@@||b.example^",
        "good": "c.example\na.example",
    }
    made = bundle(texts, trusted=["good"])
    assert verdict(made, "a.example") == Allow(lists("a.example", "good"))
    assert verdict(made, "b.example") == Allow(lists("@@||b.example^", "more"))
    assert verdict(made, "c.example") == Allow(lists("c.example", "good"))
    assert verdict(made, "x.a.example") == Block(lists("||a.example^"), NullAddress(), 10)


def test_inside_lists_length_does_not_matter() -> None:
    made = bundle({"ads": "||x.a.example^", "good": "@@||example^"})
    assert verdict(made, "x.a.example") == Allow(lists("@@||example^", "good"))


def test_a_group_has_only_its_lists() -> None:
    groups = (GroupEntry("default", (), ("ads",)), GroupEntry("kids", (), ("ads", "more")), GroupEntry("none"))
    made = bundle({"ads": "||a.example^", "more": "||b.example^"}, groups=groups)
    assert isinstance(verdict(made, "b.example"), Pass)
    assert isinstance(verdict(made, "b.example", KID), Block)
    assert isinstance(verdict(made, "a.example", Client("192.0.2.3", "none")), Pass)
    gone = Client("192.0.2.3", "gone")
    assert group_of(made, gone).name == "default"
    assert isinstance(verdict(made, "a.example", gone), Block)
    explained = explain("b.example", Type.A, ME, made, NOW)
    unused = Matched(lists("||b.example^", "more"), Scope.EVERYONE, "the group does not use this list")
    assert (explained.matched, explained.unused) == ((), (unused,))


@pytest.mark.parametrize("until", [None, NOW + 60])
@pytest.mark.parametrize(("client", "group"), [("", ""), (ME.address, ""), ("", "default")])
def test_people_beat_lists(until: float | None, client: str, group: str) -> None:
    tier, end = (Tier.RULES, math.inf) if until is None else (Tier.TEMPORARY, until)
    made = bundle(ADS, rules=(OwnRule("allow", "example", client, group, until),), ttl=5)
    assert verdict(made, "ads.example") == Allow(own("allow example", tier), end)
    made = bundle(rules=(OwnRule("deny", "example", client, group, until),), ttl=5)
    assert verdict(made, "www.example") == Block(own("deny example", tier), NullAddress(), 5, end)
    made = bundle({"good": "www.example"}, trusted=["good"], rules=(OwnRule("deny", "example", client, group, until),))
    assert isinstance(verdict(made, "www.example"), Block)


def test_the_temporary_beats_the_permanent_whatever_the_scope() -> None:
    rules = (OwnRule("deny", "www.example", ME.address), OwnRule("allow", "example", until=NOW + 60))
    assert verdict(bundle(rules=rules), "www.example") == Allow(own("allow example", Tier.TEMPORARY), NOW + 60)
    assert isinstance(verdict(bundle(rules=rules), "www.example", now=NOW + 60), Block)


def test_a_pause_lets_everything_but_local_names_through() -> None:
    made = bundle(ADS, pauses=(Pause(NOW + 60),), rules=(OwnRule("deny", "own.example"),))
    for name in ("ads.example", "own.example", "www.example"):
        found = verdict(made, name)
        assert isinstance(found, Allow)
        assert (found.until, found.rule.source) == (NOW + 60, "pause")
    assert isinstance(verdict(made, "printer.local"), Rewrite)


RECORD = RRset(from_text("nas.example"), Type.A, 60, (bytes(4),))


def test_local_names_beat_everything() -> None:
    rules = (OwnRule("deny", "nas.example"), OwnRule("deny", "local"), OwnRule("allow", "onion", until=NOW + 60))
    made = bundle({"ads": "nas.example\n||localhost^"}, rules=rules, records=(RECORD,), pauses=(Pause(NOW + 60),))
    for name in ("nas.example", "printer.local", "x.onion", "localhost", "10.in-addr.arpa"):
        found = verdict(made, name)
        assert isinstance(found, Rewrite), name
        assert found.rule.tier == Tier.LOCAL
    explained = explain("nas.example", Type.A, ME, made, NOW)
    assert [one.rule.source for one in explained.matched] == ["records", "pause", "rules", "ads"]


def test_local_names_are_no_matter_inside_an_answer() -> None:
    made = bundle({"ads": "||evil.local^"}, records=(RECORD,))
    assert judge(from_text("nas.example"), "nas.example", Type.CNAME, Moment(ME, made, NOW)) == Pass()
    assert isinstance(judge(from_text("evil.local"), "evil.local", Type.CNAME, Moment(ME, made, NOW)), Block)


def test_the_name_that_devices_find_nat64_with_is_never_blocked() -> None:
    made = bundle({"ads": "||ipv4only.arpa^\n||arpa^"}, rules=(OwnRule("deny", "arpa"),))
    assert verdict(made, "ipv4only.arpa") == Pass()
    assert isinstance(verdict(made, "x.ipv4only.arpa"), Block)


@pytest.mark.parametrize("spelled", ["ADS.Example", "ads.example.", "Ads.ExaMple."])
def test_an_explanation_takes_a_name_as_people_write_it(spelled: str) -> None:
    made = bundle(ADS, rules=(OwnRule("deny", "ads.example"),))
    assert verdict(made, spelled) == Block(own("deny ads.example"), NullAddress(), 10)
    found = [one.rule for one in explain(spelled, Type.A, ME, made, NOW).matched]
    assert found == [own("deny ads.example"), lists("||ads.example^")]


def test_odd_bytes_pose_as_nobody() -> None:
    made = bundle(ADS, rules=(OwnRule("deny", "own.example"),))
    for name in (r"x\.ads.example", r"ads\046example", r"ads\000.example", r"own\.example"):
        assert verdict(made, name) == Pass()


def test_what_is_no_name_cannot_be_explained() -> None:
    with pytest.raises(DomainError):
        explain("a..b", Type.A, ME, bundle(), NOW)


LABELS = st.sampled_from(["a", "b", "ads"])
NAMES = st.lists(LABELS, min_size=1, max_size=3).map(".".join)
LINES = st.builds(str.format, st.sampled_from(["{}", "||{}^", "@@||{}^"]), NAMES)
SCOPES = st.sampled_from([("", ""), (ME.address, ""), (KID.address, ""), ("tv", ""), ("", "default"), ("", "kids")])
UNTIL = st.none() | st.sampled_from([NOW - 1, NOW, NOW + 1, NOW + 60])
RULES = st.builds(
    lambda action, name, scope, until, exact: OwnRule(action, name, scope[0], scope[1], until, exact=exact),
    st.sampled_from(["allow", "deny"]),
    NAMES,
    SCOPES,
    UNTIL,
    st.booleans(),
)
PAUSES = st.builds(
    lambda until, scope: Pause(until, scope[0], scope[1]), st.sampled_from([NOW - 1, NOW, NOW + 30]), SCOPES
)


class Policy(NamedTuple):
    block: list[str]
    more: list[str]
    good: list[str]
    rules: list[OwnRule]
    pauses: list[Pause]


POLICIES = st.builds(
    Policy,
    st.lists(LINES, max_size=4),
    st.lists(LINES, max_size=3),
    st.lists(LINES, max_size=2),
    st.lists(RULES, max_size=4),
    st.lists(PAUSES, max_size=2),
)


def slow(policy: Policy, name: str, client: Client, now: float) -> tuple[str, float]:
    """What the words of DESIGN say, one by one: "allow", "block" or "pass", and until when."""

    def concerns(item: OwnRule | Pause) -> bool:
        return item.client in {"", client.address, client.device} and item.group in {"", client.group}

    def below(owner: str) -> bool:
        return name == owner or name.endswith("." + owner)

    opinions = []
    for rule in policy.rules:
        meant = name == rule.name if rule.exact else below(rule.name)
        if meant and concerns(rule) and (rule.until is None or rule.until > now):
            tier = 3 if rule.until is None else 1
            scope = 0 if rule.client else 1 if rule.group else 2
            allow = rule.action == "allow"
            end = rule.until or math.inf
            opinions.append((tier, scope, -len(rule.name), not allow, "allow" if allow else "block", end))
    opinions += [
        (1, 0 if pause.client else 1 if pause.group else 2, 0, False, "allow", pause.until)
        for pause in policy.pauses
        if concerns(pause) and pause.until > now
    ]
    if opinions:
        best = min(opinions, key=lambda opinion: opinion[:4])
        return best[4], best[5]

    def hits(lines: list[str], exception: bool | None) -> bool:
        for line in lines:
            bare = line.removeprefix("@@").removeprefix("||").removesuffix("^")
            matched = below(bare) if "||" in line else name == bare
            if matched and (exception is None or line.startswith("@@") is exception):
                return True
        return False

    used = policy.block + (policy.more if client.group == "kids" else [])
    if hits(policy.good, None) or hits(used, exception=True):
        return "allow", math.inf
    return ("block", math.inf) if hits(used, exception=False) else ("pass", math.inf)


@settings(max_examples=150)
@given(POLICIES, st.lists(NAMES, min_size=1, max_size=4), st.sampled_from([NOW, NOW + 1, NOW + 45]))
def test_as_a_slow_one_decides_and_explains(policy: Policy, names: list[str], now: float) -> None:
    made = bundle(
        {"block": "\n".join(policy.block), "more": "\n".join(policy.more), "good": "\n".join(policy.good)},
        trusted=["good"],
        groups=(GroupEntry("default", (), ("block", "good")), GroupEntry("kids", (), ("block", "more", "good"))),
        rules=tuple(policy.rules),
        pauses=tuple(policy.pauses),
    )
    words = {Pass: "pass", Allow: "allow", Block: "block"}
    for name in names:
        for client in (ME, KID):
            found = verdict(made, name, client, now=now)
            assert not isinstance(found, Rewrite)
            assert (words[type(found)], found.until) == slow(policy, name, client, now)


def test_nodata_of_a_local_name_is_explained_too() -> None:
    made = bundle(records=(RECORD,))
    found = verdict(made, "nas.example", type=Type.AAAA)
    assert isinstance(found, Rewrite)
    assert found.target == Nodata()
