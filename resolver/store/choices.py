"""What people chose in place of what the config file says, in the database: a value for each path."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from resolver.config.chosen import Choice, below
from resolver.config.leaves import plain
from resolver.errors import ConflictError
from resolver.store.tables import choices
from resolver.store.trail import Row, Trail

MOST = 500
"""Choices that there can be."""

_SHOWN = 120  # characters of a value in the words of a change

_NAMED = ("groups", "schedules")
"""The sections in which each thing has a name."""

Fits = Callable[[tuple[Choice, ...]], None]
"""Raises what whoever chose is to be told, when these choices are none that can stand together."""


class ChoicePut(msgspec.Struct, frozen=True):
    """What choosing came to: the choice as it was before and as it is now (None: there is none), and whether anything
    was changed."""

    before: Choice | None
    now: Choice | None
    changed: bool


def read(row: Row) -> Choice | None:
    """A row as the choice that it is; None for one that cannot be read, as in a database that was damaged."""
    try:
        return Choice(row["path"], msgspec.json.decode(row["value"]), row["who"], row["at"])
    except msgspec.DecodeError:
        return None


def read_all(rows: Iterable[Row]) -> tuple[Choice, ...]:
    return tuple(choice for row in rows if (choice := read(row)) is not None)


def row_of(choice: Choice) -> Row:
    """And back."""
    value = msgspec.json.encode(choice.value, order="deterministic").decode()
    return {"path": choice.path, "value": value, "who": choice.who, "at": choice.at}


def put(trail: Trail, path: str, value: Any, who: str, fits: Fits) -> ChoicePut:
    """Choose a value for a path. What was chosen for parts of it is over: it says all of them itself."""
    before, parts = _there(trail, path)
    new = row_of(Choice(path, value, who, trail.now))
    if before is not None and before["value"] == new["value"] and not parts:
        return ChoicePut(read(before), read(before), changed=False)
    for row in parts:
        trail.delete(choices, row)
    made = trail.insert(choices, new) if before is None else trail.update(choices, before, new)
    every = read_all(trail.rows(choices))
    if len(every) > MOST:
        raise ConflictError(f"{MOST} things are chosen already: take some back, or write them into the config file")
    fits(every)
    trail.what = told(path, value)
    return ChoicePut(_read(before), read(made), changed=True)


def drop(trail: Trail, path: str, fits: Fits) -> ChoicePut:
    """Take back what was chosen for a path, and for its parts."""
    before, parts = _there(trail, path)
    gone = parts if before is None else [before, *parts]
    for row in gone:
        trail.delete(choices, row)
    if gone:
        fits(read_all(trail.rows(choices)))
        trail.what = f"{called(path)} as the config file says"
    return ChoicePut(_read(before), None, changed=bool(gone))


def told(path: str, value: Any) -> str:
    """A choice in words: "choose lists: balanced, mine (shadow)"."""
    if value is None:
        return f"choose to say nothing of {called(path)}"
    words = _words(value)
    return f"choose {called(path)}: {plain(words, _SHOWN)}" if words else f"choose {called(path)}"


def called(path: str) -> str:
    """What a path is called: "services of group kids"."""
    section, _, rest = path.partition(".")
    if section not in _NAMED or not rest:
        return path
    name, _, key = rest.partition(".")
    whole = f"{section.removesuffix('s')} {name}"
    return f"{key} of {whole}" if key else whole


def _words(value: Any) -> str:
    """A value as people read it; "" for one that says nothing."""
    match value:
        case bool():
            return "yes" if value else "no"
        case None:
            return "nothing"
        case dict():
            return "; ".join(_entry(str(key), said) for key, said in value.items())
        case list():
            return ", ".join(_listed(one) for one in value) or "none"
    return str(value)


def _entry(key: str, said: Any) -> str:
    return f"{key} ({_words(said)})" if isinstance(said, dict) else f"{key} {_words(said)}"


def _listed(one: Any) -> str:
    """An item of a list, by its id if it has one."""
    if not isinstance(one, dict) or "id" not in one:
        return _words(one)
    return f"{one['id']} (shadow)" if one.get("mode") == "shadow" else str(one["id"])


def _read(row: Row | None) -> Choice | None:
    return None if row is None else read(row)


def _there(trail: Trail, path: str) -> tuple[Row | None, list[Row]]:
    """What is chosen for a path, and for parts of it."""
    rows = [row for row in trail.rows(choices) if below(row["path"], path)]
    return next((row for row in rows if row["path"] == path), None), [row for row in rows if row["path"] != path]
