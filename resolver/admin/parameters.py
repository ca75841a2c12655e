"""Parameters of a URL, which are text, as values: numbers, true and false are written as in JSON."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import msgspec
from msgspec import inspect


def values(given: Mapping[str, str], kind: type[msgspec.Struct]) -> dict[str, object]:
    """What was given, by the names of the fields of `kind`; what is no number where one should be stays text."""
    text = _texts(kind)
    return {name: value if name in text else _value(value) for name, value in given.items()}


@functools.cache
def _texts(kind: type[msgspec.Struct]) -> frozenset[str]:
    """The fields that are text, or can be."""
    info = inspect.type_info(kind)
    assert isinstance(info, inspect.StructType)
    return frozenset(field.encode_name for field in info.fields if _is_text(field.type))


def _is_text(of: inspect.Type) -> bool:
    match of:
        case inspect.Metadata(type=inner):
            return _is_text(inner)
        case inspect.UnionType(types=types):
            return any(map(_is_text, types))
        case inspect.LiteralType(values=values):
            return any(isinstance(value, str) for value in values)
        case _:
            return isinstance(of, inspect.StrType)


def _value(text: str) -> object:
    try:
        found: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError):
        return text
    return found if isinstance(found, bool | int | float) else text
