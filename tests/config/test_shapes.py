"""Annotations taken apart."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import NODEFAULT, Meta, Struct, field

from resolver.config.shapes import keys_of, shape_of

_Word = Annotated[str, Meta(pattern="^a$", extra={"is": "an a"})]


class _Sample(Struct):
    word: Annotated[_Word | None, Meta(description="A word.")]
    many: Annotated[tuple[_Word, ...], Meta(min_length=1)] = ()
    named: dict[str, int] = field(default_factory=dict)
    from_: Annotated[tuple[_Word, ...], Meta(extra={"word": "all"})] = field(default=(), name="from-here")


def test_everything_that_is_said_is_kept() -> None:
    shape = shape_of(Annotated[_Word | None, Meta(description="A word.")])
    assert (shape.type, shape.description, shape.pattern, shape.is_) == (str, "A word.", "^a$", "an a")
    assert (shape_of(Annotated[int, Meta(ge=1, le=2)]).ge, shape_of(Annotated[int, Meta(ge=1, le=2)]).le) == (1, 2)


def test_none_is_taken_off_a_union_and_nothing_else() -> None:
    assert shape_of(int | str | None).type == int | str
    assert shape_of(Literal["a", "b"] | None).arguments == ("a", "b")


def test_keys() -> None:
    keys = keys_of(_Sample)
    assert list(keys) == ["word", "many", "named", "from-here"]
    assert (keys["from-here"].field.name, keys["from-here"].shape.word) == ("from_", "all")
    assert keys["word"].default is NODEFAULT
    assert keys["many"].default == ()
    assert keys["named"].default == {}
    assert keys["many"].shape.min_length == 1
    assert not keys["many"].shape.is_struct()
    assert shape_of(_Sample).is_struct()
