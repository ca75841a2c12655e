"""The order of suspects: what belongs to a site comes before what was there by chance."""

from __future__ import annotations

import pytest

from resolver.repair.suspects import Asked, Moments, Named, Suspect, likelihoods, rank

NOON = 1_767_268_800


def blocked(name: str, at: int = NOON, via: str = "") -> Asked:
    return Asked(at, name, True, "ads", f"||{name}^", via)


def domain_of(name: str) -> str:
    return ".".join(name.split(".")[-2:])


def ranked(*loads: list[Asked], moments: int = 1000, **often: int) -> list[Suspect]:
    other = Moments(moments, {f"{name}.example": count for name, count in often.items()})
    return rank(loads, domain_of, other)


def order(*loads: list[Asked], moments: int = 1000, **often: int) -> list[str]:
    return [one.domain.removesuffix(".example") for one in ranked(*loads, moments=moments, **often)]


def test_what_is_seldom_asked_for_otherwise_comes_first() -> None:
    load = [blocked("stats.example"), blocked("player.example")]
    assert order(load, load, stats=400) == ["player", "stats"]


def test_what_is_in_every_load_comes_before_what_came_once() -> None:
    often = [blocked("stats.example")]
    assert order([*often, blocked("chance.example")], often, often, often, stats=50, chance=3) == ["stats", "chance"]


def test_equals_stand_as_they_were_asked_for() -> None:
    load = [blocked(f"{name}.example") for name in ("c", "a", "b")]
    assert order(load) == ["c", "a", "b"]


def test_names_of_one_owner_are_one_suspect() -> None:
    (one,) = ranked(
        [blocked("a.cdn.example"), blocked("b.cdn.example", via="x.ads.example"), blocked("a.cdn.example")],
        [blocked("a.cdn.example")],
        [],
    )
    assert one.names == (
        Named("a.cdn.example", "ads", "||a.cdn.example^", "", 3),
        Named("b.cdn.example", "ads", "||b.cdn.example^", "x.ads.example", 1),
    )
    assert (one.with_site, one.loads) == (2, 3)


def test_what_is_answered_is_no_suspect() -> None:
    assert order([Asked(NOON, "www.example"), blocked("x.example")]) == ["x"]


def test_loads_in_which_it_was_answered_say_nothing() -> None:
    (one,) = ranked([Asked(NOON, "x.example")], [Asked(NOON, "x.example")], [blocked("x.example")])
    assert (one.with_site, one.loads) == (1, 1)


def test_a_list_that_began_to_block_it_lately_is_no_alibi() -> None:
    before = [[blocked("old.example")]] * 11
    found = ranked(*before, [blocked("old.example"), blocked("new.example")], old=100)
    assert {one.domain: one.weight > 0 for one in found} == {"old.example": True, "new.example": True}


def test_lift_is_how_much_more_often_it_comes_with_the_site() -> None:
    (one,) = ranked([blocked("x.example")], [], moments=990, x=99)
    assert one.share == pytest.approx(99.5 / 1000)
    assert one.lift == pytest.approx(0.5 / 0.0995)


def test_what_is_asked_for_all_the_time_may_be_the_site_s_too() -> None:
    (one,) = ranked(*[[blocked("x.example")]] * 5, moments=1000, x=950)
    assert 0 < one.weight < 1


def test_a_device_that_does_nothing_else() -> None:
    (one,) = ranked([blocked("x.example")], moments=0)
    assert one.weight > 0


def test_what_is_worth_trying() -> None:
    load = [blocked("rare.example"), blocked("stats.example")]
    found = ranked([*load, blocked("noise.example")], load, load, load, load, stats=200, noise=500)
    odds = likelihoods(found)
    assert list(odds) == ["rare.example", "stats.example"]
    assert odds["rare.example"] > odds["stats.example"] > 0


def test_who_misses_loads_is_less_likely() -> None:
    always, sometimes = [blocked("always.example")], [blocked("sometimes.example")]
    odds = likelihoods(ranked([*always, *sometimes], always, [*always, *sometimes], always, [*always, *sometimes]))
    assert odds["always.example"] > 2 * odds["sometimes.example"] > 0
