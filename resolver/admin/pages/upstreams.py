"""The page /upstreams: whom Lull asks, how they are, how they were in the last 24 hours, and choosing others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from aiohttp import web
from msgspec import Raw

from resolver.admin.choicebodies import ChoiceInfo
from resolver.admin.handling import service
from resolver.admin.jobbodies import Job
from resolver.admin.pages import drawn
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.underway import looked_at
from resolver.admin.routing import Route
from resolver.admin.upstreambodies import UpstreamHour, UpstreamInfo, UpstreamTested
from resolver.config.providers import Provider

PAGE = "/upstreams"
HOURS = 24

STRATEGIES: Mapping[str, str] = {
    "fastest": "the fastest; a second one when it is late",
    "parallel": "several at once, and the first answer counts",
    "ordered": "as they are ordered: the next only when one fails",
    "random": "a random one each time",
    "sticky": "the names of a site always of the same one",
}

_HOUR = 3600
_KIND = "test-upstream"


class Row(msgspec.Struct, frozen=True):
    """An upstream: whether it is `good`, in words, what it is for, and the sums of its hours."""

    info: UpstreamInfo
    good: bool
    word: str
    purpose: str
    answered: int
    failed: int


class Hours(msgspec.Struct, frozen=True):
    """The last hours of one upstream, drawn and as they are, the latest first; the times are clock times."""

    url: str
    speed: drawn.Chart
    answers: drawn.Chart
    table: list[tuple[str, UpstreamHour]]


class Upstreams(msgspec.Struct, frozen=True):
    """All that the page shows. `hours` are those of one of the upstreams (None: there are none to show), `unanswered`
    the queries that nobody answered in them; `unknown` is why hours are not known. `tested` is what came of a test.
    `changing`: others were chosen a moment ago, and the rows are still about those before."""

    rows: list[Row]
    sentence: str
    hours: Hours | None
    unanswered: int
    unknown: str
    job: Job[Raw] | None
    lost: bool
    tested: UpstreamTested | None
    providers: list[Provider]
    chosen: ChoiceInfo
    strategy: ChoiceInfo
    lines: str
    strategies: list[tuple[str, str]]
    changing: bool


async def page(request: web.Request) -> web.Response:
    """How the upstreams are, and choosing others."""
    return await shown(request)


async def shown(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    """The page, with what was typed into one of its forms."""
    asked, job = service(request), await looked_at(request)
    found = await asked.upstreaming.every(HOURS)
    rows = [_row(one) for one in found.upstreams]
    chosen, given = asked.choices.of("upstreams"), request.query.get("url", "")
    told = msgspec.json.decode(job.result, type=UpstreamTested) if job and job.kind == _KIND and job.result else None
    page = Upstreams(
        rows,
        _sentence(rows),
        None if found.unknown else _hours(rows, given, found.since),
        sum(one.count for one in found.unanswered),
        found.unknown,
        job,
        bool(request.query.get("job")) and job is None,
        told,
        list(asked.upstreaming.providers.values()),
        chosen,
        asked.choices.of("strategy"),
        "\n".join(map(str, chosen.value if isinstance(chosen.value, list) else ())),
        [(word, f"{word}: {said}") for word, said in STRATEGIES.items()],
        asked.upstreaming.changing(),
    )
    return show(request, "upstreams.html", page, inside(request, typed=typed))


def _row(one: UpstreamInfo) -> Row:
    word = "does not answer" if not one.up else "is being looked for" if one.doubtful else "answers"
    if not one.asked and one.up:
        word = "not asked yet"
    failed = sum(hour.failed for hour in one.hours)
    return Row(one, one.up, word, _purpose(one.purpose), sum(hour.count for hour in one.hours), failed)


def _purpose(purpose: str) -> str:
    if not purpose:
        return "everything"
    return "only while the others say nothing" if purpose == "fallback" else purpose


def _sentence(rows: list[Row]) -> str:
    if not rows:
        return "Nothing is known of upstreams right now: no worker is connected."
    down = sum(not row.good for row in rows)
    if not down:
        return {1: "The upstream answers.", 2: "Both upstreams answer."}.get(
            len(rows), f"All {len(rows)} upstreams answer."
        )
    if len(rows) == 1:
        return "The upstream does not answer."
    return f"{down} of {len(rows)} upstreams {'does' if down == 1 else 'do'} not answer."


def _hours(rows: list[Row], url: str, since: float) -> Hours | None:
    """The hours of the upstream that is asked for, or of that which answered most."""
    row = next((one for one in rows if one.info.url == url), None) or max(
        rows, key=lambda one: one.answered, default=None
    )
    if row is None:
        return None
    by = {hour.at: hour for hour in row.info.hours}
    every = [int(since) + number * _HOUR for number in range(HOURS)]
    labels = [datetime.fromtimestamp(at).astimezone().strftime("%H:%M") for at in every]
    hours = [by.get(at) for at in every]
    ms: dict[str, list[float | None]] = {
        "usual": [one.p50 if one else None for one in hours],
        "failed": [one.p95 if one else None for one in hours],
    }
    counts = [{"answered": one.count - one.failed, "failed": one.failed} if one else {} for one in hours]
    columns = drawn.columns(
        "Answers by the hour", _answers(row), list(zip(labels, counts, strict=True)), ("answered", "failed")
    )
    table = [(label, one) for label, one in zip(labels, hours, strict=True) if one][::-1]
    speed = drawn.lines("How many milliseconds answers took, by the hour", _speed(table), labels, ms)
    return Hours(row.info.url, speed, columns, table)


def _answers(row: Row) -> str:
    if not row.answered:
        return "It answered nothing in the last 24 hours."
    queries = "query" if row.answered == 1 else "queries"
    return f"It answered {row.answered:,} {queries} in the last 24 hours, and failed at {row.failed:,} of them."


def _speed(table: list[tuple[str, UpstreamHour]]) -> str:
    if not table:
        return "Nothing was measured in the last 24 hours."
    label, slowest = max(table, key=lambda one: one[1].p95)
    usual = sorted(one.p50 for _, one in table)[len(table) // 2]
    return (
        f"Half of the answers took {usual:g} ms in a usual hour; from {label} on was the slowest, {slowest.p95:g} ms."
    )


ROUTES = (Route("GET", PAGE, page, "read", content="text/html", page=True),)
