"""`lull devices`: who is on the network, what they are called, and the group they are in; `lull groups`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping
from shlex import quote
from typing import get_args

from resolver.admin.bodies import Done
from resolver.admin.devicebodies import DeviceChange, DeviceInfo, DeviceResult, GroupInfo
from resolver.commands.api import A_WHILE, connect, decode, segment
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, field, line, table, when_or
from resolver.config.offered import Offered
from resolver.errors import TextError
from resolver.model import Privacy
from resolver.paths import PRODUCT

_SOME = 2  # addresses in a row of the table
_AS_GROUP = "group"
_SAID = {"device": "said of the device", "group": "as of its group", "all": "as of everyone"}


def run(arguments: Namespace) -> int:
    """Show devices, or do what the first word says: name, group, privacy, forget."""
    action = ACTIONS.get(arguments.action)
    if action is None:
        if arguments.words or arguments.group is not None:
            raise TextError(f"{arguments.action} is not something to do with devices: {', '.join(ACTIONS)}")
        return _one(arguments)
    return action(arguments)


def groups(arguments: Namespace) -> int:
    """Show every group."""
    data = connect(arguments).get("groups")
    if arguments.json:
        as_json(data)
        return OK
    found = decode(data, list[GroupInfo])
    offered = Offered.load() if any(one.services for one in found) else Offered()
    for one in found:
        line(":", head=one.name)
        everyone = "whoever is in no other group" if one.name == "default" else "nobody yet"
        said = {
            "who": ", ".join((*one.clients, *one.devices)) or everyone,
            "lists": ", ".join(one.lists) or "none",
            "services": ", ".join(offered.by_kind(one.services)),
            "safe search": ", ".join(one.safe_search),
            "schedules": ", ".join(one.schedules),
            "log": one.privacy,
            "default": one.default,
            "rules": f"{one.rules} of its own" if one.rules else "",
        }
        for title, text in said.items():
            if text:
                field(title, text, max(map(len, said)))
    return OK


def _list(arguments: Namespace) -> int:
    _count(arguments, 0, "list")
    data = connect(arguments).get("clients", wait=A_WHILE)
    found = decode(data, list[DeviceInfo])
    if arguments.json:
        as_json(data)
    elif found:
        table(("ID", "NAME", "GROUP", "ADDRESSES", "MAC", "CALLED", "LAST SEEN", "24H", "BLOCKED"), map(_row, found))
        if not all(one.name for one in found):
            line(f"to name one: {PRODUCT} devices name ADDRESS|MAC NAME [--group G]")
    else:
        line("no device was seen yet: let one ask, or see whether log.privacy keeps clients")
    return OK


def _row(one: DeviceInfo) -> tuple[str, ...]:
    more = f" and {len(one.addresses) - _SOME}" if len(one.addresses) > _SOME else ""
    return (
        "-" if one.id is None else str(one.id),
        one.name or "-",
        one.group,
        (" ".join(one.addresses[:_SOME]) or "-") + more,
        one.mac or "-",
        one.host or "-",
        when_or(one.last, "never"),
        "-" if one.queries is None else str(one.queries),
        "-" if one.blocked is None else str(one.blocked),
    )


def _one(arguments: Namespace) -> int:
    data = connect(arguments).get(f"clients/{segment(arguments.action)}", wait=A_WHILE)
    if arguments.json:
        as_json(data)
    else:
        _in_full(decode(data, DeviceInfo))
    return OK


def _in_full(one: DeviceInfo) -> None:
    line(f" (group {one.group})", head=one.name or one.host or one.mac or " ".join(one.addresses[:1]))
    said = {
        "known by": one.how,
        "named in": {"config": "the config", "api": "the database"}.get(one.origin, ""),
        "MAC": one.mac,
        "called": one.host,
        "addresses": " ".join(one.addresses),
        "first seen": when_or(one.first, "never"),
        "last seen": when_or(one.last, "never"),
        "24 hours": "" if one.queries is None else f"{one.queries} queries, {one.blocked} of them blocked",
        "log keeps": f"{one.privacy} ({_SAID[one.said_by]})",
    }
    for title, text in said.items():
        if text:
            field(title, text)


def _name(arguments: Namespace) -> int:
    _count(arguments, 2, "name ADDRESS|MAC|NAME NEWNAME [--group G]")
    return _put(arguments, DeviceChange(arguments.words[1], arguments.group))


def _group(arguments: Namespace) -> int:
    _count(arguments, 2, "group ADDRESS|MAC|NAME G")
    return _put(arguments, DeviceChange(group=arguments.words[1]))


def _privacy(arguments: Namespace) -> int:
    words = " | ".join((*get_args(Privacy), _AS_GROUP))
    _count(arguments, 2, f"privacy ADDRESS|MAC|NAME {words}")
    given = arguments.words[1]
    kept = next((one for one in get_args(Privacy) if one == given), None)
    if kept is None and given != _AS_GROUP:
        raise TextError(f"{given} is not something that the log can keep: {words}")
    return _put(arguments, DeviceChange(privacy=kept or ""))


def _put(arguments: Namespace, change: DeviceChange) -> int:
    data = connect(arguments).put(f"clients/{segment(arguments.words[0])}", change)
    result = decode(data, DeviceResult)
    if arguments.json:
        as_json(data)
    else:
        _in_full(result.device)
        force = "in force everywhere" if result.effective else f"not in force everywhere yet: {result.note}"
        line(f"  {force}; undo: {PRODUCT} undo" if result.changed else "  it was so already")
    return OK if result.effective else FAILED


def _forget(arguments: Namespace) -> int:
    _count(arguments, 1, "forget ADDRESS|MAC|NAME")
    data = connect(arguments).delete(f"clients/{segment(arguments.words[0])}")
    done = decode(data, Done)
    if arguments.json:
        as_json(data)
    else:
        rest = "" if done.effective else f", but not everywhere yet: {done.note}"
        line(f"{quote(arguments.words[0])} is forgotten{rest}; to take it back: {PRODUCT} undo")
        line(f"  {done.hint or 'if it asks again, it is there again, without a name'}")
    return OK if done.effective else FAILED


def _count(arguments: Namespace, count: int, usage: str) -> None:
    takes_group = arguments.action == "name"
    if len(arguments.words) != count or (arguments.group is not None and not takes_group):
        raise TextError(f"write: {PRODUCT} devices {usage}")


ACTIONS: Mapping[str, Callable[[Namespace], int]] = {
    "list": _list,
    "name": _name,
    "group": _group,
    "privacy": _privacy,
    "forget": _forget,
}
