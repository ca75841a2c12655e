"""Site rules: for whom, about which names, and when; who is on a site is told by a table here."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.model import Client, RuleRef, Tier
from resolver.policy.document import SiteEntry
from resolver.policy.overlay import Scope
from resolver.policy.sites import NOBODY, SiteMatch, Sites
from resolver.wire.name import suffixes

NOW = 1_000_000.0
ME = Client("192.0.2.1", "kids")
TABLET = Client("192.0.2.7", "kids", device="tablet")
OTHER = Client("192.0.2.9", "default")
NEWS = SiteEntry("news.example", ("player.example.net",), key="site:1")


class Open:
    """Visits that are open until then."""

    def __init__(self, **ends: float) -> None:
        self._ends = ends

    def until(self, client_key: str, rule_key: str, /) -> float:
        return self._ends.get(f"{client_key} {rule_key}", 0.0)


def on(*pairs: tuple[str, str], end: float = NOW + 60) -> Open:
    return Open(**{f"{client} {rule}": end for client, rule in pairs})


def keys(sites: Sites, name: str, client: Client = ME, now: float = NOW) -> list[str]:
    return [entry.key for entry in sites.opened(name, client, now)]


def allowing(sites: Sites, name: str, visits: Open, client: Client = ME, now: float = NOW) -> list[str]:
    return [match.rule.own for match in sites.about(name, client, now, visits) if match.open]


def test_no_rules_are_false_and_say_nothing() -> None:
    sites = Sites(())
    assert not sites
    assert sites.opened("news.example", ME, NOW) == ()
    assert sites.about("player.example.net", ME, NOW, NOBODY) == []
    assert not sites.momentary("news.example", ME, NOW)
    assert Sites((NEWS,))


@pytest.mark.parametrize(
    ("name", "opens"),
    [
        ("news.example", True),
        ("www.news.example", True),
        ("a.b.news.example", True),
        ("badnews.example", False),
        ("example", False),
        ("player.example.net", False),
        ("www\\046news.example", False),
        (".", False),
    ],
)
def test_a_site_is_its_name_and_all_below_it(name: str, opens: bool) -> None:
    assert bool(Sites((NEWS,)).opened(name, ME, NOW)) is opens


@pytest.mark.parametrize(
    ("name", "length"),
    [("player.example.net", 18), ("cdn.player.example.net", 18), ("example.net", 0), ("news.example", 0)],
)
def test_what_it_allows_is_a_name_and_all_below_it_while_its_window_is_open(name: str, length: int) -> None:
    sites = Sites((NEWS,))
    rule = RuleRef(Tier.SITES, "sites", "on news.example allow player.example.net", "site:1")
    found = sites.about(name, ME, NOW, on((ME.key, "site:1")))
    assert found == [SiteMatch(rule, (Scope.EVERYONE, length, True), NOW + 60, open=True)] * bool(length)
    closed = sites.about(name, ME, NOW, NOBODY)
    assert closed == [SiteMatch(rule, (Scope.EVERYONE, length, True), 0.0, open=False)] * bool(length)


def test_a_window_is_of_one_client_and_one_rule_and_ends() -> None:
    sites = Sites((NEWS, SiteEntry("blog.example", ("player.example.net",), key="site:2")))
    assert allowing(sites, "player.example.net", on((OTHER.key, "site:1"))) == []
    assert allowing(sites, "player.example.net", on((ME.key, "site:2"))) == ["site:2"]
    ending = on((ME.key, "site:1"), end=NOW + 5)
    assert allowing(sites, "player.example.net", ending, now=NOW + 4.9) == ["site:1"]
    assert allowing(sites, "player.example.net", ending, now=NOW + 5) == []


def test_a_device_is_one_client_at_all_its_addresses() -> None:
    sites = Sites((msg := SiteEntry("news.example", ("x.example",), client="tablet", key="k"), NEWS))
    again = Client("2001:db8::7", "kids", device="tablet")
    assert keys(sites, "news.example", TABLET) == keys(sites, "news.example", again) == [msg.key, NEWS.key]
    assert allowing(sites, "x.example", on(("tablet", "k")), again) == ["k"]
    assert keys(sites, "news.example", OTHER) == [NEWS.key]


@pytest.mark.parametrize(
    ("client", "group", "whom"),
    [
        ("", "", [ME, TABLET, OTHER]),
        ("192.0.2.1", "", [ME]),
        ("192.0.2.7", "", [TABLET]),
        ("tablet", "", [TABLET]),
        ("", "kids", [ME, TABLET]),
        ("192.0.2.9", "kids", []),
        ("tablet", "kids", [TABLET]),
        ("", "gone", []),
    ],
)
def test_it_concerns_whom_it_says(client: str, group: str, whom: list[Client]) -> None:
    sites = Sites((SiteEntry("news.example", ("x.example",), client=client, group=group, key="k"),))
    for one in (ME, TABLET, OTHER):
        concerned = one in whom
        assert bool(keys(sites, "news.example", one)) is concerned
        assert bool(allowing(sites, "x.example", on((one.key, "k")), one)) is concerned
        assert sites.momentary("x.example", one, NOW) is concerned


def test_always_needs_no_window_and_opens_none() -> None:
    sites = Sites((SiteEntry("news.example", ("x.example",), window=None, key="k"),))
    assert keys(sites, "news.example") == []
    (match,) = sites.about("x.example", ME, NOW, NOBODY)
    assert (match.open, match.until) == (True, math.inf)
    assert not sites.momentary("x.example", ME, NOW)
    assert not sites.momentary("news.example", ME, NOW)


def test_everything_is_every_name_the_sites_own_too() -> None:
    sites = Sites((SiteEntry("news.example", everything=True, key="k"),))
    for name in ("news.example", "x.example", "."):
        assert allowing(sites, name, on((ME.key, "k"))) == ["k"]
        assert allowing(sites, name, Open()) == []
        assert sites.momentary(name, ME, NOW)
    assert str(sites.about("x.example", ME, NOW, NOBODY)[0].rule) == "sites: on news.example allow all"
    assert sites.named("www.news.example", ME, NOW)
    assert not sites.named("x.example", ME, NOW)


def test_what_has_ended_is_void() -> None:
    for entry in (
        SiteEntry("news.example", ("x.example",), until=NOW + 10, key="k"),
        SiteEntry("news.example", ("x.example",), until=NOW + 10, window=None, key="k"),
        SiteEntry("news.example", everything=True, until=NOW + 10, key="k"),
    ):
        sites = Sites((entry,))
        visits = on((ME.key, "k"), end=NOW + 100)
        (match,) = sites.about("x.example", ME, NOW, visits)
        assert (match.open, match.until) == (True, NOW + 10)
        assert sites.about("x.example", ME, NOW + 10, visits) == []
        assert keys(sites, "news.example", now=NOW + 10) == []
        assert not sites.momentary("x.example", ME, NOW + 10)


def test_the_open_the_narrow_and_the_long_come_first() -> None:
    entries = (
        SiteEntry("a.example", ("net",), key="everyone, short"),
        SiteEntry("b.example", ("cdn.net",), key="everyone, long"),
        SiteEntry("c.example", ("net",), group="kids", key="group"),
        SiteEntry("d.example", ("net",), client=ME.address, key="me"),
        SiteEntry("e.example", everything=True, client=ME.address, key="me, all"),
        SiteEntry("f.example", ("x.cdn.net",), client=ME.address, key="closed"),
    )
    visits = on(*((ME.key, entry.key) for entry in entries[:-1]))
    found = [match.rule.own for match in Sites(entries).about("x.cdn.net", ME, NOW, visits)]
    assert found == ["me", "me, all", "group", "everyone, long", "everyone, short", "closed"]


def test_of_equals_the_one_that_lasts_comes_first() -> None:
    entries = tuple(SiteEntry(f"{n}.example", ("x.example",), key=str(n)) for n in range(3))
    visits = Open(**{f"{ME.key} {n}": NOW + n * n - 2 * n + 2 for n in range(3)})  # 2, 1, 2 seconds
    assert [match.rule.own for match in Sites(entries).about("x.example", ME, NOW, visits)] == ["0", "2", "1"]


def test_a_rule_that_names_a_name_twice_says_so_once_by_the_longer() -> None:
    sites = Sites((SiteEntry("news.example", ("example.net", "cdn.example.net", "example.net"), key="k"),))
    assert [match.strength[1] for match in sites.about("x.cdn.example.net", ME, NOW, NOBODY)] == [15]


def test_whoever_has_a_rule_of_their_own_is_personal() -> None:
    entries = (NEWS, SiteEntry("a", client="tablet"), SiteEntry("b", client="192.0.2.1"), SiteEntry("c", group="kids"))
    assert Sites(entries).personal == {"tablet", "192.0.2.1"}


LABELS = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3).map(".".join)
ENTRIES = st.builds(
    SiteEntry,
    site=LABELS,
    allow=st.lists(LABELS, max_size=3).map(tuple),
    everything=st.booleans(),
    window=st.sampled_from([None, 60]),
    client=st.sampled_from(["", "", ME.address, "tablet"]),
    group=st.sampled_from(["", "", "kids"]),
    until=st.sampled_from([None, NOW, NOW + 1]),
)


def _concerns(entry: SiteEntry, client: Client) -> bool:
    """By the words of the document."""
    return entry.client in ("", client.address, client.device) and entry.group in ("", client.group)


@given(st.lists(ENTRIES, max_size=8), LABELS, st.sampled_from([ME, TABLET, OTHER]), st.sets(st.integers(0, 7)))
def test_it_is_as_if_every_rule_were_looked_at(
    made: list[SiteEntry], name: str, client: Client, visited: set[int]
) -> None:
    entries = [
        SiteEntry(one.site, one.allow, one.everything, one.window, one.client, one.group, one.until, key=str(n))
        for n, one in enumerate(made)
    ]
    sites = Sites(tuple(entries))
    above = set(suffixes(name))
    held = [one for one in entries if _concerns(one, client) and (one.until is None or one.until > NOW)]
    opened = {one.key for one in held if one.window is not None and one.site in above}
    about = {one.key for one in held if one.everything or above & set(one.allow)}
    closed = {one.key for one in held if one.window is not None and int(one.key) not in visited}
    visits = on(*((client.key, str(n)) for n in visited))
    assert set(keys(sites, name, client)) == opened
    assert {match.rule.own for match in sites.about(name, client, NOW, visits)} == about
    assert set(allowing(sites, name, visits, client)) == about - closed
    windowed = {one.key for one in held if one.window is not None}
    assert sites.momentary(name, client, NOW) is bool(opened | about & windowed)
