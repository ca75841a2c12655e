"""YAML text → a tree of nodes that know their lines. No values are made here: YAML's own idea of them is not ours."""

from __future__ import annotations

import yaml

from resolver.errors import Problem

LARGEST = 1 << 20
"""Bytes that a config file may have."""
_DEEPEST = 32
_ADVICE = {
    "\\t": "; indent with spaces, not tabs",
    "mapping values are not allowed": "; check the indentation, and quote a text that holds a colon and a space",
    "undefined alias": "; quote a text that begins with *",
}


class _Unclear(yaml.MarkedYAMLError):
    """YAML that is well formed and still refused."""


class _Loader(yaml.SafeLoader):
    """A composer that refuses deep nesting, on which recursion would end."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unclear(problem=f"nested more than {_DEEPEST} deep", problem_mark=self.get_mark())
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def compose(data: bytes, file: str) -> yaml.Node | Problem | None:
    """The root node of a YAML document; None if it is empty; the Problem if it is not readable YAML. Never raises."""
    if len(data) > LARGEST:
        return Problem(
            file, 0, "", f"is larger than {LARGEST >> 20} MiB; a config file is short, lists are files of their own"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Problem(file, line, "", f"byte 0x{data[error.start]:02x} is not UTF-8; save the file as UTF-8")
    try:
        return _root(text)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        return Problem(
            file, line, "", f"the character U+{ord(text[error.position]):04X} cannot stand in YAML; remove it"
        )
    except yaml.MarkedYAMLError as error:
        return Problem(file, _line(error), "", f"not readable as YAML: {_reason(error)}")


def _root(text: str) -> yaml.Node | None:
    loader = _Loader(text)
    try:
        return loader.get_single_node()
    except (ValueError, OverflowError) as error:  # PyYAML, of an escape like "\\UFFFFFFFF" or a long %YAML version
        raise _Unclear(problem="an escape or a directive is out of range", problem_mark=loader.get_mark()) from error
    finally:
        loader.dispose()


def _line(error: yaml.MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else 0


def _reason(error: yaml.MarkedYAMLError) -> str:
    problem = error.problem or ""
    reason = f"{error.context}, {problem}" if error.context else problem
    if error.context_mark and error.context_mark.line + 1 != _line(error):
        reason += f" (it began on line {error.context_mark.line + 1})"
    advice = next((advice for sign, advice in _ADVICE.items() if sign in problem), "")
    return reason + advice
