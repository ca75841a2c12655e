"""Devices and groups."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.devicebodies import DeviceChange
from resolver.admin.handling import API, Nothing, answer, body, query, service, who


async def every(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).devices.every())


async def one(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(await service(request).devices.one(request.match_info["client"]))


async def put(request: web.Request) -> web.Response:
    """Name a device, put it in a group, or both."""
    query(request, Nothing)
    change = await body(request, DeviceChange)
    return answer(await service(request).devices.put(request.match_info["client"], change, who(request)))


async def forget(request: web.Request) -> web.Response:
    query(request, Nothing)
    await body(request, Nothing)
    return answer(await service(request).devices.forget(request.match_info["client"], who(request)))


async def groups(request: web.Request) -> web.Response:
    query(request, Nothing)
    return answer(service(request).devices.groups())


ROUTES = (
    web.get(f"{API}/clients", every),
    web.get(API + "/clients/{client}", one),
    web.put(API + "/clients/{client}", put),
    web.delete(API + "/clients/{client}", forget),
    web.get(f"{API}/groups", groups),
)
