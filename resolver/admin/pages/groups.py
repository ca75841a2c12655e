"""The pages /groups and /groups/NAME: who is in a group, and what holds for it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import msgspec
from aiohttp import web

from resolver.admin.devicebodies import DeviceInfo, GroupInfo
from resolver.admin.handling import service
from resolver.admin.pages.choosing import told
from resolver.admin.pages.devices import key_of
from resolver.admin.pages.groupform import PARTS, Said, said_of
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.tonight import Standing, standing_of
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.config.leaves import shown as quoted
from resolver.config.read import likely
from resolver.errors import ApiError
from resolver.policy.clients import DEFAULT

PAGE = "/groups"
MEMBERS = 30


class Shown(msgspec.Struct, frozen=True):
    """All that the page of every group shows; `members` are how many devices were seen in each."""

    groups: list[GroupInfo]
    members: dict[str, int]
    may: bool


class Member(msgspec.Struct, frozen=True):
    """A device of a group: what it is called, where it was seen last, and the address of its page."""

    name: str
    address: str
    path: str


class One(msgspec.Struct, frozen=True):
    """All that the page of one group shows: the first `members` of `count` devices that were seen in it, and what its
    forms say. `chosen` says by whom a part was chosen, by the part. `services` are titles."""

    group: GroupInfo
    members: list[Member]
    count: int
    said: Said
    chosen: dict[str, str]
    lists: list[tuple[str, bool]]
    schedules: list[tuple[str, bool]]
    services: list[str]
    engines: list[str]
    standing: list[Standing]
    is_default: bool
    log: bool
    may: bool


async def page(request: web.Request) -> web.Response:
    """The groups, who is in them and what holds for them."""
    return await shown(request)


async def one(request: web.Request) -> web.Response:
    """A group: who is in it, and what holds for it."""
    return await shown_one(request, request.match_info["group"])


async def again(request: web.Request, typed: Typed) -> web.Response:
    """The page that a form was on, with what was typed."""
    group = typed.fields.get("group", "")
    return await (shown_one(request, group, typed) if group else shown(request, typed))


async def shown(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    asked = service(request)
    members: dict[str, int] = {}
    for device in await asked.devices.every():
        members[device.group] = members.get(device.group, 0) + 1
    page = Shown(asked.devices.groups(), members, principal(request).may("write"))
    top = msgspec.structs.replace(inside(request, typed=typed), here=PAGE)
    return show(request, "groups.html", page, top)


async def shown_one(request: web.Request, name: str, typed: Typed = NOTHING) -> web.Response:
    asked, may = service(request), principal(request)
    group = _group(asked, name)
    every = [device for device in await asked.devices.every() if device.group == name]
    config = asked.config
    offered = asked.serving.every()
    page = One(
        group=group,
        members=[_member(device) for device in every[:MEMBERS]] if may.may("log") else [],
        count=len(every),
        said=said_of(_value(asked, name)),
        chosen={part: told(asked, f"groups.{name}.{part}") for part in PARTS},
        lists=[(source.id, source.id in group.lists) for source in config.lists],
        schedules=[(schedule, schedule in group.schedules) for schedule in config.schedules],
        services=[it.title for it in offered.services if it.id in group.services],
        engines=[it.title for it in offered.engines if it.id in group.safe_search],
        standing=await _standing(asked, name),
        is_default=name == DEFAULT,
        log=may.may("log"),
        may=may.may("write"),
    )
    top = msgspec.structs.replace(inside(request, typed=typed), here=f"{PAGE}/{quote(name)}")
    return show(request, "group.html", page, top)


async def _standing(asked: Service, group: str) -> list[Standing]:
    """How its schedules stand; nothing while that cannot be known."""
    try:
        return await standing_of(asked, "", group)
    except ApiError:
        return []


def _value(asked: Service, name: str) -> dict[str, Any]:
    value = asked.choices.value(f"groups.{name}")
    return value if isinstance(value, dict) else {}


def _group(asked: Service, name: str) -> GroupInfo:
    groups = {group.name: group for group in asked.devices.groups()}
    if name not in groups:
        raise ApiError(404, "not-found", f"there is no group {quoted(name)}{likely(name, groups)}", "group")
    return groups[name]


def _member(device: DeviceInfo) -> Member:
    address = next(iter(device.addresses), device.mac)
    return Member(device.name or device.host or address, address, f"/devices/{quote(key_of(device), safe=':')}")


ROUTES = (
    Route("GET", PAGE, page, "read", content="text/html", page=True),
    Route("GET", f"{PAGE}/{{group}}", one, "read", content="text/html", page=True),
)
