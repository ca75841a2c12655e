"""The types of the API's bodies and parameters as JSON Schema (2020-12), with a description for every field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from resolver.admin import glossary
from resolver.admin.jobbodies import ErrorBody
from resolver.admin.routing import Route

Json = dict[str, Any]

SCHEMAS = "#/components/schemas/"

_WORDS = glossary.read()
_MODULE = re.compile(r"resolver\.(?:\w+\.)*")


class Schemas:
    """The schemas of the types of some routes. Raises TypeError for two types of one name, and for fields that nobody
    describes: neither they themselves nor the glossary."""

    def __init__(self, routes: Iterable[Route]) -> None:
        types = [one for route in routes for one in (route.body, route.returns) if one is not None]
        unique: dict[Any, None] = dict.fromkeys([ErrorBody, *types])
        refers, found = msgspec.json.schema_components(list(unique), ref_template=SCHEMAS + "{name}")
        named = {name: _plain(name) for name in found}
        if len(set(named.values())) != len(named):
            raise TypeError(f"two types of the API have one name: {sorted(named.values())}")
        text = msgspec.json.encode([refers, {named[name]: schema for name, schema in sorted(found.items())}]).decode()
        for name, plain in named.items():
            text = text.replace(f'"{SCHEMAS}{name}"', f'"{SCHEMAS}{plain}"')
        renamed, components = msgspec.json.decode(text)
        self._refers: dict[object, Json] = dict(zip(unique, renamed, strict=True))
        self.components: Json = {name: _described(name, schema) for name, schema in components.items()}

    def of(self, type: object) -> Json:
        """How a type is referred to."""
        return self._refers[type]


def parameters(query: type[msgspec.Struct]) -> Iterable[tuple[str, bool, Json]]:
    """The parameters of a query: name, whether it is required, and schema."""
    if not query.__struct_fields__:
        return
    _, components = msgspec.json.schema_components([query])
    whole = _described(query.__name__, components[query.__name__])
    for name, schema in whole["properties"].items():
        yield name, name in whole["required"], _given(schema)


def prose(text: str) -> str:
    """A docstring as the document has it: paragraphs without line breaks, in the words of JSON."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return re.sub(r"(?<!-)\bNone\b", "null", "\n\n".join(paragraphs))


def _plain(name: str) -> str:
    """The name of a schema without modules: Job_list_resolver.admin.listbodies.ListInfo__ is Job_list_ListInfo."""
    return _MODULE.sub("", name).rstrip("_")


def _described(name: str, schema: Json) -> Json:
    """A schema whose fields are described: by themselves, or else by the glossary."""
    told = {**schema, "title": _MODULE.sub("", schema.get("title", name))}
    if "description" in schema:
        told["description"] = prose(schema["description"])
    if "properties" in schema:
        told["properties"] = {field: _field(name, field, one) for field, one in schema["properties"].items()}
    return told


def _field(name: str, field: str, schema: Json) -> Json:
    if "description" in schema:
        return schema
    said = _WORDS.get(f"{name.partition('_')[0]}.{field}") or _WORDS.get(field)
    if said is None:
        raise TypeError(f"nobody describes the field {field} of {name}: say it in the glossary")
    return {**schema, "description": said}


def _given(schema: Mapping[str, Any]) -> Json:
    """The schema of a parameter that is given: one that is not is left out, and never null."""
    rest = {key: value for key, value in schema.items() if key != "anyOf" and (key, value) != ("default", None)}
    kinds = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if not kinds:
        return rest
    return {**kinds[0], **rest} if len(kinds) == 1 else {**rest, "anyOf": kinds}
