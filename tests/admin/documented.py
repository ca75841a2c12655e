"""What the API answers in these tests is what its document says: each answer is held against its route."""

from __future__ import annotations

import functools
import re

import msgspec

from resolver.admin.app import ROUTES
from resolver.admin.jobbodies import ErrorBody
from resolver.admin.refusals import refusals
from resolver.admin.routing import API, JSON, Route

_PART = re.compile(r"\{\w+(?::((?:[^{}]|\{[^{}]*\})+))?\}")


def check(method: str, path: str, status: int, kind: str, text: str) -> None:
    """Fail for an answer (status, Content-Type, body) that the document does not have. What failed at home, and what no
    route is for, is left alone."""
    route = route_for(method, path.partition("?")[0])
    if route is None or (status >= 500 and status not in refusals(route)) or status == 431:
        return
    what = f"{method} {path}: {status}"
    if status >= 400:
        assert status in refusals(route), f"{what} is not said to be possible: {text}"
        msgspec.json.decode(text, type=ErrorBody)
        return
    assert status in {*(route.also or (200,)), 304}, f"{what} is not said to be possible"
    if status == 304 or not text:
        return
    assert kind.partition(";")[0] in route.content.split(", "), f"{what} is {kind}"
    if route.content == JSON and route.returns is not None:
        value = msgspec.json.decode(text, type=route.returns)
        again = msgspec.json.decode(msgspec.json.encode(value))
        assert again == msgspec.json.decode(text), f"{what} is other than {route.returns}"


def route_for(method: str, path: str) -> Route | None:
    """The route that answers, as far as paths tell: those without variable parts come first."""
    found = (one for one, pattern in _patterns() if one.method == method and pattern.fullmatch(path))
    return next(found, None)


@functools.cache
def _patterns() -> list[tuple[Route, re.Pattern[str]]]:
    ours = sorted((one for one in ROUTES if one.path.startswith(API)), key=lambda one: one.path.count("{"))
    return [(one, re.compile(_PART.sub(lambda part: part[1] or "[^/]+", one.path))) for one in ours]
