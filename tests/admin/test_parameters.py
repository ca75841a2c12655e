"""Parameters as values: text stays text, and numbers are what JSON calls so."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
import pytest
from msgspec import Meta

from resolver.admin.parameters import values


class Query(msgspec.Struct, frozen=True):
    text: str = ""
    short: Annotated[str, Meta(max_length=3)] | None = None
    word: Literal["a", "b", ""] = ""
    count: Annotated[int, Meta(ge=1)] = 1
    cursor: int | None = None
    share: float = 0.5
    exact: bool = False
    size: Literal[1, 2] = 1


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("text", "1", "1"),
        ("text", "true", "true"),
        ("text", "", ""),
        ("short", "1", "1"),
        ("word", "a", "a"),
        ("count", "7", 7),
        ("cursor", "9", 9),
        ("share", "1", 1.0),
        ("share", "1e-1", 0.1),
        ("exact", "true", True),
        ("exact", "false", False),
        ("size", "2", 2),
    ],
)
def test_values(name: str, given: str, value: object) -> None:
    found = msgspec.convert(values({name: given}, Query), Query)
    assert getattr(found, name) == value
    assert type(getattr(found, name)) is type(value)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("count", "0"),
        ("count", ""),
        ("count", "x"),
        ("count", "true"),
        ("count", "+1"),
        ("count", "1_0"),
        ("count", "\u0661"),
        ("count", "null"),
        ("count", "[1]"),
        ("count", "7.0"),
        ("count", "9" * 5000),
        ("cursor", "null"),
        ("share", "NaN"),
        ("share", "inf"),
        ("exact", "1"),
        ("exact", "True"),
        ("exact", "yes"),
        ("size", "3"),
    ],
)
def test_what_is_none(name: str, given: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(values({name: given}, Query), Query)
