"""The document of the API: valid, whole, and every word of it said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import msgspec
import pytest
from openapi_spec_validator import validate

from resolver.admin import glossary
from resolver.admin.app import ROUTES
from resolver.admin.examples import EXAMPLES
from resolver.admin.links import LINKS
from resolver.admin.openapi import PLACES, document, operation, plain_path
from resolver.admin.refusals import REFUSALS, refusals
from resolver.admin.routing import API, Route
from resolver.admin.schemas import Schemas, parameters, prose

OURS = [one for one in ROUTES if one.path.startswith(API)]
DOCUMENT = document(ROUTES)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]


def told(route: Route) -> Any:
    return DOCUMENT["paths"][plain_path(route.path)][route.method.lower()]


def test_it_is_valid() -> None:
    validate(DOCUMENT)


def test_every_route_is_in_it_and_nothing_else() -> None:
    there = {(method.upper(), path) for path, methods in DOCUMENT["paths"].items() for method in methods}
    assert there == {(one.method, plain_path(one.path)) for one in OURS}
    names = [operation(one) for one in OURS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("route", OURS, ids=operation)
def test_what_is_said_of_a_route(route: Route) -> None:
    said = told(route)
    assert 3 < len(said["summary"]) < 100, said["summary"]
    assert "\n" not in said["summary"]
    assert f"Needs `{route.needs}`." in said["description"]
    assert "as above" not in said["description"], "nothing stands above it"
    places = re.findall(r"\{([a-z]\w*)", route.path)
    names = [one["name"] for one in said.get("parameters", ())]
    assert names == [*places, *route.query.__struct_encode_fields__]
    for one in said.get("parameters", ()):
        assert one["description"]
        assert "null" not in str(one["schema"]), "a parameter is not null, but left out"
    assert ("requestBody" in said) is (route.body is not None or route.takes != "application/json")
    assert set(said["responses"]) >= {str(status) for status in refusals(route)}
    assert all(set(scope.values().__iter__().__next__()) == {route.needs} for scope in said["security"])


def fields() -> Iterator[tuple[str, str, Any]]:
    for name, schema in SCHEMAS.items():
        for field, one in schema.get("properties", {}).items():
            yield name, field, one


def test_every_type_and_field_is_described() -> None:
    assert [name for name, schema in SCHEMAS.items() if not schema.get("description")] == []
    assert [f"{name}.{field}" for name, field, one in fields() if not one.get("description")] == []
    text = msgspec.json.encode(DOCUMENT).decode()
    assert "resolver." not in text, "modules are nobody's business"
    assert re.findall(r"(?<!-)\bNone\b", text) == []


def test_the_glossary_has_no_word_too_many() -> None:
    words = glossary.read()
    assert list(words) == sorted(words, key=lambda name: (name.rpartition(".")[2], name))
    used = {name for type, field, one in fields() for name in (field, f"{type.partition('_')[0]}.{field}")}
    queries = {one.query for one in OURS}
    asked = {(query.__name__, name) for query in queries for name, _, _ in parameters(query)}
    used |= {name for query, field in asked for name in (field, f"{query}.{field}")}
    assert sorted(set(words) - used) == []


def test_every_body_has_an_example_that_is_one() -> None:
    asked = {one.body for one in OURS if one.body is not None}
    assert sorted(one.__name__ for one in asked - set(EXAMPLES)) == []
    for type, example in EXAMPLES.items():
        again = msgspec.convert(msgspec.to_builtins(example), type=type)
        assert again == example
    seen = 0
    for route in OURS:
        for content in contents(told(route)):
            if "example" in content:
                seen += 1
                schema = {**content["schema"], "components": DOCUMENT["components"]}
                jsonschema_rs.validate(schema, content["example"])
    assert seen >= len(asked)


def contents(said: Any) -> Iterator[Any]:
    for one in (said.get("requestBody", {}), *said["responses"].values()):
        yield from one.get("content", {}).values()


def test_links_lead_to_what_there_is() -> None:
    known = {operation(one): told(one) for one in OURS}
    for begin, links in LINKS.items():
        assert begin in known
        for end, values in links.items():
            assert set(values) <= {one["name"] for one in known[end]["parameters"]}, (begin, end)


def test_what_stands_in_paths_is_described_once() -> None:
    assert {name for one in OURS for name in re.findall(r"\{([a-z]\w*)", one.path)} == set(PLACES)
    assert {status for one in OURS for status in refusals(one)} == set(REFUSALS)


def test_jobs_tell_what_comes_of_them() -> None:
    for route in OURS:
        if 202 in route.also:
            said = told(route)["responses"]["202"]
            assert said["content"]["application/json"]["schema"]["$ref"].startswith("#/components/schemas/Job_")
            assert said["headers"]["Location"]["required"]


def test_two_types_of_one_name_are_refused() -> None:
    class Done(msgspec.Struct):
        """Not the one that is known."""

    Done.__module__, Done.__qualname__ = "resolver.admin.other", "Done"
    wrong = msgspec.structs.replace(OURS[0], returns=Done)
    with pytest.raises(TypeError, match="two types of the API have one name"):
        Schemas([*OURS, wrong])


def test_a_field_that_nobody_describes_is_refused() -> None:
    class Query(msgspec.Struct):
        """What nobody knows."""

        quux: str

    with pytest.raises(TypeError, match="nobody describes the field quux of Query"):
        list(parameters(Query))


def test_prose() -> None:
    assert prose("One\n    line, None of\nit.\n\nAnother.") == "One line, null of it.\n\nAnother."
