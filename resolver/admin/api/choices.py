"""What people choose in place of what the config file says."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.choicebodies import ChoiceInfo, Chosen, NewChoice
from resolver.admin.choices import check_scope
from resolver.admin.handling import answer, body, service, who
from resolver.admin.principal import ADMIN, principal
from resolver.admin.routing import API, Route


async def listed(request: web.Request) -> web.Response:
    """What was chosen in place of what the config file says, by path."""
    return answer(service(request).choices.every())


async def one(request: web.Request) -> web.Response:
    """What is in force at a path of the config that can be chosen, and who says so.

    The paths are lists, upstreams, strategy, blocking, log.keep, log.size, log.privacy, and groups.NAME,
    groups.NAME.KEY and schedules.NAME.
    """
    return answer(service(request).choices.of(request.match_info["path"]))


async def put(request: web.Request) -> web.Response:
    """Choose a value in place of what the config file says.

    What was chosen for parts of the path is over. What the log keeps can be chosen by whoever may do everything.
    """
    new = await body(request, NewChoice)
    return answer(await service(request).choices.put(_path(request), new.value, who(request)))


async def drop(request: web.Request) -> web.Response:
    """Take back what was chosen for a path and its parts: it is as the config file says."""
    return answer(await service(request).choices.drop(_path(request), who(request)))


def _path(request: web.Request) -> str:
    path = request.match_info["path"]
    if not principal(request).may(ADMIN):
        check_scope([path])
    return path


_ONE = API + "/choices/{path}"

ROUTES = (
    Route("GET", f"{API}/choices", listed, "read", returns=list[ChoiceInfo]),
    Route("GET", _ONE, one, "read", returns=ChoiceInfo),
    Route("PUT", _ONE, put, "write", body=NewChoice, returns=Chosen, errors=(404, 409)),
    Route("DELETE", _ONE, drop, "write", returns=Chosen, errors=(404, 409)),
)
