"""The schema as JSON Schema, for editors: `python -m resolver.config.document > config/schema.json`."""

from __future__ import annotations

import json
import sys
from enum import Enum
from typing import Any, Literal

from msgspec import NODEFAULT, Struct

from resolver.config.kinds import KINDS
from resolver.config.schema import Config
from resolver.config.shapes import Key, Shape, keys_of, shape_of

_PLAIN = {str: "string", int: "integer", bool: "boolean"}


def schema_json() -> str:
    """The text of config/schema.json."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Lull's config file"}
    return json.dumps(head | _schema(shape_of(Config)), indent=2, ensure_ascii=False) + "\n"


def _schema(shape: Shape) -> dict[str, Any]:
    if kind := KINDS.get(shape.type):
        return {"type": "string", **kind.json, "examples": [kind.example]}
    if shape.origin is Literal:
        return {"enum": list(shape.arguments)}
    if shape.origin is tuple:
        item = _schema(shape_of(shape.arguments[0]))
        items = {"type": "array", "items": item, **_if("minItems", shape.min_length or None)}
        if shape.single:
            return {"anyOf": [item, items]}
        return {"anyOf": [{"const": shape.word}, items]} if shape.word else items
    if shape.origin is dict:
        names, values = map(shape_of, shape.arguments)
        return {"type": ["object", "null"], "propertyNames": _schema(names), "additionalProperties": _schema(values)}
    if shape.is_struct():
        return _struct(shape)
    limits = _if("minimum", shape.ge) | _if("maximum", shape.le) | _if("pattern", shape.pattern or None)
    return {"type": _PLAIN[shape.type], **limits}


def _if(word: str, value: object) -> dict[str, Any]:
    return {} if value is None else {word: value}


def _struct(shape: Shape) -> dict[str, Any]:
    keys = keys_of(shape.type)
    required = [name for name, key in keys.items() if key.default is NODEFAULT]
    mapping = {
        "type": "object" if required else ["object", "null"],
        "properties": {name: _property(key) for name, key in keys.items()},
        **_if("required", required or None),
        "additionalProperties": False,
    }
    shorthand = getattr(shape.type, "shorthand", "")
    return {"anyOf": [_schema(keys[shorthand].shape), mapping]} if shorthand else mapping


def _property(key: Key) -> dict[str, Any]:
    schema = {"description": key.shape.description, **_schema(key.shape)}
    if key.default == ():
        schema.get("anyOf", [schema])[-1]["type"] = ["array", "null"]
    section = key.shape.is_struct() and key.shape.type not in KINDS
    if section or key.default in (NODEFAULT, None) or isinstance(key.default, dict):
        return schema
    return schema | {"default": _written(key.default, key.shape)}


def _written(value: Any, shape: Shape) -> Any:
    """A default as a person would write it."""
    if kind := KINDS.get(shape.type):
        return kind.show(value)
    if isinstance(value, tuple):
        item = shape_of(shape.arguments[0])
        return [_written(one, item) for one in value]
    if isinstance(value, Struct):
        return getattr(value, shape.type.shorthand)
    return value.value if isinstance(value, Enum) else value


if __name__ == "__main__":
    sys.stdout.write(schema_json())
