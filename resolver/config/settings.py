"""What a config says, key by key, in plain values as its file would have them: with where that stands, what Lull takes
for itself where nothing is said, and what was chosen instead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, Literal

import yaml
from msgspec import NODEFAULT, Struct

from resolver.config import nodes
from resolver.config.called import composed
from resolver.config.chosen import at, below, grafted
from resolver.config.kinds import KINDS
from resolver.config.load import OVERRIDDEN
from resolver.config.schema import Config
from resolver.config.settled import Source
from resolver.config.shapes import Key, Shape, keys_of, shape_of
from resolver.config.tree import compose
from resolver.errors import Problem

_DEEPEST = 3  # keys: groups.NAME.KEY

Origin = Literal["default", "file", "chosen", "command line"]


class Setting(Struct, frozen=True):
    """A key: its path, what it is, the value in force and that of Lull itself, as a file would have them (None: there
    is none), who says so, and the line of the file that speaks of it (0: none)."""

    path: str
    description: str
    value: Any
    default: Any
    origin: Origin
    line: int


class Settings:
    """Those of a file that can be read, with choices in its place. Secrets are shown. `file` is what the file was
    composed to."""

    def __init__(self, source: Source, choices: Mapping[str, Any], file: yaml.Node | None = None) -> None:
        tree = compose(source.data, str(source.path)) if file is None else file
        self.file = None if isinstance(tree, Problem) else tree
        self._lines = {path: nodes.line(key) for path, (key, _) in _index(self.file).items()}
        self._said = _index(grafted(self.file, choices))
        self._choices = choices
        self._command = {
            path: list(given) if isinstance(given, tuple) else given
            for option, path in OVERRIDDEN.items()
            if (given := getattr(source.overrides, option)) not in {None, ()}
        }

    def value(self, path: str) -> Any:
        """The value in force at a path, None where there is none: of `groups.NAME` what is said, and what Lull takes
        for itself where it takes anything."""
        if path in self._command:
            return self._command[path]
        shape, default = _found(path)
        there = self._said.get(path)
        return _default(default, shape) if there is None else _whole(there[1], shape)

    def line(self, path: str) -> int:
        """The line of the file that says something at a path; 0 if none does."""
        return self._lines.get(path, 0)

    def origin(self, path: str) -> Origin:
        """Who says what is in force at a path."""
        if path in self._command:
            return "command line"
        if any(below(path, one) for one in self._choices):
            return "chosen"
        return "file" if self.line(path) else "default"

    def every(self) -> Iterator[Setting]:
        """Every key there is, and of what people name themselves every key that is said."""
        for name, key in keys_of(Config).items():
            yield from self._below(name, key)

    def _below(self, path: str, key: Key) -> Iterator[Setting]:
        shape = key.shape
        if shape.is_struct() and shape.type not in KINDS:
            for name, one in keys_of(shape.type).items():
                yield from self._below(f"{path}.{name}", one)
        elif shape.origin is dict:
            yield from self._named(path, key, shape_of(shape.arguments[1]))
        else:
            yield self._one(path, key)

    def _named(self, path: str, key: Key, of: Shape) -> Iterator[Setting]:
        there = self._said.get(path)
        pairs = there[1].value if there is not None and isinstance(there[1], yaml.MappingNode) else ()
        if not pairs:
            yield self._one(path, key)
        for word, value in pairs:
            where = f"{path}.{composed(str(word.value))}"
            keys = keys_of(of.type) if of.is_struct() and of.type not in KINDS else {}
            said = [name for name in keys if at(value, [name]) is not None]
            if not said:
                yield self._one(where, key)
            for name in said:
                yield self._one(f"{where}.{name}", keys[name])

    def _one(self, path: str, key: Key) -> Setting:
        default = None if key.default is NODEFAULT else _default(key.default, key.shape)
        return Setting(path, key.shape.description, self.value(path), default, self.origin(path), self.line(path))


def _found(path: str) -> tuple[Shape, Any]:
    """What is read at a path, and what it is if nothing is said there."""
    shape, default = shape_of(Config), None
    for word in path.split("."):
        if shape.origin is dict:
            shape, default = shape_of(shape.arguments[1]), None
            if not shape.is_struct() or shape.type in KINDS:
                break  # the rest is a name with dots in it
            continue
        key = keys_of(shape.type)[word]
        shape, default = key.shape, None if key.default is NODEFAULT else key.default
    return shape, default


def _whole(there: yaml.Node, shape: Shape) -> Any:
    """What a node says, with what is taken where a section says nothing."""
    said = written(there, shape)
    if not isinstance(said, dict) or not shape.is_struct() or shape.type in KINDS:
        return said
    rest = {name: _default(key.default, key.shape) for name, key in keys_of(shape.type).items()}
    return {**{name: value for name, value in rest.items() if value not in (None, [], {})}, **said}


def written(there: yaml.Node, shape: Shape) -> Any:
    """What a node says, as JSON has it. Of one that is not as it should be, as much as there is."""
    if nodes.empty(there):
        return None
    if isinstance(there, yaml.SequenceNode):
        item = shape_of(shape.arguments[0]) if shape.origin is tuple else Shape(str)
        return [written(one, item) for one in there.value]
    if isinstance(there, yaml.MappingNode):
        return {composed(str(key.value)): written(value, _of(shape, str(key.value))) for key, value in there.value}
    text = str(there.value)
    if shape.type is bool and there.tag == nodes.BOOL:
        return text.lower() in {"yes", "true", "on"}
    return int(text) if shape.type is int and text.isdecimal() and text.isascii() and len(text) < 19 else text


def _of(shape: Shape, word: str) -> Shape:
    if shape.origin is dict:
        return shape_of(shape.arguments[1])
    if shape.is_struct() and shape.type not in KINDS and (key := keys_of(shape.type).get(word)):
        return key.shape
    return Shape(str)


def _default(value: Any, shape: Shape) -> Any:
    """What Lull takes for itself, as a file would say it."""
    if value is NODEFAULT or value is None:
        return None
    if kind := KINDS.get(shape.type):
        return kind.show(value)
    if isinstance(value, tuple):
        item = shape_of(shape.arguments[0])
        return [_default(one, item) for one in value]
    if isinstance(value, dict):
        return {}
    if not isinstance(value, Struct):
        return value.value if isinstance(value, Enum) else value
    if shorthand := getattr(shape.type, "shorthand", ""):
        return getattr(value, shorthand)
    said = {name: _default(getattr(value, key.field.name), key.shape) for name, key in keys_of(shape.type).items()}
    return {name: one for name, one in said.items() if one not in (None, [], {})}


def _index(tree: yaml.Node | None) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    """Every key of a tree and what it says, by its path, as deep as settings are told."""
    found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    level = [("", tree)]
    for _ in range(_DEEPEST):
        below: list[tuple[str, yaml.Node | None]] = []
        for path, one in level:
            for key, value in one.value if isinstance(one, yaml.MappingNode) else ():
                where = f"{path}{composed(str(key.value))}"
                if where not in found:
                    found[where] = (key, value)
                    below.append((f"{where}.", value))
        level = below
    return found
