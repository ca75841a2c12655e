"""`lull pause`: no blocking for a while, and an end to that."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.bodies import Done, NewPause, PauseInfo
from resolver.commands.api import Api, connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, when, whom
from resolver.errors import TextError
from resolver.paths import PRODUCT

DEFAULT = "10m"


def run(arguments: Namespace) -> int:
    if not arguments.end:
        return _begin(arguments)
    if arguments.duration:
        raise TextError("--end takes no DURATION: it ends pauses now")
    return _end(arguments)


def _begin(arguments: Namespace) -> int:
    new = NewPause(arguments.duration or DEFAULT, arguments.client or "", arguments.group or "")
    data = connect(arguments).post("pause", new)
    pause = decode(data, PauseInfo)
    if arguments.json:
        as_json(data)
    else:
        who = whom(pause.client, pause.group)
        line(f"paused for {who} until {when(pause.until)}; to end it: {PRODUCT} pause --end")
    return OK


def _end(arguments: Namespace) -> int:
    """End the pauses of the device or group that is named, or all; FAILED if that is not in force everywhere."""
    api = connect(arguments)
    ids = _of(arguments, api) if arguments.client or arguments.group else [None]
    done = Done(effective=True)
    for id in ids:
        done = decode(api.delete("pause" if id is None else f"pause/{id}"), Done)
    if arguments.json:
        as_json(done)
    else:
        own = arguments.client or arguments.group
        what = f"pauses of {whom(arguments.client, arguments.group)} alone are" if own else "every pause is"
        line(f"{what} over" + ("" if done.effective else f", but not everywhere yet: {done.note}"))
    return OK if done.effective else FAILED


def _of(arguments: Namespace, api: Api) -> list[int | None]:
    """The ids of the pauses of exactly this device or group."""
    scope = (arguments.client or "", arguments.group or "")
    return [pause.id for pause in decode(api.get("pause"), list[PauseInfo]) if (pause.client, pause.group) == scope]
