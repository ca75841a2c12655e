"""The page /why: what becomes of a name on a device, by which rule, what lost against it, and how to change that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlencode

import msgspec
from aiohttp import web
from yarl import URL

from resolver.admin import checks
from resolver.admin.handling import service
from resolver.admin.pages.inside import Inside, Typed, do, inside, show
from resolver.admin.pages.logoffered import DEVICES, TYPES
from resolver.admin.pages.ruled import GOOD, LASTS, Action, lasts_of, rule_for, ruled, scope_of
from resolver.admin.principal import principal
from resolver.admin.routing import Route
from resolver.admin.service import Service
from resolver.admin.whybodies import MatchedRule, Why
from resolver.config.leaves import show_duration
from resolver.config.names import plain_in
from resolver.errors import ApiError, TextError
from resolver.model import Tier
from resolver.wire.zone import type_number

PAGE = "/why"
FORM, ACT = "why", "act"
"""What the page calls its forms."""

FIELDS = ("name", "client", "type", "at")

Pair = tuple[str, str]


class Explained(msgspec.Struct, frozen=True):
    """All that the page shows. `why` is None where nothing was asked, or it cannot be told. `form` is what was asked,
    and what is wrong with it. `decided` is the rule that decided, `others` are those that lost or say the same;
    `remembered` what is known of it from before, in sentences; `act` is what can be done about it, for `lasts` and
    `whom`; `log`, `repair` and `diagnose` are addresses."""

    form: Typed
    devices: list[str]
    why: Why | None = None
    decided: MatchedRule | None = None
    others: list[MatchedRule] = []
    remembered: list[str] = []
    at: bool = False
    act: str = ""
    lasts: list[Pair] = []
    whom: list[Pair] = []
    log: str = ""
    repair: str = ""
    diagnose: str = ""
    types: tuple[str, ...] = TYPES


async def page(request: web.Request) -> web.Response:
    """What becomes of a name on a device, and why."""
    return await _shown(request, inside(request), request.query)


async def again(request: web.Request, typed: Typed) -> web.Response:
    """The page where it was left, with what was typed into its form."""
    top = inside(request, typed=typed)
    return await _shown(request, top, URL(top.here).query)


async def rule(request: web.Request) -> web.Response:
    """Allow or block the name, for as long and for whom the form says."""
    return await do(request, _rule, PAGE, form_name=ACT, again=again)


async def _rule(asked: Service, fields: dict[str, str], by: str) -> str:
    action: Action = "deny" if fields.get("action") == "deny" else "allow"
    name, scope = fields.get("name", ""), scope_of(fields, fields.get("client", ""), fields.get("group", ""))
    return await ruled(asked, rule_for(action, name, scope, lasts_of(fields)), by)


async def _shown(request: web.Request, top: Inside, given: Mapping[str, str]) -> web.Response:
    asked, wrong, found = service(request), None, None
    typed = {key: given.get(key, "").strip() for key in FIELDS}
    typed["name"] = plain(typed["name"])
    if any(typed.values()):
        try:
            found = await _why(asked, typed)
        except ApiError as error:
            wrong = error
    form = Typed(FORM, typed, str(wrong) if wrong else "", (wrong.path or "") if wrong else "")
    devices = (await asked.devices.names())[:DEVICES]
    may = principal(request)
    shown = Explained(form, devices)
    if found is not None:
        shown = explained(found, shown, at=bool(typed["at"]), writes=bool(may.session) and may.may("write"))
    return show(request, "why.html", shown, top, wrong.status if wrong else 200)


async def _why(asked: Service, typed: Mapping[str, str]) -> Why:
    if not typed["name"]:
        raise ApiError(400, "invalid", "which name is it about?", "name")
    try:
        type = type_number(checks.plain(typed["type"] or "A", "type"))
    except TextError as error:
        raise ApiError(400, "invalid", str(error), "type") from error
    at = checks.moment(typed["at"], asked.clock.time()) if typed["at"] else None
    return await asked.whys.why(typed["name"], typed["client"], type, at)


def plain(text: str) -> str:
    """The name in an address that was copied from a browser; any other text as it is."""
    return plain_in(text) or text if "://" in text else text


def explained(why: Why, page: Explained, *, at: bool, writes: bool) -> Explained:
    """What the page says of an explanation; with what can be done about it for whoever `writes`."""
    decided = next(iter(why.matched), None) if why.decided_by else None
    who, timed = why.device or why.client, why.tier == Tier.SCHEDULE and why.verdict == "block"
    whose = {"client": who} if who else {}
    return msgspec.structs.replace(
        page,
        why=why,
        decided=decided,
        others=why.matched[1:] if decided else why.matched,
        remembered=list(remembered(why)),
        at=at,
        act=_act(why) if writes else "",
        lasts=[pair for pair in LASTS if not timed or pair[0] != GOOD],
        whom=[
            *([("client", who)] if who else []),
            *([("group", f"group {why.group}")] if why.group else []),
            ("all", "everyone"),
        ],
        log=f"/log?{urlencode({'exact': why.name, **whose})}",
        repair=f"/repair?{urlencode({'site': why.name, **whose})}",
        diagnose=f"/diagnose?{urlencode({'name': why.name, **whose})}",
    )


def _act(why: Why) -> str:
    """What a rule can change about it; "" where none comes first."""
    if why.name == "." or (why.tier == Tier.LOCAL and why.verdict == "rewrite"):
        return ""
    return "allow" if why.verdict in {"block", "rewrite"} else "deny"


def remembered(why: Why) -> Iterator[str]:
    """What is known of the question from before, in sentences."""
    truth = why.cached
    as_asked = truth is not None and truth.left > 0 and why.verdict in {"pass", "allow"}
    if why.finished is not None and not as_asked:
        yield f"This device is given the same answer from memory for {show_duration(why.finished)} more."
    if truth is None:
        return
    said = f"{truth.rcode}, asked {show_duration(truth.age)} ago"
    if as_asked:
        yield f"It is answered from memory for {show_duration(truth.left)} more ({said})."
    elif truth.left > 0:
        yield f"What the upstream says ({said}) is kept for {show_duration(truth.left)} more."
    else:
        yield f"What the upstream said ({said}) is too old: it is asked again."


ROUTES = (
    Route("GET", PAGE, page, "log", content="text/html", page=True),
    Route("POST", f"{PAGE}/rule", rule, "write", content="text/html", page=True),
)
