"""`lull requests`: what members and devices ask for, and deciding it."""

from __future__ import annotations

from argparse import Namespace

from resolver.admin.accountbodies import Decided, Decision, Wanted
from resolver.commands.api import connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, table, when
from resolver.config.leaves import show_duration
from resolver.errors import TextError
from resolver.paths import PRODUCT

ACTIONS = ("list", "grant", "refuse")


def run(arguments: Namespace) -> int:
    if arguments.duration and arguments.action != "grant":
        raise TextError(f"--for is for requests grant, and says nothing to requests {arguments.action}")
    if arguments.action == "list":
        return _list(arguments)
    if arguments.id is None:
        raise TextError(f"requests {arguments.action} takes the ID of a request: `{PRODUCT} requests` shows them")
    path = f"requests/{arguments.id}/{arguments.action}"
    body = Decision(arguments.duration) if arguments.action == "grant" else None
    data = connect(arguments).post(path, body)
    done = decode(data, Decided)
    if arguments.json:
        as_json(data)
    else:
        late = "" if done.effective else f", but not everywhere yet: {done.note}"
        line(f"{done.request.state}: {_what(done.request)} for {done.request.whose}{late}")
    return OK if done.effective else FAILED


def _list(arguments: Namespace) -> int:
    if arguments.id is not None:
        raise TextError("requests list takes nothing more")
    data = connect(arguments).get("requests")
    found = decode(data, list[Wanted])
    if arguments.json:
        as_json(data)
    elif found:
        table(("ID", "TIME", "USER", "DEVICE", "WHAT", "STATE", "DECIDED BY"), map(_row, found))
    else:
        line("nobody asks for anything")
    return OK


def _row(one: Wanted) -> tuple[str, ...]:
    return str(one.id), when(one.at), one.user, one.device, _what(one), one.state, one.who


def _what(one: Wanted) -> str:
    return f"{one.name or 'more time'} ({show_duration(one.seconds)})"
