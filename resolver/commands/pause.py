"""`lull pause`: no blocking for a while, and an end to that."""

from __future__ import annotations

from argparse import Namespace
from shlex import quote

from resolver.admin.bodies import Done, NewPause, PauseInfo
from resolver.commands.api import connect, decode
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
        line(f"paused for {who} until {when(pause.until)}; to end it: {PRODUCT} pause --end{_option(pause)}")
    return OK


def _option(pause: PauseInfo) -> str:
    if pause.client:
        return f" --client {quote(pause.client)}"
    return f" --group {quote(pause.group)}" if pause.group else ""


def _end(arguments: Namespace) -> int:
    """End the pauses of the device or group that is named, or all; FAILED if that is not in force everywhere."""
    data = connect(arguments).delete("pause", client=arguments.client, group=arguments.group)
    done = decode(data, Done)
    if arguments.json:
        as_json(data)
    else:
        own = arguments.client or arguments.group
        what = f"pauses of {whom(arguments.client, arguments.group)} alone are" if own else "every pause is"
        line(f"{what} over" + ("" if done.effective else f", but not everywhere yet: {done.note}"))
    return OK if done.effective else FAILED
