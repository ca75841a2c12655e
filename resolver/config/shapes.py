"""The schema's annotations taken apart, for those who read a config and those who document it."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from typing import Annotated, Any, Union, get_args, get_origin

from msgspec import Meta, Struct
from msgspec.structs import FieldInfo, fields


class Shape(Struct, frozen=True):
    """A type without Annotated and None, and what its Meta say of it. `is_` completes the sentence "… is not …";
    `word` may stand alone where a sequence of words would, and so may, if `single`, any one of them; `form` gives a
    text as it is meant, "" for one that is of the wrong form, as `pattern` says it."""

    type: Any
    description: str = ""
    ge: float | None = None
    le: float | None = None
    min_length: int = 0
    pattern: str = ""
    is_: str = ""
    word: str = ""
    single: bool = False
    form: Callable[[str], str] | None = None

    @property
    def origin(self) -> Any:
        return get_origin(self.type)

    @property
    def arguments(self) -> tuple[Any, ...]:
        return get_args(self.type)

    def is_struct(self) -> bool:
        return isinstance(self.type, type) and issubclass(self.type, Struct)


class Key(Struct, frozen=True):
    """A key of a mapping that is read into a struct."""

    field: FieldInfo
    shape: Shape

    @property
    def default(self) -> Any:
        """The value when the key is not given; msgspec.NODEFAULT if it must be."""
        made = self.field.default_factory
        return made() if callable(made) else self.field.default


def shape_of(annotation: Any) -> Shape:
    """The shape of an annotation; of several Meta each may say something."""
    metas: list[Meta] = []
    while True:
        if get_origin(annotation) is Annotated:
            annotation, *more = get_args(annotation)
            metas += (meta for meta in more if isinstance(meta, Meta))
        elif (without := _without_none(annotation)) != annotation:
            annotation = without
        else:
            return Shape(annotation, **_said(metas))


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in {Union, types.UnionType}:
        return annotation
    return Union[tuple(one for one in get_args(annotation) if one is not types.NoneType)]  # noqa: UP007 - built at run time


def _said(metas: list[Meta]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for meta in metas:
        for name in ("description", "ge", "le", "min_length", "pattern"):
            value = getattr(meta, name)
            if value is not None:
                said[name] = value
        for name, of in (
            ("is_", "is"),
            ("word", "word"),
            ("single", "single"),
            ("form", "read"),
            ("pattern", "pattern"),
        ):
            if meta.extra and of in meta.extra:
                said[name] = meta.extra[of]
    return said


@functools.cache
def keys_of(struct: type[Struct]) -> dict[str, Key]:
    """The keys of a struct as a config spells them, in the order of its fields."""
    return {info.encode_name: Key(info, shape_of(info.type)) for info in fields(struct)}
