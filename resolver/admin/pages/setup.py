"""The pages at /setup: how devices are set up so that they use Lull. For everybody in the house: what they tell any
device can find out."""

from __future__ import annotations

from itertools import groupby

import msgspec
from aiohttp import web

from resolver.admin import mobileconfig
from resolver.admin.handling import service
from resolver.admin.pages.inside import inside, show
from resolver.admin.pages.qr import Code, code
from resolver.admin.pages.setupsteps import APPLE, SYSTEMS, System, guessed, system
from resolver.admin.routing import Route
from resolver.admin.setup import Reach, Uses
from resolver.admin.visitors import Visitor

PAGE = "/setup"
PROFILE = f"{PAGE}/{mobileconfig.FILE}"


class Setup(msgspec.Struct, frozen=True):
    """All that a page shows. `system` is whose steps it has (None: it is the first page), `guess` what the browser
    says it is on; `codes` are of `reach.page` and `reach.url`, where there are such. `profile` is where a profile for
    this system is ("": there is none), `signed` whether somebody vouches for it."""

    reach: Reach
    uses: Uses
    visitor: Visitor
    systems: tuple[tuple[str, tuple[System, ...]], ...]
    system: System | None = None
    guess: System | None = None
    page_code: Code | None = None
    url_code: Code | None = None
    profile: str = ""
    signed: bool = False


async def page(request: web.Request) -> web.Response:
    """Where devices reach Lull, whether this one uses it, and the systems there are steps for."""
    reach = _reach(request)
    shown = Setup(
        reach,
        *_device(request),
        _SYSTEMS,
        guess=guessed(request.headers.get("User-Agent", "")),
        page_code=code(f"{reach.page}{PAGE}") if reach.page else None,
        url_code=code(reach.url) if reach.url else None,
    )
    return show(request, "setup.html", shown, inside(request))


async def steps(request: web.Request) -> web.Response:
    """The steps for a system."""
    found = system(request.match_info["system"])
    if found is None:
        raise web.HTTPNotFound
    reach = _reach(request)
    shown = Setup(reach, *_device(request), _SYSTEMS, found)
    if found.id in APPLE and reach.encrypted:
        signed = await _signed(request, reach, mobileconfig.profile(reach)) is not None
        shown = msgspec.structs.replace(shown, profile=PROFILE, signed=signed)
    return show(request, f"setup_{found.id}.html", shown, inside(request))


async def profile(request: web.Request) -> web.Response:
    """A profile for Apple's systems, by which they use encrypted DNS at home."""
    reach = _reach(request)
    made = mobileconfig.profile(reach)
    headers = {"Content-Disposition": f'attachment; filename="{mobileconfig.FILE}"'}
    body = await _signed(request, reach, made) or made
    return web.Response(body=body, content_type=mobileconfig.CONTENT, headers=headers)


async def _signed(request: web.Request, reach: Reach, made: bytes) -> bytes | None:
    """The profile in a signature; None where there is none, and for addresses that anybody could have had put there:
    they would come to somebody else in our name."""
    if reach.claimed:
        return None
    encrypted = service(request).config.encrypted
    return await service(request).signer.signed(made, encrypted.certificate, encrypted.key)


def _reach(request: web.Request) -> Reach:
    name = request.transport.get_extra_info("sockname") if request.transport is not None else None
    here = str(name[0]).partition("%")[0] if name else ""
    return service(request).setup.reach(here, request.host, request.scheme)


def _device(request: web.Request) -> tuple[Uses, Visitor]:
    asked = service(request)
    visitor = asked.entrance.visitors.of(request.remote, request.headers)
    return asked.setup.uses(visitor), visitor


_SYSTEMS = tuple((kind, tuple(them)) for kind, them in groupby(SYSTEMS, key=lambda one: one.kind))

ROUTES = (
    Route("GET", PAGE, page, "open", content="text/html", page=True),
    Route("GET", PROFILE, profile, "open", content=mobileconfig.CONTENT, page=True, errors=(404,)),
    Route("GET", PAGE + "/{system:[a-z]{1,16}}", steps, "open", content="text/html", page=True, errors=(404,)),
)
