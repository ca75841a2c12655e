"""`lull settings`: what was chosen in place of what the config file says, choosing, and taking that back."""

from __future__ import annotations

import json
from argparse import Namespace
from typing import Any

import yaml

from resolver.admin.choicebodies import ChoiceInfo, Chosen, NewChoice
from resolver.commands.api import Api, connect, decode, segment
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, table, when
from resolver.config.settings import written
from resolver.config.shapes import Shape
from resolver.config.tree import compose
from resolver.errors import Problem, TextError
from resolver.paths import PRODUCT

ACTIONS = ("list", "show", "set", "unset")
_HEAD = ("PATH", "VALUE", "WHO", "SINCE", "INSTEAD OF")
_WORDS = {"list": 0, "show": 1, "set": 2, "unset": 1}
_MEANT = {"show": "show PATH", "set": "set PATH VALUE", "unset": "unset PATH", "list": "list"}


def run(arguments: Namespace) -> int:
    """Show what was chosen, or a path; choose; take back."""
    action, words = arguments.action, arguments.words
    if action not in ACTIONS:
        raise TextError(f"there is no {action!r} here: {', '.join(ACTIONS)}")
    if len(words) != _WORDS[action]:
        raise TextError(f"write: {PRODUCT} settings {_MEANT[action]} (a VALUE is one word: quote it)")
    api = connect(arguments)
    match action:
        case "set":
            return _changed(arguments, api.put(f"choices/{segment(words[0])}", NewChoice(value(words[1]))))
        case "unset":
            return _changed(arguments, api.delete(f"choices/{segment(words[0])}"))
        case "show":
            return _one(arguments, api)
    return _every(arguments, api)


def value(text: str) -> Any:
    """A value as a config file would have it: 7d, [quad9], {mode: nxdomain}; null is to say nothing. Raises
    TextError."""
    tree = compose(text.encode("utf-8", "replace"), "VALUE")
    if isinstance(tree, Problem):
        raise TextError(f"VALUE: {tree.message}")
    if tree is None or (isinstance(tree, yaml.ScalarNode) and not tree.value):
        raise TextError("VALUE: nothing is there; write null to say nothing, and unset to take back what was chosen")
    return written(tree, Shape(str))


def _every(arguments: Namespace, api: Api) -> int:
    data = api.get("choices")
    shown = decode(data, list[ChoiceInfo])
    if arguments.json:
        as_json(data)
    elif shown:
        table(_HEAD, (_row(one) for one in shown))
        line(f"to take one back: {PRODUCT} settings unset PATH")
    else:
        line("nothing is chosen: everything is as the config file says")
    return OK


def _one(arguments: Namespace, api: Api) -> int:
    data = api.get(f"choices/{segment(arguments.words[0])}")
    one = decode(data, ChoiceInfo)
    if arguments.json:
        as_json(data)
        return OK
    line(f"{one.path}: {_plain(one.value)}")
    line(f"  {_origin(one)}")
    return OK


def _changed(arguments: Namespace, data: bytes) -> int:
    done = decode(data, Chosen)
    if arguments.json:
        as_json(data)
        return OK if done.effective else FAILED
    one = done.choice
    force = "in force everywhere" if done.effective else f"not in force everywhere yet: {done.note}"
    if not done.changed:
        line(f"{one.path} is {_plain(one.value)} already: nothing was changed")
    elif one.chosen:
        line(f"{one.path} is {_plain(one.value)} from now on, {force}")
        line(f"  to take that back: {PRODUCT} settings unset {one.path}, or {PRODUCT} undo")
    else:
        line(f"{one.path} is as the config file says: {_plain(one.value)}, {force}")
    return OK if done.effective else FAILED


def _row(one: ChoiceInfo) -> tuple[str, ...]:
    since = "" if one.at is None else when(one.at)
    place = f"{one.file}:{one.line}" if one.line else "the default"
    return one.path, _plain(one.value), one.who, since, f"{place} ({one.instead})" if one.instead else place


def _origin(one: ChoiceInfo) -> str:
    place = f"{one.file}:{one.line}" if one.line else ""
    if one.chosen:
        since = "" if one.at is None else f" on {when(one.at)}"
        instead = f", instead of {place}" if place else ""
        return f"chosen by {one.who}{since}{instead}" + (f"; but {one.instead}" if one.instead else "")
    return place or "the default: the config file says nothing"


def _plain(given: Any) -> str:
    """On one line, as a config file would have it."""
    return given if isinstance(given, str) and given else json.dumps(given, ensure_ascii=False)
