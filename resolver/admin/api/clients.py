"""Devices and groups."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.bodies import Done
from resolver.admin.devicebodies import DeviceChange, DeviceHour, DeviceInfo, DeviceResult, GroupInfo
from resolver.admin.handling import answer, body, service, who
from resolver.admin.routing import API, Route
from resolver.admin.servicebodies import Services


async def every(request: web.Request) -> web.Response:
    """Every device that is known or was seen."""
    return answer(await service(request).devices.every())


async def one(request: web.Request) -> web.Response:
    """A device, by an address, its MAC address or its name."""
    return answer(await service(request).devices.one(request.match_info["client"]))


async def hours(request: web.Request) -> web.Response:
    """The last 24 hours of a device, one by one, the one of now last."""
    devices = service(request).devices
    return answer(await devices.hours(await devices.one(request.match_info["client"])))


async def put(request: web.Request) -> web.Response:
    """Name a device, put it in a group, or say what the log keeps of it."""
    change = await body(request, DeviceChange)
    return answer(await service(request).devices.put(request.match_info["client"], change, who(request)))


async def forget(request: web.Request) -> web.Response:
    """Forget what people said of a device: its name and its group."""
    return answer(await service(request).devices.forget(request.match_info["client"], who(request)))


async def groups(request: web.Request) -> web.Response:
    """The groups, who is in them and what holds for them."""
    return answer(service(request).devices.groups())


async def services(request: web.Request) -> web.Response:
    """The services to block and the engines whose search can be safe, and for whom they are."""
    return answer(service(request).serving.every())


_ONE = API + "/clients/{client}"

ROUTES = (
    Route("GET", f"{API}/clients", every, "read", returns=list[DeviceInfo]),
    Route("GET", _ONE, one, "read", returns=DeviceInfo),
    Route("GET", f"{_ONE}/hours", hours, "read", returns=list[DeviceHour]),
    Route("PUT", _ONE, put, "write", body=DeviceChange, returns=DeviceResult, errors=(409,)),
    Route("DELETE", _ONE, forget, "write", returns=Done, errors=(409,)),
    Route("GET", f"{API}/groups", groups, "read", returns=list[GroupInfo]),
    Route("GET", f"{API}/services", services, "read", returns=Services),
)
