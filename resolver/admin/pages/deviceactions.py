"""What the forms of /devices and of a device's own page do."""

from __future__ import annotations

from typing import Literal, get_args

from aiohttp import web

from resolver.admin.bodies import NewPause
from resolver.admin.devicebodies import DeviceChange, DeviceInfo
from resolver.admin.pages import devicepage, devices
from resolver.admin.pages.choosing import but
from resolver.admin.pages.devices import PAGE
from resolver.admin.pages.inside import Typed, do
from resolver.admin.routing import Route
from resolver.admin.rulebodies import NewRule
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.errors import ApiError
from resolver.model import Privacy

Fields = dict[str, str]

_PRIVACIES: tuple[Privacy | Literal[""], ...] = (*get_args(Privacy), "")


async def name(request: web.Request) -> web.Response:
    """Name a device, put it in a group, or say what the log keeps of it."""
    return await do(request, _name, PAGE, form_name="name", again=_again)


async def pause(request: web.Request) -> web.Response:
    """Block nothing on a device for a while."""
    return await do(request, _pause, PAGE)


async def resume(request: web.Request) -> web.Response:
    """End the pause of a device."""
    return await do(request, _resume, PAGE)


async def rule(request: web.Request) -> web.Response:
    """Allow or deny a name on a device."""
    return await do(request, _rule, PAGE, form_name="rule", again=devicepage.again)


async def forget(request: web.Request) -> web.Response:
    """Forget a device: its name, its group and where it was seen."""
    return await do(request, _forget, PAGE)


async def _again(request: web.Request, typed: Typed) -> web.Response:
    """The page that the form was on."""
    own = typed.fields.get("back", "").startswith(f"{PAGE}/")
    return await (devicepage.again if own else devices.again)(request, typed)


async def _name(asked: Service, fields: Fields, by: str) -> str:
    text = fields.get("device", "")
    now = await asked.devices.at(text)
    name, group, privacy = fields.get("name", "").strip(), fields.get("group", ""), fields.get("privacy", "")
    kept = now.privacy if now.said_by == "device" else ""
    change = DeviceChange(
        name if name != now.name else None,
        group if group != now.placed else None,
        _privacy(privacy) if privacy != kept else None,
    )
    if change == DeviceChange():
        return f"{_called(now)} is as it was."
    done = await asked.devices.put(text, change, by)
    return f"{_called(done.device)} is in group {done.device.group} now.{but(done.note)}"


async def _pause(asked: Service, fields: Fields, by: str) -> str:
    client = await _scope(asked, fields)
    paused = await asked.pausing.begin(NewPause(fields.get("for", ""), client), by)
    return f"Nothing is blocked on {paused.client} until {clock_time(paused.until)}."


async def _resume(asked: Service, fields: Fields, by: str) -> str:
    client = await _scope(asked, fields)
    done = await asked.pausing.end(by, client=client)
    return f"Blocking is on again for {client}.{but(done.note)}"


async def _rule(asked: Service, fields: Fields, by: str) -> str:
    client, lasts = await _scope(asked, fields), fields.get("for") or None
    action: Literal["allow", "deny"] = "deny" if fields.get("action") == "deny" else "allow"
    done = await asked.ruling.add(NewRule(action, fields.get("name", ""), client, duration=lasts), by)
    rule = done.rule
    verb = "allowed" if rule.action == "allow" else "denied"
    until = "" if rule.until is None else f" until {clock_time(rule.until)}"
    hint = f" Mind: {done.hint}." if done.hint else ""
    return f"{rule.name} and all below it is {verb} on {rule.client or 'every device'}{until}.{but(done.note)}{hint}"


async def _forget(asked: Service, fields: Fields, by: str) -> str:
    text = fields.get("device", "")
    now = await asked.devices.at(text)
    done = await asked.devices.forget(text, by)
    hint = f" Mind: {done.hint}." if done.hint else ""
    return f"{_called(now)} is forgotten, until it asks again.{but(done.note)}{hint}"


async def _scope(asked: Service, fields: Fields) -> str:
    """How rules call the device of a form."""
    return asked.devices.scope(await asked.devices.at(fields.get("device", "")))


def _privacy(text: str) -> Privacy | Literal[""]:
    found = next((one for one in _PRIVACIES if one == text), None)
    if found is None:
        said = ", ".join(filter(None, _PRIVACIES))
        raise ApiError(400, "invalid", f"that is none of {said}, or nothing for what its group says", "privacy")
    return found


def _called(one: DeviceInfo) -> str:
    return one.name or next(iter(one.addresses), one.mac)


ROUTES = (
    Route("POST", f"{PAGE}/name", name, "write", content="text/html", page=True),
    Route("POST", f"{PAGE}/pause", pause, "write", page=True),
    Route("POST", f"{PAGE}/resume", resume, "write", page=True),
    Route("POST", f"{PAGE}/rule", rule, "write", content="text/html", page=True),
    Route("POST", f"{PAGE}/forget", forget, "write", page=True),
)
