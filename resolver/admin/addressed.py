"""Whether a request is addressed as one to us can be: to a name that is ours, and with no secret in its URL."""

from __future__ import annotations

from aiohttp import web

from resolver.admin.bearers import BEARERS
from resolver.admin.hosts import is_ours
from resolver.admin.routing import route_of
from resolver.admin.tokens import PREFIX
from resolver.config.leaves import shown
from resolver.config.schema import Config
from resolver.errors import ApiError

_SECRETS = frozenset(
    {"token", "access_token", "auth", "authorization", "api_key", "apikey", "key", "password", "passwd", "secret"}
)
_TOKEN = 20  # characters behind the prefix that make a token of ours


def check_address(request: web.Request, config: Config) -> None:
    """Raise ApiError 421 for a name that is not this machine's, and 400 for a secret in the URL, which others get to
    see: servers log it, browsers keep it."""
    hosts = request.headers.getall("Host", [])
    if len(hosts) != 1 or not is_ours(hosts[0], config):
        name = shown(hosts[0].rpartition(":")[0] or hosts[0]) if hosts else "no name"
        raise ApiError(
            421,
            "misdirected",
            f"this machine is not known as {name}: use its address, or add the name to admin.hosts in the config",
        )
    route = route_of(request)
    known = {field.lower() for field in route.query.__struct_fields__} if route is not None else set()
    for name, value in request.query.items():
        if (name.lower() in _SECRETS - known) or _is_token(request, value):
            raise ApiError(
                400,
                "secret-in-url",
                "a token or password in a URL is refused, as others get to see it: think it known by now, make another "
                "one, and send it in the header Authorization: Bearer TOKEN",
            )


def _is_token(request: web.Request, value: str) -> bool:
    found = value.startswith(PREFIX) and len(value) >= len(PREFIX) + _TOKEN
    return found or request.app[BEARERS].is_ours(value)
