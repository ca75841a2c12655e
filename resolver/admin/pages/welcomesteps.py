"""The pages of the first visit once there is an admin, each of which can be left out, or come back to: what to block
and whom to ask (/welcome/lists), and what the first devices are called (/welcome/devices)."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from aiohttp import web

from resolver.admin.devicebodies import DeviceChange, DeviceInfo
from resolver.admin.handling import made, service
from resolver.admin.offerbodies import OfferedPreset
from resolver.admin.pages.devices import key_of
from resolver.admin.pages.inside import NOTHING, Typed, do, inside, show
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.visitors import Visitor
from resolver.config.providers import Provider
from resolver.errors import ApiError

LISTS, DEVICES = "/welcome/lists", "/welcome/devices"
SHOWN = 12
"""Devices to name."""

_FEW = ("quad9", "mullvad", "cloudflare", "dns4eu-unfiltered", "adguard-unfiltered")
_AS_IT_IS, _AS_THE_FILE = "", "file"
_OF = "name-of-"  # how the fields of names begin; the rest is what the device is known by
_BREAKS = {
    "gentle": "Sites hardly ever break.",
    "balanced": "A site breaks now and then; the page Repair a site mends it.",
    "strict": "Expect to repair some sites and apps.",
    "family": "Search engines that cannot leave adult sites out, and apps that bring their own DNS, stop working.",
}

Fields = dict[str, str]


class Begin(msgspec.Struct, frozen=True):
    """All that the page of lists and upstreams shows: what can be chosen and what is (`preset` and `provider`, "" for
    something else), what is in use (`lists` and `upstreams`, as the config says it), and whether either was chosen."""

    presets: list[tuple[OfferedPreset, str]]
    providers: list[Provider]
    preset: str
    provider: str
    lists: list[str]
    upstreams: list[str]
    lists_chosen: bool
    upstreams_chosen: bool


class First(msgspec.Struct, frozen=True):
    """All that the page of devices shows: some devices by what their fields are called, that of whoever looks at it
    first (`own`; None: it is not known), how many there are `more`, and why there are none (`unread`)."""

    devices: list[tuple[str, DeviceInfo]]
    visitor: Visitor
    own: DeviceInfo | None
    more: int
    unread: str


async def lists(request: web.Request) -> web.Response:
    """What to block, and whom to ask: the second step of the first visit"""
    return await _lists(request)


async def begin(request: web.Request) -> web.Response:
    """Choose what to block, and whom to ask."""
    return await do(request, _begin, DEVICES, form_name="begin", again=_lists)


async def devices(request: web.Request) -> web.Response:
    """What the first devices are called: the last step of the first visit"""
    return await _devices(request)


async def call(request: web.Request) -> web.Response:
    """Say what devices are called."""
    return await do(request, _call, DEVICES, form_name="call", again=_devices)


async def _lists(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    asked = service(request)
    of, presets = asked.choices.of, asked.offering.catalogue().presets
    lists, upstreams = of("lists"), of("upstreams")
    words = [_word(one) for one in lists.value]
    shown = Begin(
        [(one, _BREAKS.get(one.id, "")) for one in presets],
        [one for id, one in asked.upstreaming.providers.items() if id in _FEW],
        next((one.id for one in presets if one.id in words), ""),
        next((word for word in upstreams.value if word in _FEW), ""),
        words,
        [_open(str(one)) for one in upstreams.value],
        lists.chosen,
        upstreams.chosen,
    )
    return show(request, "welcome_lists.html", shown, inside(request, typed=typed))


async def _begin(asked: Service, fields: Fields, by: str) -> str:
    preset, provider = fields.get("preset", _AS_IT_IS), fields.get("provider", _AS_IT_IS)
    values: dict[str, Any] = {}
    back = [path for path, word in (("lists", preset), ("upstreams", provider)) if word == _AS_THE_FILE]
    presets = {one.id for one in asked.offering.catalogue().presets}
    if preset in presets:
        own = [one for one in asked.choices.value("lists") if _word(one) not in presets]
        values["lists"] = [preset, *own]
    elif preset not in {_AS_IT_IS, _AS_THE_FILE}:
        raise ApiError(400, "invalid", "choose one of these", "preset")
    if provider in asked.upstreaming.providers:
        values["upstreams"] = [provider]
    elif provider not in {_AS_IT_IS, _AS_THE_FILE}:
        raise ApiError(400, "invalid", "choose one of these", "provider")
    if not values and not back:
        return "All of that stays as it is."
    note = await asked.choices.put_all(values, back, by)
    said = "That is chosen. New lists are downloaded now, which takes a minute."
    return f"{said} But it is not in force everywhere yet: {note}" if note else said


async def _devices(request: web.Request, typed: Typed = NOTHING) -> web.Response:
    asked = service(request)
    visitor = await asyncio.to_thread(asked.entrance.visitors.of, request.remote, request.headers)
    unread, found = "", []
    try:
        found = await asked.devices.every()
    except ApiError as error:
        unread = str(error)
    own = next((one for one in found if visitor.known and visitor.address in one.addresses), None)
    rest = sorted((one for one in found if one is not own and one.id is not None), key=lambda one: -(one.queries or 0))
    first = [
        *([own] if own is not None else []),
        *(one for one in rest if not one.name),
        *(one for one in rest if one.name),
    ]
    shown = [(f"{_OF}{key_of(one)}", one) for one in first[:SHOWN] if one.origin != "config"]
    page = First(shown, visitor, own, max(0, len(first) - SHOWN), unread)
    return show(request, "welcome_devices.html", page, inside(request, typed=typed))


async def _call(asked: Service, fields: Fields, by: str) -> str:
    named = 0
    for field, name in fields.items():
        if not field.startswith(_OF) or not name.strip():
            continue
        try:
            change = made({"name": name.strip()}, DeviceChange)
            done = await asked.devices.put(field.removeprefix(_OF), change, by)
        except ApiError as error:
            raise ApiError(error.status, error.code, str(error), field) from error
        named += done.changed
    if not named:
        return "Nothing was changed."
    return "One device has another name now." if named == 1 else f"{named} devices have other names now."


def _word(one: Any) -> str:
    return str(one.get("id", "")) if isinstance(one, dict) else str(one)


def _open(url: str) -> str:
    """An upstream without what may be somebody's own in it."""
    return "a stamp (sdns://…)" if url.startswith("sdns:") else url


ROUTES = (
    Route("GET", LISTS, lists, "admin", content="text/html", page=True),
    Route("POST", LISTS, begin, "admin", page=True),
    Route("GET", DEVICES, devices, "admin", content="text/html", page=True),
    Route("POST", DEVICES, call, "admin", page=True),
)
