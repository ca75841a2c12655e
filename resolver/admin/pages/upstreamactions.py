"""What the forms about upstreams do: testing one, and choosing others."""

from __future__ import annotations

from aiohttp import web
from msgspec import Raw

from resolver.admin.jobbodies import Job
from resolver.admin.pages.choosing import but
from resolver.admin.pages.inside import do
from resolver.admin.pages.underway import begin
from resolver.admin.pages.upstreams import PAGE, STRATEGIES, shown
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.errors import ApiError

Fields = dict[str, str]

_PATHS = {"upstreams": "The upstreams are", "strategy": "Whom of the upstreams to ask is"}


async def test(request: web.Request) -> web.Response:
    """Begin to test an upstream."""
    return await begin(request, _test, PAGE)


async def choose(request: web.Request) -> web.Response:
    """Forward to other upstreams."""
    return await do(request, _choose, PAGE, form_name="choose", again=shown)


async def strategy(request: web.Request) -> web.Response:
    """Say whom of the upstreams to ask."""
    return await do(request, _strategy, PAGE, form_name="strategy", again=shown)


async def as_file(request: web.Request) -> web.Response:
    """Have it as the config file says again."""
    return await do(request, _as_file, PAGE)


async def _test(asked: Service, fields: Fields) -> Job[Raw]:
    return asked.upstreaming.testing(fields.get("url", ""))


async def _choose(asked: Service, fields: Fields, by: str) -> str:
    given = [line.strip() for line in fields.get("upstreams", "").splitlines() if line.strip()]
    if not given:
        raise ApiError(400, "invalid", "name one upstream at least: a provider such as quad9, or a URL", "upstreams")
    note = await _put(asked, "upstreams", given, by)
    return f"Queries are forwarded to {', '.join(given)} now.{note}"


async def _strategy(asked: Service, fields: Fields, by: str) -> str:
    word = fields.get("strategy", "")
    note = await _put(asked, "strategy", word, by)
    return f"Whom to ask: {STRATEGIES[word]}.{note}"


async def _as_file(asked: Service, fields: Fields, by: str) -> str:
    path = fields.get("path", "")
    if path not in _PATHS:
        raise ApiError(400, "invalid", "say what: the upstreams or the strategy", "path")
    return f"{_PATHS[path]} as the config file says.{but((await asked.choices.drop(path, by)).note)}"


async def _put(asked: Service, path: str, value: object, by: str) -> str:
    """Choose it; what is wrong is said beside the field of that name."""
    try:
        return but((await asked.choices.put(path, value, by)).note)
    except ApiError as error:
        raise ApiError(error.status, error.code, str(error), path) from error


ROUTES = (
    Route("POST", f"{PAGE}/test", test, "write", page=True),
    Route("POST", f"{PAGE}/choose", choose, "write", page=True),
    Route("POST", f"{PAGE}/strategy", strategy, "write", page=True),
    Route("POST", f"{PAGE}/file", as_file, "write", page=True),
)
