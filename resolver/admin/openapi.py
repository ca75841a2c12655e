"""The OpenAPI 3.1 document of the API, made of its routes: types become schemas, docstrings descriptions."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable, Mapping

import msgspec

from resolver import __version__
from resolver.admin.examples import EXAMPLES
from resolver.admin.jobbodies import ErrorBody
from resolver.admin.links import LINKS
from resolver.admin.pages.cookies import SESSION
from resolver.admin.refusals import REFUSALS, refusals
from resolver.admin.routing import API, JSON, Route
from resolver.admin.schemas import Json, Schemas, parameters, prose
from resolver.paths import PRODUCT

PLACES: Mapping[str, str] = {
    "client": "an address, a MAC address, or the name of a device",
    "id": "the id, as the others of its kind tell it",
    "name": "the name",
    "path": "a path of the config that can be chosen, such as upstreams or groups.kids.lists",
    "site": "a name in the site; its registrable domain is meant, unless `exact` is given",
}
"""What stands in a path, by its name there."""

SUCCESS: Mapping[int, str] = {
    200: "What was asked for, or what came of it.",
    201: "It was made.",
    202: "It was begun: `Location` says where to look at it.",
    204: "Done; there is nothing to say.",
}
"""What the statuses of success mean."""

_PLACE = re.compile(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})+))?\}")
_ABOUT = f"""What people can do on the pages and with the command `{PRODUCT}`, programs can do here.

A refusal is `{{"error": {{"code", "message", "path"}}}}`: a stable word, a sentence for people, and the field that it
is about, if there is one. Fields and parameters that are not described here are refused. Times are Unix time.

What comes page by page has a `next`, which is the `cursor` of the page after (null: there is none). What takes long is
a job: the answer is 202, and `Location` says where to look at it. What is read has an `ETag`, for `If-None-Match`. To
delete what is gone already does no harm."""


def document(routes: Iterable[Route]) -> Json:
    """The document for those of the routes that are of the API."""
    ours = [one for one in routes if one.path.startswith(API)]
    schemas = Schemas(ours)
    paths: Json = {}
    for route in ours:
        paths.setdefault(plain_path(route.path), {})[route.method.lower()] = _operation(route, schemas)
    modules = sorted({_module(one) for one in ours})
    return {
        "openapi": "3.1.0",
        "info": {"title": f"{PRODUCT.capitalize()} API", "version": __version__, "description": prose(_ABOUT)},
        "servers": [{"url": "/"}],
        "tags": [{"name": _tag(one), "description": prose(sys.modules[one].__doc__ or "")} for one in modules],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": schemas.components,
            "responses": {str(status): _refusal(text, schemas) for status, text in REFUSALS.items()},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token; it may do what its scopes say.",
                },
                "session": {"type": "apiKey", "in": "cookie", "name": SESSION, "description": "Somebody signed in."},
            },
        },
    }


def plain_path(path: str) -> str:
    """A path as the document has it: without what its variable parts must look like."""
    return _PLACE.sub(r"{\1}", path)


def operation(route: Route) -> str:
    """What the document calls a route."""
    return f"{_tag(_module(route))}-{route.handler.__name__}"


def _operation(route: Route, schemas: Schemas) -> Json:
    summary, _, more = inspect.cleandoc(route.handler.__doc__ or "").partition("\n\n")
    about = inspect.cleandoc(route.query.__doc__ or "") if route.query.__struct_fields__ else ""
    found: Json = {
        "operationId": operation(route),
        "tags": [_tag(_module(route))],
        "summary": prose(summary).removesuffix("."),
        "description": "\n\n".join(map(prose, filter(None, (more, about, f"Needs `{route.needs}`.")))),
        "responses": _responses(route, schemas),
        "security": [] if route.needs == "open" else [{"bearer": [route.needs]}, {"session": [route.needs]}],
    }
    if taken := [*_in_path(route), *_in_query(route)]:
        found["parameters"] = taken
    if route.body is not None:
        required = any(field.required for field in msgspec.structs.fields(route.body))
        found["requestBody"] = {"required": required, "content": {JSON: _content(route.body, schemas)}}
    elif route.takes != JSON:
        found["requestBody"] = {"required": True, "content": {route.takes: {"schema": {"type": "string"}}}}
    return found


def _in_path(route: Route) -> Iterable[Json]:
    for name, pattern in _PLACE.findall(route.path):
        schema = {"type": "string", "minLength": 1, **({"pattern": f"^{pattern}$"} if pattern else {})}
        yield {"name": name, "in": "path", "required": True, "schema": schema, "description": PLACES[name]}


def _in_query(route: Route) -> Iterable[Json]:
    for name, required, schema in parameters(route.query):
        description = schema.pop("description")
        yield {"name": name, "in": "query", "required": required, "schema": schema, "description": description}


def _responses(route: Route, schemas: Schemas) -> Json:
    found: Json = {}
    for status in route.also or (200,):
        found[str(status)] = told = {"description": SUCCESS[status], **_headers(route, status)}
        if route.returns is not None:
            told["content"] = {route.content: _content(route.returns, schemas)}
        elif status == 200:
            told["content"] = {kind: {"schema": {"type": "string"}} for kind in route.content.split(", ")}
        if links := LINKS.get(operation(route)):
            told["links"] = {name: {"operationId": name, "parameters": values} for name, values in links.items()}
    if _has_etag(route):
        found["304"] = {"description": "It is as it was, as `If-None-Match` said.", **_headers(route, 200)}
    for status in sorted(refusals(route)):
        found[str(status)] = {"$ref": f"#/components/responses/{status}"}
    return found


def _headers(route: Route, status: int) -> Json:
    if status == 202:
        return _header("Location", "The job.")
    if status == 200 and _has_etag(route):
        return _header("ETag", "A strong validator of this answer (RFC 9110 section 8.8.3).")
    return {}


def _header(name: str, description: str) -> Json:
    return {"headers": {name: {"required": True, "schema": {"type": "string"}, "description": description}}}


def _has_etag(route: Route) -> bool:
    return route.method == "GET" and route.content == JSON and not route.streamed


def _refusal(text: str, schemas: Schemas) -> Json:
    return {"description": text, "content": {JSON: _content(ErrorBody, schemas)}}


def _content(type: object, schemas: Schemas) -> Json:
    content: Json = {"schema": schemas.of(type)}
    if type in EXAMPLES:
        content["example"] = msgspec.to_builtins(EXAMPLES[type])
    return content


def _module(route: Route) -> str:
    return route.handler.__module__


def _tag(module: str) -> str:
    return module.rpartition(".")[2]
