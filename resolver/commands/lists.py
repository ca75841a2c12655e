"""`lull lists`: the lists in use and what they are good for, what of them was skipped, new versions, trying one out,
and the catalogue."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Mapping

import msgspec

from resolver.admin.listbodies import ListInfo
from resolver.commands import catalogue, listshown, trying
from resolver.commands.api import A_WHILE, LONG, Api, connect, decode, segment
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, table
from resolver.commands.progress import waited
from resolver.errors import ApiError, TextError
from resolver.paths import PRODUCT

SYNTAXES = ("hosts", "domains", "adblock", "rpz", "dnsmasq", "auto")


def run(arguments: Namespace) -> int:
    """What is no action is the ids of lists to be shown in full."""
    if arguments.action not in ACTIONS:
        arguments.ids.insert(0, arguments.action)
    if arguments.action != "try" and any((arguments.syntax, arguments.kind, arguments.subdomains)):
        raise TextError("--syntax, --kind and --subdomains are for: lists try")
    return ACTIONS.get(arguments.action, _in_full)(arguments)


def _list(arguments: Namespace) -> int:
    if arguments.ids:
        raise TextError(f"lists list takes no ID; to show one in full: {PRODUCT} lists ID")
    data = connect(arguments).get("lists", wait=A_WHILE)
    shown = decode(data, list[ListInfo])
    if arguments.json:
        as_json(data)
    else:
        listshown.every(shown)
        line(f"more about one: {PRODUCT} lists ID; others to choose from: {PRODUCT} lists catalogue")
    return OK


def _in_full(arguments: Namespace) -> int:
    api = connect(arguments)
    try:
        data = [api.get(f"lists/{segment(id)}", wait=A_WHILE) for id in dict.fromkeys(arguments.ids)]
    except ApiError as error:
        if error.status != 404:
            raise
        raise ApiError(404, error.code, f"{error}; or did you mean one of {', '.join(ACTIONS)}?") from error
    shown = [decode(one, ListInfo) for one in data]
    if arguments.json:
        as_json([msgspec.json.decode(one) for one in data])
        return OK
    for place, one in enumerate(shown):
        if place:
            line()
        listshown.in_full(one)
    return OK


def _refresh(arguments: Namespace) -> int:
    """Look for new versions of some lists, or of all; FAILED if that did not work for one of them."""
    ids = list(dict.fromkeys(arguments.ids))
    api = connect(arguments)
    for path in [f"lists/{segment(id)}/refresh" for id in ids] or ["lists/refresh"]:
        waited(api, api.post(path))
    return _afterwards(arguments, api, ids)


def _accept(arguments: Namespace) -> int:
    """Take the refused version of a list."""
    return _version(arguments, "accept")


def _rollback(arguments: Namespace) -> int:
    """Go back to the version of a list before."""
    return _version(arguments, "rollback")


def _version(arguments: Namespace, action: str) -> int:
    if len(arguments.ids) != 1:
        raise TextError(f"lists {action} takes the ID of one list")
    api = connect(arguments)
    api.post(f"lists/{segment(arguments.ids[0])}/{action}", wait=LONG)
    return _afterwards(arguments, api, arguments.ids)


def _afterwards(arguments: Namespace, api: Api, ids: list[str]) -> int:
    """Show lists (none: all) after a change."""
    data = api.get("lists", wait=A_WHILE)
    shown = [one for one in decode(data, list[ListInfo]) if not ids or one.id in ids]
    if arguments.json:
        as_json([one for one in msgspec.json.decode(data) if not ids or one["id"] in ids])
    else:
        listshown.every(shown)
    return FAILED if any(one.error for one in shown) else OK


def _skipped(arguments: Namespace) -> int:
    """The lines of some lists, or of all, that gave no rule: how many for which reason, and the first of them."""
    api = connect(arguments)
    data = [api.get(f"lists/{segment(id)}", wait=A_WHILE) for id in dict.fromkeys(arguments.ids)]
    found = [decode(one, ListInfo) for one in data]
    found = found if data else decode(api.get("lists", wait=A_WHILE), list[ListInfo])
    if arguments.json:
        as_json([{"id": one.id, "skipped_by": one.skipped_by, "samples": one.samples} for one in found])
        return OK
    for one in found:
        line(f": {listshown.reasons(one.skipped_by) or 'nothing skipped'}", head=one.id)
        if one.samples:
            table(("LINE", "REASON", "TEXT"), [(f"{number}", reason, text) for number, text, reason in one.samples])
    return OK


def _catalogue(arguments: Namespace) -> int:
    return catalogue.run(arguments.ids, json=arguments.json)


ACTIONS: Mapping[str, Callable[[Namespace], int]] = {
    "list": _list,
    "refresh": _refresh,
    "skipped": _skipped,
    "try": trying.run,
    "accept": _accept,
    "rollback": _rollback,
    "catalogue": _catalogue,
}
