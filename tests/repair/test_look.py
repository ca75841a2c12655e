"""What the log of a device says of a site, with a log that is a list."""

from __future__ import annotations

from collections.abc import Sequence

from resolver.repair.domains import is_below
from resolver.repair.loads import MOST, STEP
from resolver.repair.look import Evidence, look
from resolver.repair.suspects import Asked

NOON = 1_767_268_800 // STEP * STEP


class Rows:
    """A log (look.DeviceLog) in memory."""

    def __init__(self, rows: list[Asked]) -> None:
        self.rows = sorted(rows, key=lambda one: one.at)

    def times(self, site: str) -> list[int]:
        return [one.at for one in self.rows if is_below(one.name, site)]

    def between(self, begins: int, ends: int) -> list[Asked]:
        return [one for one in self.rows if begins <= one.at <= ends]

    def steps(self) -> set[int]:
        return {one.at // STEP for one in self.rows}

    def steps_of(self, names: Sequence[str]) -> list[tuple[str, int]]:
        return sorted({(one.name, one.at // STEP) for one in self.rows if one.name in names})


def page(at: int, *names: str) -> list[Asked]:
    """A page is loaded: its own name, and then what else it needs. A name with a ! is blocked."""
    return [
        Asked(at + place, name.rstrip("!"), name.endswith("!"), "ads", f"||{name.rstrip('!')}^")
        for place, name in enumerate(names)
    ]


def found(rows: list[Asked], site: str = "news.example") -> Evidence:
    return look(Rows(rows), site, lambda name: ".".join(name.split(".")[-2:]))


def test_a_site_that_misses_something() -> None:
    rows = page(NOON, "www.news.example", "player.tv!", "stats.biz!") + page(NOON + 3600, "news.example", "player.tv!")
    for n in range(1, 40):
        rows += page(NOON - 600 * n, f"www.shop{n % 2}.example", "stats.biz!")
    evidence = found(rows)
    assert [known.suspect.domain for known in evidence.known] == ["player.tv", "stats.biz"]
    assert (evidence.of, len(evidence.loads)) == (2, 2)
    player, stats = evidence.known
    assert (player.suspect.with_site, player.suspect.loads, player.others) == (2, 2, ())
    assert stats.suspect.lift < player.suspect.lift
    assert set(stats.others) == {"shop0.example", "shop1.example"}


def test_what_follows_while_the_site_may_be_remembered_says_nothing() -> None:
    """A reload within its TTL asks for what is blocked again, and not for the site."""
    rows = page(NOON, "news.example", "player.tv!")
    for n in range(1, 5):
        rows += page(NOON + 60 * n, "player.tv!")
    (known,) = found(rows).known
    assert (known.suspect.with_site, known.suspect.loads) == (1, 1)
    assert known.suspect.share == found(page(NOON, "news.example", "player.tv!")).known[0].suspect.share


def test_only_the_newest_loads_are_looked_at() -> None:
    rows = [one for n in range(MOST + 9) for one in page(NOON + 1000 * n, "news.example", "player.tv!")]
    evidence = found(rows)
    assert (evidence.of, len(evidence.loads)) == (MOST + 9, MOST)
    assert evidence.loads[-1].begins == NOON + 1000 * (MOST + 8) - 1


def test_a_site_nobody_was_on() -> None:
    assert found(page(NOON, "other.example", "player.tv!")) == Evidence([], 0, [])


def test_a_site_where_nothing_is_blocked() -> None:
    evidence = found(page(NOON, "news.example", "cdn.example"))
    assert (evidence.of, evidence.known) == (1, [])


def test_the_site_s_own_blocked_names_are_suspects_too() -> None:
    evidence = found(page(NOON, "www.news.example", "metrics.news.example!"))
    assert [known.suspect.domain for known in evidence.known] == ["news.example"]


def test_what_came_before_the_site_s_own_name_comes_last() -> None:
    rows = [*page(NOON - 1, "early.org!"), *page(NOON, "news.example", "late.tv!")]
    assert [known.suspect.domain for known in found(rows).known] == ["late.tv", "early.org"]
