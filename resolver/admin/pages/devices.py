"""The page /devices: everybody who asks, what they are called, and the group they are in."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from aiohttp import web
from yarl import URL

from resolver.admin.devicebodies import DeviceInfo
from resolver.admin.handling import query, service
from resolver.admin.pages.inside import BACK, NOTHING, Typed, inside, ours, show
from resolver.admin.pages.numbers import first
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.config import called

PAGE = "/devices"
SIZE = 50
"""Devices of one page."""

PRIVACIES = (
    ("", "as its group"),
    ("full", "everything"),
    ("no-client", "not which device it was"),
    ("no-name", "no names"),
    ("off", "nothing"),
)
"""What the log can keep of a device, and how people say that."""

_SORTS: dict[str, tuple[str, Callable[[DeviceInfo], Any]]] = {
    "last": ("Last seen", lambda one: -one.last),
    "queries": ("Most queries", lambda one: -(one.queries or 0)),
    "name": ("Name", lambda one: (not one.name, one.name.lower())),
}
_FIRST = next(iter(_SORTS))


class Looked(msgspec.Struct, frozen=True):
    """Which devices to show: those in which `q` is, from this one on; `edit` is the one whose form to show."""

    q: str = ""
    sort: str = _FIRST
    start: str = msgspec.field(name="from", default="0")
    edit: str = ""


class Row(msgspec.Struct, frozen=True):
    """A device: how it is named in addresses and forms (`key`), and the address of its page."""

    info: DeviceInfo
    key: str
    path: str


class Shown(msgspec.Struct, frozen=True):
    """All that the page shows: `found` of `every` devices, of which `rows` are those from number `start` on. `editing`
    is the one whose form is shown. `before` and `after` are the addresses of the pages around ("": none)."""

    rows: list[Row]
    every: int
    found: int
    start: int
    q: str
    sort: str
    sorts: tuple[tuple[str, str], ...]
    editing: str
    groups: tuple[tuple[str, str], ...]
    before: str
    after: str
    may: bool
    counted: bool
    privacies: tuple[tuple[str, str], ...] = PRIVACIES


async def page(request: web.Request) -> web.Response:
    """Every device: what it is called, the group it is in, when it was seen, and how much it asked today."""
    return await shown(request, query(request, Looked))


async def again(request: web.Request, typed: Typed) -> web.Response:
    """The page that a form was on, with what was typed."""
    back = URL(ours(typed.fields.get(BACK, "")) or PAGE)
    there = {one: back.query.get(one, "") for one in ("q", "sort", "from")}
    looked = Looked(there["q"], there["sort"], there["from"], typed.fields.get("device", ""))
    return await shown(request, looked, typed)


async def shown(request: web.Request, looked: Looked, typed: Typed = NOTHING) -> web.Response:
    asked = service(request)
    every = await asked.devices.every()
    text = called.key(looked.q.strip())
    found = [one for one in every if not text or _has(one, text)]
    sort = looked.sort if looked.sort in _SORTS else _FIRST
    found.sort(key=_SORTS[sort][1])
    start = first(looked.start, len(found), SIZE)

    def at(number: int) -> str:
        here = {"q": looked.q, "sort": sort if sort != _FIRST else "", "from": number or ""}
        kept = {key: value for key, value in here.items() if value}
        return f"{PAGE}?{urlencode(kept, safe=':')}" if kept else PAGE

    page = Shown(
        rows=_rows(every, found[start : start + SIZE], looked.edit),
        every=len(every),
        found=len(found),
        start=start,
        q=looked.q,
        sort=sort,
        sorts=tuple((key, title) for key, (title, _) in _SORTS.items()),
        editing=looked.edit,
        groups=group_options(asked.config.groups),
        before=at(start - SIZE) if start else "",
        after=at(start + SIZE) if start + SIZE < len(found) else "",
        may=principal(request).may("write"),
        counted=all(one.queries is not None for one in every if one.id is not None),
    )
    top = inside(request, typed=typed)
    here = at(start)  # without the form, which is over once it is sent
    return show(request, "devices.html", page, msgspec.structs.replace(top, here=here))


def _rows(every: Iterable[DeviceInfo], shown: list[DeviceInfo], edit: str) -> list[Row]:
    """Those that are shown; and before them the one that is edited, wherever it is."""
    found = [Row(one, key := key_of(one), f"{PAGE}/{quote(key, safe=':')}") for one in shown]
    if not edit or any(row.key == edit for row in found):
        return found
    edited = (one for one in every if key_of(one) == edit)
    return [*(Row(one, edit, f"{PAGE}/{quote(edit, safe=':')}") for one in edited), *found]


def key_of(one: DeviceInfo) -> str:
    """What a device is known by here, whatever it is called next: its MAC address, the address it was last seen at,
    its id or, where nobody has seen it yet, its name."""
    there = one.id is not None or not one.name
    return one.mac or next(iter(one.addresses if there else ()), "") or str(one.id or one.name)


def group_options(groups: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """The groups that people can put a device in, and what that is called."""
    return ("", "as its address says"), *((name, name) for name in groups)


def _has(one: DeviceInfo, text: str) -> bool:
    texts = (one.name, one.host, one.mac, one.group, *one.addresses)
    return any(text in called.key(said) for said in texts)


ROUTES = (Route("GET", PAGE, page, "log", query=Looked, content="text/html", page=True),)
