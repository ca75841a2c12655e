"""`lull lists`: the lists in use and how they are, what of them was skipped, new versions, and the catalogue."""

from __future__ import annotations

from argparse import Namespace

import msgspec

from resolver.commands.api import LONG, connect, decode, segment
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import RED, as_json, line, table, when_or
from resolver.errors import TextError
from resolver.lists.catalogue import Catalogue
from resolver.paths import PRODUCT


class ListShown(msgspec.Struct, frozen=True):
    """What is printed of the API's ListState (`resolver.lists.states`), which belongs to heavier company."""

    id: str
    title: str
    kind: str
    rules: int
    skipped: int
    fetched: float
    next_check: float
    error: str
    state: str
    skipped_by: dict[str, int] = {}
    samples: list[tuple[int, str, str]] = []


def run(arguments: Namespace) -> int:
    if arguments.action == "refresh":
        return _refresh(arguments)
    if arguments.action == "skipped":
        return _skipped(arguments)
    if arguments.ids:
        raise TextError(f"lists {arguments.action} takes no ID; to refresh some: lists refresh ID …")
    return _catalogue(arguments) if arguments.action == "catalogue" else _list(arguments)


def _list(arguments: Namespace) -> int:
    data = connect(arguments).get("lists")
    shown = decode(data, list[ListShown])
    if arguments.json:
        as_json(data)
    else:
        _text(shown)
        line(f"others to choose from: {PRODUCT} lists catalogue")
    return OK


def _refresh(arguments: Namespace) -> int:
    """Look for new versions of some lists, or of all; FAILED if that did not work for one of them."""
    api = connect(arguments)
    ids = list(dict.fromkeys(arguments.ids))
    for path in [f"lists/{segment(id)}/refresh" for id in ids] or ["lists/refresh"]:
        api.post(path, wait=LONG)
    data = api.get("lists")
    shown = [one for one in decode(data, list[ListShown]) if not ids or one.id in ids]
    if arguments.json:
        as_json([one for one in msgspec.json.decode(data) if not ids or one["id"] in ids])
    else:
        _text(shown)
    return FAILED if any(one.error for one in shown) else OK


def _skipped(arguments: Namespace) -> int:
    """The lines of some lists, or of all, that gave no rule: how many for which reason, and the first of them."""
    api = connect(arguments)
    data = [api.get(f"lists/{segment(id)}") for id in dict.fromkeys(arguments.ids)]
    found = [decode(one, ListShown) for one in data] if data else decode(api.get("lists"), list[ListShown])
    if arguments.json:
        as_json([{"id": one.id, "skipped_by": one.skipped_by, "samples": one.samples} for one in found])
        return OK
    for one in found:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in one.skipped_by.items())
        line(f": {reasons or 'nothing skipped'}", head=one.id)
        if one.samples:
            table(("LINE", "REASON", "TEXT"), [(f"{number}", reason, text) for number, text, reason in one.samples])
    return OK


def _text(shown: list[ListShown]) -> None:
    table(("ID", "KIND", "STATE", "RULES", "SKIPPED", "FETCHED", "NEXT CHECK", "TITLE"), map(_row, shown))
    for one in shown:
        if one.error:
            line(f": {one.error}", head=one.id, colour=RED)
    if any(one.state == "waiting" for one in shown):
        line("until a waiting list has been received, the list that ships with Lull stands in for it")


def _row(one: ListShown) -> tuple[str, ...]:
    fetched, due = when_or(one.fetched, "never"), when_or(one.next_check, "-")
    return one.id, one.kind, one.state, f"{one.rules:,}", f"{one.skipped:,}", fetched, due, one.title


def _catalogue(arguments: Namespace) -> int:
    entries = Catalogue.load().entries.values()
    if arguments.json:
        as_json(list(entries))
    else:
        rows = [(entry.id, entry.kind, entry.breaks, entry.title, entry.blocks) for entry in entries]
        table(("ID", "KIND", "BREAKS SITES", "TITLE", "BLOCKS"), rows)
    return OK
