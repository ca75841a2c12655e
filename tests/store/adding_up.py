"""What must hold of the tables of the log whatever happened, each as a plain loop over its rows."""

from __future__ import annotations

import pathlib
from collections import Counter
from typing import Any

from resolver.store.face import Store
from resolver.store.interning import digest
from resolver.store.speeds import speed
from resolver.store.tables import reverse
from resolver.store.terms import Of, block, term
from tests.store.making import look

HOUR, DAY = 3600, 86_400

Logged = tuple[Any, ...]

FIELDS = (
    *("client", "group", "name", "type", "rcode", "origin", "verdict", "source", "rule", "via", "upstream"),
    *("shadow", "at", "count", "took_us"),
)

_ROWS = """
SELECT l.id, c.client, f."group", n.name, f.type, f.rcode, f.origin, f.verdict, f.source, k.rule, k.via, f.upstream,
       k.shadow, l.at, l.count, l.took_us, l.name, l.client, l.kind, k.facet, f.speed
FROM log l LEFT JOIN names n ON n.id = l.name LEFT JOIN clients c ON c.id = l.client
LEFT JOIN kinds k ON k.id = l.kind LEFT JOIN facets f ON f.id = k.facet ORDER BY l.id
"""


def logged(where: pathlib.Path | Store) -> list[Logged]:
    """The rows of the log with what their numbers stand for: FIELDS, oldest first."""
    return [row[1 : len(FIELDS) + 1] for row in look(where, _ROWS)]


def check(where: pathlib.Path | Store, *, made: frozenset[int] = frozenset(), off: int = 0, whole: bool = True) -> None:
    """Everything that is kept beside the rows says what they say. No name was left out of a sum; `made` are the days
    that were made of their hours, `off` queries that privacy kept out of the log. Not `whole`: some were forgotten, but
    stay in what is counted without names."""
    rows: list[Any] = look(where, _ROWS)
    assert not any(None in row for row in rows), "a number that stands for nothing"
    _check_values(where)
    postings: set[object] = set()
    blocks: dict[int, tuple[int, int]] = {}
    facets: Counter[tuple[int, int]] = Counter()
    people: dict[str, tuple[Counter[tuple[int, int]], Counter[tuple[int, int]]]]
    people = {"clients": (Counter(), Counter()), "names": (Counter(), Counter())}
    for id, *_, at, count, took, name, client, kind, facet, fast in rows:
        verdict = _[6]
        assert fast == speed(took)
        terms = ((Of.NAME, name), (Of.CLIENT, client), (Of.KIND, kind), (Of.FACET, facet))
        postings |= {(term(of, number), block(id)) for of, number in terms}
        first, last = blocks.get(block(id), (at, at))
        blocks[block(id)] = min(first, at), max(last, at)
        facets[at // HOUR * HOUR, facet] += count
        for table, number in (("names", name), ("clients", client)):
            people[table][0][at // HOUR * HOUR, number] += count
            people[table][1][at // HOUR * HOUR, number] += count if verdict == "block" else 0
    assert set(look(where, "SELECT term, block FROM postings")) == postings
    assert {row[0]: row[1:] for row in look(where, "SELECT block, first, last FROM blocks")} == blocks
    if whole:
        assert {row[:2]: row[2] for row in look(where, "SELECT hour, facet, count FROM hour_facets")} == facets
    for table, (counts, blocked) in people.items():
        found = look(where, f"SELECT hour, {table[:-1]}, count, blocked FROM hour_{table}")
        assert {row[:2]: row[2:] for row in found} == {key: (count, blocked[key]) for key, count in counts.items()}
    _check_days(where, made)
    _check_totals(where, rows, off)


def _check_values(where: pathlib.Path | Store) -> None:
    """Every value once, by the key that it is found by."""
    for _, key, name in look(where, "SELECT id, key, name FROM names"):
        assert key == reverse(str(name))
    kinds: list[Any] = look(where, "SELECT facet, rule, via, shadow, digest FROM kinds")
    assert all(bytes(made) == digest(*kind) for *kind, made in kinds)
    for table, values in (
        ("names", "name"),
        ("clients", "client"),
        ("kinds", "facet, rule, via, shadow"),
        ("facets", '"group", type, rcode, origin, verdict, source, upstream, speed'),
    ):
        found = look(where, f"SELECT {values} FROM {table}")
        assert len(set(found)) == len(found), table


def _check_days(where: pathlib.Path | Store, made: frozenset[int]) -> None:
    assert {day for (day,) in look(where, "SELECT DISTINCT day FROM day_facets")} == made
    for table, sums in (("facets", "count"), ("clients", "count, blocked"), ("names", "count, blocked")):
        of_day: dict[tuple[object, object], list[int]] = {}
        hours: list[Any] = look(where, f"SELECT hour, {table[:-1]}, {sums} FROM hour_{table}")
        for hour, number, *counts in hours:
            if hour // DAY * DAY in made:
                day = of_day.setdefault((hour // DAY * DAY, number), [0] * len(counts))
                day[:] = [old + new for old, new in zip(day, counts, strict=True)]
        found = look(where, f"SELECT day, {table[:-1]}, {sums} FROM day_{table}")
        assert {row[:2]: list(row[2:]) for row in found} == of_day


def _check_totals(where: pathlib.Path | Store, rows: list[Any], off: int) -> None:
    hours: Counter[object] = Counter()
    for row in rows:
        hours[row[13] // HOUR * HOUR] += row[14]
    dropped: list[Any] = look(where, "SELECT hour, count FROM drops")
    hours.update(dict(dropped))
    totals: list[Any] = look(where, "SELECT hour, sum(count) FROM totals GROUP BY hour")
    if off:
        assert sum(count for _, count in totals) == sum(hours.values()) + off
    else:
        assert dict(totals) == {hour: count for hour, count in hours.items() if count}
