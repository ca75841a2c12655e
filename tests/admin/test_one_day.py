"""A day with a shadow list and a list on trial: every figure that Lull gives is counted here a second time."""

from __future__ import annotations

import pathlib
from collections import Counter
from collections.abc import Iterable

import pytest

from resolver.admin.listbodies import Effect, Overlap
from tests.admin.day import (
    ADS,
    ALIASES,
    ASKED,
    DAWN,
    DAY,
    DEVICES,
    HOUR,
    LAPTOP,
    PAD,
    PHONE,
    STRICT,
    TRIAL,
    TRUTH,
    Asked,
    Seen,
    live_through,
)

SHADOWED = [one for one in ASKED if one.fate == "shadow"]
BLOCKED = [one for one in ASKED if one.fate == "block"]
BOTH = [one for one in BLOCKED if any(map(STRICT.has, one.looks))]
OWN = [one for one in SHADOWED + BOTH if not any(map(ADS.has, one.looks))]
NEWLY = [one for one in ASKED if one.newly_blocked]


@pytest.fixture(scope="module")
def seen(made: tuple[pathlib.Path, pathlib.Path], tmp_path_factory: pytest.TempPathFactory) -> Seen:
    return live_through(tmp_path_factory.mktemp("day"), made[0])


def by_device(asked: Iterable[Asked]) -> Counter[tuple[str, str]]:
    return Counter((one.name, one.client) for one in asked)


def shown(effect: Effect | None) -> Counter[tuple[str, str]]:
    """An effect as counts by name and device, when its totals are theirs."""
    assert effect is not None
    found = {(one.name, device.value): device.count for one in effect.shown for device in one.devices}
    assert (effect.names, effect.queries, effect.left_out) == (len(effect.shown), sum(found.values()), 0)
    assert [one.count for one in effect.shown] == sorted((one.count for one in effect.shown), reverse=True)
    return Counter(found)


def test_the_log_is_that_of_a_day(seen: Seen) -> None:
    fates = Counter(one.fate for one in ASKED)
    assert min(fates[fate] for fate in ("block", "allow", "shadow", "pass")) > 50, fates
    assert len(set(fates.values())) == 4
    assert seen.log[0].at - seen.log[-1].at > DAY - HOUR
    assert {(one.at - DAWN) // HOUR for one in seen.log} == set(range(24))
    assert {one.client for one in seen.log} == set(DEVICES)
    assert {one.origin for one in seen.log} == {"upstream", "cache", "local"}
    assert {one.count for one in seen.log} >= {1, 2, 3}, "a row is not a query"


def test_every_query_became_what_it_must(seen: Seen) -> None:
    logged: Counter[Asked] = Counter()
    fates = {}
    for one in seen.log:
        asked = Asked(one.at, one.client, one.name, one.type)
        logged[asked] += one.count
        fates[asked] = "shadow" if one.verdict == "pass" and one.shadow else one.verdict
    assert logged == Counter(ASKED)
    assert fates == {one: one.fate for one in ASKED}


def test_the_shadow_list_blocks_nothing(seen: Seen) -> None:
    assert {one.list for one in seen.log if one.verdict == "block"} == {"ads"}
    assert {one.list for one in seen.log if one.shadow} == {""}
    assert {one.name for one in SHADOWED}
    assert not {one.name for one in SHADOWED} & {one.name for one in seen.log if one.verdict == "block"}
    for one in SHADOWED:
        assert seen.replies[one].endswith(TRUTH[one.type].packed), one
    for one in BLOCKED:
        assert seen.replies[one].endswith(bytes(len(TRUTH[one.type].packed))), one


def test_what_the_shadow_list_would_have_blocked(seen: Seen) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for entry in seen.shadowed:
        found[entry.name, entry.client] += entry.count
        hidden = ALIASES.get(entry.name, "")
        assert (entry.shadow, entry.via) == (f"strict: {STRICT.rule(hidden or entry.name)}", hidden)
    assert found == by_device(SHADOWED)
    assert [entry.id for entry in seen.shadowed] == [entry.id for entry in seen.log if entry.shadow]
    devices = {client: sum(one.client == client for one in SHADOWED) for client in DEVICES}
    assert devices[LAPTOP] != devices[PHONE] > devices[PAD] == 0 < devices[LAPTOP]
    assert {"sstats.adobe.com", "metrics.allrecipes.com"} & {name for name, _ in found}
    assert not {"acdn.adnxs.com", "stats.g.doubleclick.net", "connect.facebook.net"} & {name for name, _ in found}


def test_what_the_lists_are_good_for(seen: Seen) -> None:
    strict, ads = seen.quality("strict"), seen.quality("ads")
    assert (strict.hits, strict.own) == (len(SHADOWED) + len(BOTH), len(OWN))
    assert (ads.hits, ads.own) == (len(BLOCKED), len(BLOCKED)), "a list in shadow mode takes nothing from it"
    assert len({0, len(OWN), len(BOTH), len(BLOCKED), len(SHADOWED) + len(BOTH)}) == 5
    common = len(ADS.names & STRICT.names)
    assert (strict.overlaps, ads.overlaps) == ([Overlap("ads", common)], [Overlap("strict", common)])
    assert (strict.allowed_later, strict.advice, strict.unknown) == (0, "", "")


def test_what_the_lists_hold(seen: Seen) -> None:
    for id, hand in (("ads", ADS), ("strict", STRICT)):
        one = seen.lists[id]
        assert (one.names, one.shared, one.skipped) == (len(hand.names), len(ADS.names & STRICT.names), 0)
        assert one.mode == ("shadow" if id == "strict" else "live")
    assert 0 < len(ADS.names & STRICT.names) < len(ADS.names) < len(STRICT.names)


def test_what_a_list_on_trial_would_newly_block(seen: Seen) -> None:
    assert shown(seen.tried.blocks) == by_device(NEWLY)
    assert seen.tried.blocks is not None
    for one in seen.tried.blocks.shown:
        assert one.rule == TRIAL.rule(one.name)
    names = {one.name for one in NEWLY}
    assert {client for _, client in by_device(NEWLY)} == set(DEVICES)
    assert {"static.hotjar.com", "bidder.criteo.com", "b.scorecardresearch.com", "stats.g.doubleclick.net"} <= names
    asked = {one.name for one in ASKED}
    stays = {"trc.taboola.com", "images.taboola.com", "sb.scorecardresearch.com", "ad.doubleclick.net"}
    assert stays <= asked - names, "allowed by people, by the list itself, blocked by now, allowed by a list in use"


def test_what_a_list_on_trial_would_newly_allow(seen: Seen) -> None:
    allowed = [one for one in BLOCKED if TRIAL.excuses(one.name)]
    assert {one.name for one in allowed} == {"connect.facebook.net"}
    assert shown(seen.tried.allows) == by_device(allowed)


def test_the_names_a_list_on_trial_has_in_common_with_those_in_use(seen: Seen) -> None:
    blocks = TRIAL.below | TRIAL.exact
    held = {"ads": sum(map(ADS.has, blocks)), "strict": sum(map(STRICT.has, blocks))}
    assert {one.id: one.names for one in seen.tried.overlaps} == held == {"ads": 2, "strict": 4}
    assert seen.tried.new == sum(not ADS.has(name) and not STRICT.has(name) for name in blocks) == 5
    assert (seen.tried.names, seen.tried.refused) == (len(TRIAL.names), "")


def test_a_list_on_trial_is_held_against_the_days_asked_for(seen: Seen) -> None:
    late = [one for one in NEWLY if one.at >= DAWN + DAY // 2]
    assert 0 < len(late) < len(NEWLY)
    assert seen.late.since == DAWN + DAY // 2
    assert shown(seen.late.blocks) == by_device(late)
