"""Which lists are in use, as a config says it: from one value of `lists` to another. Pure.

A value is a sequence of ids (of lists of the catalogue, or of presets) and of mappings with an `id` and more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

Mode = Literal["live", "shadow"]

Presets = Mapping[str, Sequence[str]]
"""The ids of the lists that each preset means."""


def id_of(entry: object) -> str:
    """The id of a list or preset in a value; "" for what is neither."""
    found = entry.get("id") if isinstance(entry, Mapping) else entry
    return found if isinstance(found, str) else ""


def used(value: Sequence[object]) -> dict[str, Mapping[str, Any]]:
    """What a value says of each id that stands in it."""
    return {id_of(entry): entry if isinstance(entry, Mapping) else {"id": entry} for entry in value}


def put(value: Sequence[object], id: str, mode: Mode, more: Mapping[str, object] | None = None) -> list[object]:
    """With a list or preset in that mode: what the value says of it besides stays as it is, or becomes `more`."""
    before = used(value).get(id, {})
    said = {key: one for key, one in (before if more is None else more).items() if key not in {"id", "mode"}}
    entry = _short({"id": id, **said, **({"mode": "shadow"} if mode == "shadow" else {})})
    if id in used(value):
        return [entry if id_of(one) == id else one for one in value]
    return [*value, entry]


def without(value: Sequence[object], id: str, presets: Presets) -> list[object]:
    """Without a list, or a preset. In the place of a preset that means the list are the others that it means, in the
    same mode."""
    found: list[object] = []
    for entry in value:
        preset = id_of(entry)
        if preset == id:
            continue
        if id not in presets.get(preset, ()):
            found.append(entry)
            continue
        for other in presets[preset]:
            if other != id and other not in used(value) and other not in used(found):
                found.append(_short({**used([entry])[preset], "id": other}))
    return found


def _short(entry: Mapping[str, object]) -> object:
    return entry["id"] if len(entry) == 1 else dict(entry)
