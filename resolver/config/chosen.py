"""What people chose in the admin in place of what the config file says: which paths can be chosen, and how choices take
their place in the tree of the file, to be read as the file is."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from resolver.config import called, nodes
from resolver.config.leaves import plain, shown
from resolver.config.nodes import CHOSEN, joined
from resolver.config.people import Group
from resolver.config.read import likely
from resolver.config.shapes import keys_of
from resolver.errors import Problem, TextError

WHOLE = ("lists", "upstreams", "strategy", "blocking", "log.keep", "log.size", "log.privacy")
"""The paths of one value each that can be chosen."""

_GROUPS, _SCHEDULES = "groups", "schedules"
_MARK = yaml.Mark(CHOSEN, 0, -1, 0, None, 0)  # of line 0: no file holds it
_SEQ, _MAP, _FLOAT = "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", "tag:yaml.org,2002:float"


class Choice(Struct, frozen=True):
    """What was chosen at a path (`canonical`): a plain value of JSON as the file would have it; None: as if the file
    said nothing there. `at` is Unix time."""

    path: str
    value: Any
    who: str = ""
    at: float = 0.0


def remembered(file: pathlib.Path) -> tuple[Choice, ...]:
    """What the database last said was chosen, as a file of the state directory has it (`paths.choices_file`). Raises
    OSError, or TextError for a file that is damaged."""
    try:
        return msgspec.json.decode(file.read_bytes(), type=tuple[Choice, ...])
    except FileNotFoundError:
        return ()
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise TextError(f"{file} is damaged: {error}") from error


def canonical(text: str) -> str:
    """A path that can be chosen, in the form that is compared. Raises TextError, with what could be meant."""
    section, _, rest = text.partition(".")
    if text in WHOLE:
        return text
    if section == _GROUPS and rest:
        name, dot, key = rest.partition(".")
        if not dot:
            return f"{_GROUPS}.{_called(name, 'group')}"
        if key in keys_of(Group):
            return f"{_GROUPS}.{_called(name, 'group')}.{key}"
        there = keys_of(Group)
        raise TextError(f"{shown(key)} is no key of a group{likely(key, there) or ';'} the keys are {', '.join(there)}")
    if section == _SCHEDULES and rest:
        return f"{_SCHEDULES}.{_called(rest, 'schedule')}"
    able = (*WHOLE, "groups.NAME", "groups.NAME.KEY", "schedules.NAME")
    advice = likely(text, WHOLE) or ";"
    raise TextError(
        f"{shown(text)} cannot be chosen here{advice} what can is {', '.join(able)}; the file says the rest"
    )


def _called(name: str, what: str) -> str:
    found = called.name(name)
    if not found:
        raise TextError(f"{shown(name)} cannot be what a {what} is called")
    return found


def below(path: str, other: str) -> bool:
    """Whether one path is the other, or a part of what stands there."""
    return path == other or path.startswith(f"{other}.")


def grafted(tree: yaml.Node | None, choices: Mapping[str, Any]) -> yaml.Node | None:
    """The tree of a config file with choices, by their paths, in the place of what it says. The tree itself stays."""
    for path in sorted(choices):  # a whole before its parts
        tree = _put(tree, path.split("."), choices[path])
    return tree


def _put(tree: yaml.Node | None, keys: list[str], value: Any) -> yaml.Node | None:
    if not keys:
        return None if value is None else node(value)
    if tree is not None and not isinstance(tree, yaml.MappingNode) and not nodes.empty(tree):
        return tree  # which is reported, and nothing can stand in it
    pairs = list(tree.value) if isinstance(tree, yaml.MappingNode) else []
    at = next((index for index, (key, _) in enumerate(pairs) if _is(key, keys[0])), None)
    put = _put(None if at is None else pairs[at][1], keys[1:], value)
    pair = None if put is None else (node(keys[0]) if at is None else pairs[at][0], put)
    if pair is None and at is None:
        return tree
    start, end = (len(pairs), len(pairs)) if at is None else (at, at + 1)
    pairs[start:end] = [] if pair is None else [pair]
    mark = tree.start_mark if isinstance(tree, yaml.MappingNode) else _MARK
    return yaml.MappingNode(_MAP, pairs, mark)


def _is(key: yaml.Node, word: str) -> bool:
    return isinstance(key, yaml.ScalarNode) and called.composed(key.value) == word


def node(value: Any) -> yaml.Node:
    """A plain value of JSON as a node that is told to be chosen."""
    match value:
        case None:
            return yaml.ScalarNode(nodes.NULL, "", _MARK)
        case bool():
            return yaml.ScalarNode(nodes.BOOL, "true" if value else "false", _MARK)
        case int():
            return yaml.ScalarNode(nodes.INT, str(value), _MARK)
        case float():
            return yaml.ScalarNode(_FLOAT, str(value), _MARK)
        case list() | tuple():
            return yaml.SequenceNode(_SEQ, [node(one) for one in value], _MARK)
        case dict():
            return yaml.MappingNode(_MAP, [(node(str(key)), node(one)) for key, one in value.items()], _MARK)
    return yaml.ScalarNode(nodes.STR, str(value), _MARK)


def strangers(tree: yaml.Node | None, choices: Mapping[str, Any]) -> Iterator[Problem]:
    """The files of chosen lists that are of no list of the config file: who may choose in the admin has no say over
    which files of this machine are read."""
    chosen = choices.get("lists")
    ours = set(_files(tree))
    for index, one in enumerate(chosen if isinstance(chosen, list) else ()):
        file = one.get("file") if isinstance(one, dict) else None
        if file is not None and not (isinstance(file, str) and file in ours):
            message = f"{shown(plain(str(file)))} is no file that a list of the config file has; write it there first"
            yield Problem(CHOSEN, 0, joined(f"lists[{index}]", "file"), message)


def _files(tree: yaml.Node | None) -> Iterator[str]:
    lists = at(tree, ["lists"])
    for one in lists.value if isinstance(lists, yaml.SequenceNode) else ():
        file = at(one, ["file"])
        if isinstance(file, yaml.ScalarNode):
            yield file.value


def at(tree: yaml.Node | None, keys: list[str]) -> yaml.Node | None:
    """What stands below these keys; None if nothing does."""
    for word in keys:
        pairs = tree.value if isinstance(tree, yaml.MappingNode) else ()
        tree = next((value for key, value in pairs if _is(key, word)), None)
    return tree
