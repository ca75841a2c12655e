"""The pages /lists, which lists are in use and how they are, and /lists/ID, all about one."""

from __future__ import annotations

import msgspec
from aiohttp import web
from msgspec import Raw

from resolver.admin.choicebodies import ChoiceInfo
from resolver.admin.handling import service
from resolver.admin.jobbodies import Job
from resolver.admin.listbodies import ListInfo
from resolver.admin.offerbodies import OfferedList, OfferedPreset
from resolver.admin.offering import PATH
from resolver.admin.pages.catalogue import language
from resolver.admin.pages.cataloguewords import BREAKS, CATEGORIES, LEVELS
from resolver.admin.pages.inside import inside, show
from resolver.admin.pages.numbers import first
from resolver.admin.pages.underway import looked_at
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError
from resolver.paths import STARTER

PAGE = "/lists"
SIZE = 20

_STATES = {
    "ok": "in force",
    "waiting": "waiting for its first version",
    "failing": "the last look for a version failed",
}


class Row(msgspec.Struct, frozen=True):
    """A list in use: whether it is `good`, in a `word`, which groups use it (`everyone`: all there are), whether
    there is a version before, or after, the one in force, and whether the first is on its way (`waits`). `stands_in`:
    it is the shipped list, in the place of others until they have a version."""

    info: ListInfo
    good: bool
    word: str
    groups: tuple[str, ...]
    everyone: bool
    older: bool
    newer: bool
    waits: bool
    stands_in: bool = False


class Lists(msgspec.Struct, frozen=True):
    """All that the page shows: of `all` lists those from the place `start`; `before` and `after` are addresses, "" at
    the ends. While something is `busy` the page is kept up to date; `measuring`: it is being looked into what they are
    good for; `compiling` is how much of that is done, in per cent (None: nothing is compiled). `choice` says whether
    the lists were chosen here."""

    all: int
    blocking: int
    rows: list[Row]
    before: str
    after: str
    presets: list[OfferedPreset]
    job: Job[Raw] | None
    lost: bool
    measuring: bool
    compiling: float | None
    choice: ChoiceInfo
    busy: bool


class One(msgspec.Struct, frozen=True):
    """All that the page of a list shows: `row` when it is in use, `offered` when the catalogue has it; one of both at
    least. `presets` are the titles of the presets in use that mean it."""

    id: str
    title: str
    row: Row | None
    offered: OfferedList | None
    presets: list[str]
    categories: list[tuple[str, str]]
    languages: list[str]
    job: Job[Raw] | None
    measuring: bool
    busy: bool
    levels: dict[str, str] = msgspec.field(default_factory=lambda: dict(LEVELS))
    breaks: dict[str, str] = msgspec.field(default_factory=lambda: dict(BREAKS))


async def page(request: web.Request) -> web.Response:
    """The lists in use: how they are, what they are good for, and presets."""
    asked = service(request)
    job, status = await looked_at(request), asked.status()
    measuring = asked.listing.looking()
    known, groups = asked.listing.known(), asked.offering.groups()
    start = first(request.query.get("from", ""), len(known), SIZE)
    rows = [_row(one, groups, asked) for one in known[start : start + SIZE]]
    shown = Lists(
        len(known),
        status.bundle.names,
        rows,
        f"{PAGE}?from={start - SIZE}" if start else "",
        f"{PAGE}?from={start + SIZE}" if start + SIZE < len(known) else "",
        asked.offering.catalogue().presets,
        job,
        bool(request.query.get("job")) and job is None,
        measuring,
        status.compiling,
        asked.choices.of(PATH),
        measuring or status.compiling is not None or _runs(job) or any(row.waits for row in rows),
    )
    return show(request, "lists.html", shown, inside(request))


async def one(request: web.Request) -> web.Response:
    """All about one list, in use or of the catalogue."""
    asked, id = service(request), request.match_info["id"]
    known = next((info for info in asked.listing.known() if info.id == id), None)
    offered = asked.offering.offered(id)
    if known is None and offered is None:
        raise ApiError(404, "not-found", "There is no such list, in use or in the catalogue.")
    job, measuring = await looked_at(request), known is not None and asked.listing.looking()
    row = _row(known, asked.offering.groups(), asked) if known else None
    shown = One(
        id,
        known.title if known else offered.title if offered else id,
        row,
        offered,
        [preset.title for preset in asked.offering.catalogue().presets if preset.mode and id in preset.lists],
        [(word, CATEGORIES[word][0]) for word in (offered.category if offered else ())],
        [language(code) for code in (offered.language if offered else ())],
        job,
        measuring,
        measuring or _runs(job) or (row is not None and row.waits),
    )
    return show(request, "list.html", shown, inside(request))


def _row(info: ListInfo, groups: dict[str, tuple[str, ...]], asked: Service) -> Row:
    mine = groups.get(info.id, ())
    current = next((place for place, version in enumerate(info.versions) if version.current), None)
    return Row(
        info,
        info.state == "ok" and info.refused is None,
        "a new version was refused" if info.refused else _STATES[info.state],
        mine,
        len(mine) == len(asked.config.groups),
        current is not None and current < len(info.versions) - 1,
        current is not None and current > 0,
        info.state == "waiting" and not info.error,
        info.id == STARTER and info.id not in groups,
    )


def _runs(job: Job[Raw] | None) -> bool:
    return job is not None and job.state == "running"


ROUTES = (
    Route("GET", PAGE, page, "read", content="text/html", page=True),
    Route("GET", PAGE + "/{id}", one, "read", content="text/html", page=True),
)
