"""A tree of YAML nodes → the values of the schema, type by type. A mistake is reported and reading goes on.

What cannot be read is UNSET: its key keeps the default, so that everything else is still checked. Scalars are read
from their text, not from what YAML 1.1 makes of it (`off`, `12:30`); where other readers of YAML would differ, quoting
is asked for.
"""

from __future__ import annotations

import difflib
import itertools
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

import yaml
from msgspec import NODEFAULT, UNSET

from resolver.config import nodes
from resolver.config.called import composed
from resolver.config.kinds import KINDS, Kind
from resolver.config.leaves import plain, shown
from resolver.config.nodes import given, joined
from resolver.config.report import Place, Report
from resolver.config.shapes import Key, Shape, keys_of, shape_of
from resolver.errors import LullError

_MOST = 100_000
_COMPARED = 500
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
_WHOLE = re.compile(r"0|[1-9][0-9]{0,17}")
_YES = {"yes", "true", "on"}


def likely(word: str, words: Iterable[str]) -> str:
    """Advice to end a message with: the word that was probably meant, if one is near; capitals or not."""
    known = {one.lower(): one for one in itertools.islice(words, _COMPARED)}
    near = difflib.get_close_matches(word[:80].lower(), known, n=1, cutoff=0.7)
    return f'; did you mean "{known[near[0]]}"?' if near else ""


class Reader:
    """Reads the nodes of one file. `read` gives a value of the shape's type, or UNSET after reporting why not."""

    def __init__(self, report: Report, file: str) -> None:
        self._report = report
        self._file = file
        self._left = _MOST
        self._readers: dict[object, Callable[[yaml.Node, Shape, str], Any]] = {
            str: self._str,
            int: self._int,
            bool: lambda node, _, path: self._bool(node, path),
            tuple: self._sequence,
            dict: self._mapping,
            Literal: self._choice,
        }

    def read(self, node: yaml.Node, shape: Shape, path: str) -> Any:
        self._place(path, node)
        self._left -= 1
        if self._left <= 0:  # aliases of aliases make much out of little
            if self._left == 0:
                self._report.add(path, f"more than {_MOST} values in one file; use fewer, or fewer aliases (*)")
            return UNSET
        if nodes.foreign(node):
            self._report.add(path, f"the tag {shown(node.tag)} has no meaning here; remove it")
            return UNSET
        if kind := KINDS.get(shape.type):
            return self._leaf(node, kind, shape, path)
        return self._readers.get(shape.origin or shape.type, self._struct)(node, shape, path)

    def _place(self, path: str, node: yaml.Node) -> None:
        self._report.place(path, Place(nodes.file(node, self._file), nodes.line(node), path))

    def _scalar(self, node: yaml.Node, expected: str, path: str) -> Any:
        """The text of a scalar, whatever YAML takes it for."""
        if not isinstance(node, yaml.ScalarNode):
            self._report.add(path, f"expected {expected}, got {given(node)}")
        elif nodes.empty(node):
            self._report.add(path, f"has no value: write {expected}, or remove the line")
        elif _CONTROL.search(node.value):
            self._report.add(path, f"{shown(node.value)} holds a line break or a control character; remove it")
        else:
            return node.value
        return UNSET

    def _unquoted(self, node: yaml.Node, path: str) -> None:
        """Reports text that another reader of YAML would not take for text."""
        if node.tag != nodes.STR:
            text, taken_for = plain(str(node.value)), nodes.TAKEN_FOR[node.tag]
            self._report.add(path, f'{text} is {taken_for} in YAML; to mean the text, quote it: "{text}"')
            self._report.lose(path)

    def _leaf(self, node: yaml.Node, kind: Kind, shape: Shape, path: str) -> Any:
        text = self._scalar(node, f'text such as "{kind.example}"', path)
        if text is UNSET:
            return UNSET
        try:
            value = kind.parse(text)
        except LullError as error:
            self._report.add(path, str(error))
            return UNSET
        if not kind.bare:
            self._unquoted(node, path)
        return self._in_range(value, shape, path, kind.show)

    def _in_range(self, value: Any, shape: Shape, path: str, show: Callable[[Any], str]) -> Any:
        if shape.ge is not None and value < shape.ge:
            self._report.add(path, f"{show(value)} is too little: at least {show(shape.ge)}")
        elif shape.le is not None and value > shape.le:
            self._report.add(path, f"{show(value)} is too much: at most {show(shape.le)}")
        else:
            return value
        return UNSET

    def _str(self, node: yaml.Node, shape: Shape, path: str) -> Any:
        """Text. One of the wrong form is reported and given all the same: what refers to it is not wrong as well."""
        text = self._scalar(node, "text", path)
        if text is UNSET:
            return text
        form = shape.form or re.compile(shape.pattern or ".*", re.DOTALL).fullmatch
        if form(text):
            self._unquoted(node, path)
        else:
            self._report.add(path, f"{shown(text)} is not {shape.is_}")
            self._report.lose(path)
        return composed(text) if shape.form else text

    def _int(self, node: yaml.Node, shape: Shape, path: str) -> Any:
        text = self._scalar(node, "a whole number", path)
        if text is UNSET:
            return UNSET
        whole = _WHOLE.fullmatch(text)
        if node.tag != nodes.INT or not whole:
            advice = "; remove the quotes" if whole else ""
            self._report.add(path, f"expected a whole number, got {given(node)}{advice}")
            return UNSET
        return self._in_range(int(text), shape, path, str)

    def _bool(self, node: yaml.Node, path: str) -> Any:
        text = self._scalar(node, "true or false", path)
        if text is UNSET or node.tag == nodes.BOOL:
            return text if text is UNSET else text.lower() in _YES
        self._report.add(path, f"expected true or false, got {given(node)}")
        return UNSET

    def _choice(self, node: yaml.Node, shape: Shape, path: str) -> Any:
        choices = shape.arguments
        text = self._scalar(node, f"one of {', '.join(choices)}", path)
        if text is UNSET or text in choices:
            return text
        self._report.add(path, f"{shown(text)} is not one of {', '.join(choices)}{likely(text, choices)}")
        return UNSET

    def _sequence(self, node: yaml.Node, shape: Shape, path: str) -> Any:
        if shape.word and isinstance(node, yaml.ScalarNode) and node.value == shape.word:
            return (shape.word,)
        if shape.single and isinstance(node, yaml.ScalarNode) and not nodes.empty(node):
            only = self.read(node, shape_of(shape.arguments[0]), path)
            self._report.items(path, [path])
            return UNSET if only is UNSET else (only,)
        if not isinstance(node, yaml.SequenceNode):
            self._report.add(path, f"expected a list, got {given(node)}{nodes.as_list(node)}")
            return UNSET
        if len(node.value) < shape.min_length:
            self._report.add(path, "is an empty list: write at least one, or remove the line for the default")
            return UNSET
        item = shape_of(shape.arguments[0])
        values = {f"{path}[{index}]": self.read(one, item, f"{path}[{index}]") for index, one in enumerate(node.value)}
        kept = {where: value for where, value in values.items() if value is not UNSET}
        for where in values.keys() - kept.keys():
            self._report.lose(where)
        self._report.items(path, list(kept))
        return tuple(kept.values())

    def _mapping(self, node: yaml.Node, shape: Shape, path: str) -> Any:
        if not isinstance(node, yaml.MappingNode) and not nodes.empty(node):
            self._report.add(path, f"expected a mapping, names with values, got {given(node)}")
            return UNSET
        names, values = map(shape_of, shape.arguments)
        found = {}
        for key, value in self._pairs(node, path):
            where = joined(path, composed(key.value))
            self._place(where, key)
            name = (self.read if names.type in KINDS else self._str)(key, names, where)
            found[name] = self.read(value, values, where)
        return {name: value for name, value in found.items() if name is not UNSET and value is not UNSET}

    def _struct(self, node: yaml.Node, shape: Shape, path: str) -> Any:
        shorthand = getattr(shape.type, "shorthand", "")
        keys = keys_of(shape.type)
        if shorthand and isinstance(node, yaml.ScalarNode):
            word = self.read(node, keys[shorthand].shape, path)
            return UNSET if word is UNSET else shape.type(**{shorthand: word})
        if not isinstance(node, yaml.MappingNode) and not nodes.empty(node):
            self._report.add(path, f"expected a mapping with the keys {', '.join(keys)}, got {given(node)}")
            return UNSET
        values = dict(self._keys(node, keys, path))
        missing = [name for name, key in keys.items() if key.default is NODEFAULT and name not in values]
        for name in missing:
            self._report.add(path, f'the key "{name}" is missing')
        bad = [name for name, value in values.items() if value is UNSET]
        for name in bad:
            self._report.lose(joined(path, name))
        if missing or any(keys[name].default is NODEFAULT for name in bad):
            return UNSET
        return shape.type(**{keys[name].field.name: value for name, value in values.items() if value is not UNSET})

    def _keys(self, node: yaml.Node, keys: dict[str, Key], path: str) -> Iterator[tuple[str, Any]]:
        """The values of a struct's keys. One without a value that is empty by default is as good as not there."""
        for key, value in self._pairs(node, path):
            where = joined(path, key.value)
            known = keys.get(key.value)
            if known is None:
                self._place(where, key)
                advice = likely(key.value, keys) or ";"
                self._report.add(where, f"no such key{advice} the keys here are {', '.join(keys)}")
            elif not (nodes.empty(value) and known.default == ()):
                yield key.value, self.read(value, known.shape, where)

    def _pairs(self, node: yaml.Node, path: str) -> Iterator[tuple[yaml.Node, yaml.Node]]:
        """The keys and values of a mapping, each key once."""
        seen: dict[str, int] = {}
        for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
            word = composed(key.value) if isinstance(key, yaml.ScalarNode) else "?"
            where = joined(path, word)
            if not isinstance(key, yaml.ScalarNode):
                self._report.add(where, f"a key must be a word, got {given(key)}", nodes.line(key))
            elif word in seen:
                advice = f"is given twice, first on line {seen[word]}; remove one"
                self._report.add(where, advice, nodes.line(key))
            else:
                seen[word] = nodes.line(key)
                yield key, value
