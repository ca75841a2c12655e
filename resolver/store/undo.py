"""A change taken back: every row as it was before, as long as nobody has changed it since."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from resolver.errors import ConflictError
from resolver.store import forgotten, scopes, words
from resolver.store.alike import COLUMNS, identity
from resolver.store.changes import ChangeRow, items
from resolver.store.tables import addresses, changes, devices, metadata
from resolver.store.trail import Item, Row, Trail, items_of, key_of

BACK, AGAIN = "take back: ", "again: "
"""What changes that take another back, or that again, are called by."""

_MOVING = {
    "devices": {"first", "last", "host", "mac"},
    "addresses": {"first", "last", "device"},
}
"""Columns that change without anybody's doing."""


def undo(trail: Trail, found: ChangeRow) -> None:
    """Put every row of a change back as it was. What has ended since stays away, as it would have.

    Raises ConflictError, in words, if it was taken back already, if its rows are no longer as it left them, if another
    row stands in the place of one, or if nothing is left to take back.
    """
    if found.undone is not None:
        raise ConflictError(f"change {found.id} was taken back already, by change {found.undone}")
    if not found.undoable:
        raise ConflictError(f"change {found.id} ({found.what}) is of a kind that cannot be taken back")
    for item in reversed(items(trail.connection, found.id)):
        _back(trail, found, item)
    if not trail.items:
        raise ConflictError(f"nothing is left to take back of change {found.id} ({found.what}): it has ended by itself")
    _refuse_alike(trail, found)
    _refuse_orphans(trail, found)
    _follow(trail)
    trail.what = _called(found.what)


def _called(what: str) -> str:
    """What taking back a change is called; taking that back is doing it again."""
    if what.startswith(BACK):
        return AGAIN + what.removeprefix(BACK)
    return BACK + what.removeprefix(AGAIN)


def _back(trail: Trail, found: ChangeRow, item: Item) -> None:
    """Put one row back."""
    table = metadata.tables[item.table]
    now = trail.row(table, (item.after or item.before or {})[key_of(table).name])
    if item.after is None or (now is None and _ended(item.after, trail.now)):
        if item.before is not None and not _ended(item.before, trail.now):
            _insert(trail, found, table, item.before, now)
        return
    changed = _columns(item)
    if now is None or any(now[name] != item.after[name] for name in changed):
        raise ConflictError(_since(trail, found, item, item.after))
    if item.before is None:
        trail.delete(table, now)
    else:
        trail.update(table, now, {name: item.before[name] for name in changed})


def _insert(trail: Trail, found: ChangeRow, table: Table, row: Row, now: Row | None) -> None:
    if now is None:
        if table is devices:
            forgotten.take_over_device(trail, row)
        trail.insert(table, row)
    elif table is addresses:
        forgotten.take_over_address(trail, now, row)
    else:
        raise ConflictError(_since(trail, found, Item(table.name, row, None), row))


def _follow(trail: Trail) -> None:
    """Have the members of a device go with the name that it gets back, or, if it has none then, with its address."""
    for item in [one for one in trail.items if one.table == devices.name and one.before and one.before["name"]]:
        assert item.before is not None
        own = addresses.c.device == item.before["id"]
        gone = [one.before for one in trail.items if one.table == addresses.name and one.before]
        places = [*trail.rows(addresses, own), *(row for row in gone if row["device"] == item.before["id"])]
        newest = max(places, key=lambda row: float(row["last"]), default={"address": ""})
        scope = (item.after or {"name": ""})["name"].lower() or newest["address"]
        if scope:
            scopes.follow(trail, item.before["name"].lower(), scope)


def _columns(item: Item) -> list[str]:
    """What a change did to a row, or all of a new row that only people change."""
    assert item.after is not None
    if item.before is None:
        return [name for name in item.after if name not in _MOVING.get(item.table, ())]
    return [name for name, value in item.after.items() if value != item.before[name]]


def _ended(row: Row, now: float) -> bool:
    until = row.get("until")
    return until is not None and until <= now


def _refuse_alike(trail: Trail, found: ChangeRow) -> None:
    """Nothing may come back to where something else stands by now."""
    for name in sorted({item.table for item in trail.items} & COLUMNS.keys()):
        key = key_of(metadata.tables[name]).name
        back = {item.after[key] for item in trail.items if item.table == name and item.after is not None}
        seen: dict[tuple[Any, ...], Row] = {}
        for row in trail.rows(metadata.tables[name]):
            other = seen.setdefault(identity(name, row), row)
            if other is not row and (row[key] in back or other[key] in back):
                standing = other if row[key] in back else row
                raise ConflictError(
                    f"change {found.id} ({found.what}) cannot be taken back: {words.row(name, standing)} stands in its "
                    f"place{_who(trail, found, name, standing[key])}"
                )


def _refuse_orphans(trail: Trail, found: ChangeRow) -> None:
    """No device may lose its name while there is something for it alone, which would be for nobody."""
    named = {row["name"].lower() for row in trail.rows(devices)}
    lost = {item.before["name"].lower() for item in trail.items if item.table == devices.name and item.before}
    for client in sorted(lost - named - {""}):
        for table in scopes.SCOPED:
            for row in trail.rows(table, table.c.client == client)[:1]:
                raise ConflictError(
                    f"change {found.id} ({found.what}) cannot be taken back: {words.row(table.name, row)} was made "
                    f"since{_who(trail, found, table.name, row['id'])}"
                )


def _since(trail: Trail, found: ChangeRow, item: Item, row: Row) -> str:
    key = row[key_of(metadata.tables[item.table]).name]
    what = words.row(item.table, row)
    return (
        f"change {found.id} ({found.what}) cannot be taken back: {what} was changed since"
        f"{_who(trail, found, item.table, key)}"
    )


def _who(trail: Trail, found: ChangeRow, table: str, key: int | str) -> str:
    """Which later change last had to do with a row, if the trail knows."""
    name = key_of(metadata.tables[table]).name
    later = select(changes).where(changes.c.id > found.id).order_by(changes.c.id.desc())
    for row in trail.connection.execute(later).mappings():
        for item in items_of(row["items"]):
            if item.table == table and (item.after or item.before or {}).get(name) == key:
                return f", by change {row['id']} ({row['what']}): take that back first"
    return ""
