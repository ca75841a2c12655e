"""YAML nodes as messages speak of them, and the few things of YAML 1.1 that the reader has to know."""

from __future__ import annotations

import yaml

from resolver.config.leaves import plain, shown

_TAG = "tag:yaml.org,2002:"
STR, NULL, INT, BOOL = _TAG + "str", _TAG + "null", _TAG + "int", _TAG + "bool"
TAKEN_FOR = {
    BOOL: "a yes/no value",
    INT: "a number",
    _TAG + "float": "a number",
    _TAG + "timestamp": "a date",
    _TAG + "merge": "a merge key",
    _TAG + "value": "a default key",
}
"""What YAML 1.1 takes an unquoted scalar for when it does not take it for text."""
CHOSEN = "chosen here"
"""The file, as messages have it, of a node that no file holds: what people chose in the admin."""
_PLURALS = {_TAG + "seq", _TAG + "map"}


def line(node: yaml.Node) -> int:
    """The 1-based line where a node begins; 0 for one that no file holds."""
    return node.start_mark.line + 1 if node.start_mark else 0


def file(node: yaml.Node, usual: str) -> str:
    """Which file a node is of."""
    return CHOSEN if node.start_mark and node.start_mark.name == CHOSEN else usual


def empty(node: yaml.Node) -> bool:
    """Whether a key has no value: every line below it is commented out, or it says null."""
    return bool(node.tag == NULL)


def foreign(node: yaml.Node) -> bool:
    """Whether a node has a tag of its own (!!set, !include): a program's business, not a config's."""
    return node.tag not in TAKEN_FOR and node.tag not in _PLURALS and node.tag not in {STR, NULL}


def given(node: yaml.Node) -> str:
    """What a node is, to end the sentence "expected …, got"."""
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if node.tag == NULL:
        return "nothing"
    if node.tag == STR:
        return f"text {shown(node.value)}"
    return f"{TAKEN_FOR.get(node.tag, 'the value')} {plain(node.value)}"


def as_list(node: yaml.Node) -> str:
    """Advice for one that stands where a list should."""
    if node.tag == NULL:
        return "; write [] for none, or remove the line"
    return f"; write [{shown(node.value)}]" if isinstance(node, yaml.ScalarNode) else "; begin each item with -"


def joined(path: str, key: str) -> str:
    return f"{path}.{plain(key)}" if path else plain(key)
