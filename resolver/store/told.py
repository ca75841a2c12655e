"""Words for the numbers that the log is made of."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Select, select

from resolver.store.among import among
from resolver.store.conditions import below
from resolver.store.face import Store
from resolver.store.filters import LogRow
from resolver.store.tables import clients, facets, kinds, names, reverse

_AT_ONCE = 20_000  # ids whose texts one read asks for
_NAMES_AT_ONCE = 500  # texts whose ids one statement asks for

_NAMES = select(names.c.id, names.c.name)
_CLIENTS = select(clients.c.id, clients.c.client)
_KINDS = (
    select(
        *(kinds.c.id, facets.c.group, facets.c.type, facets.c.rcode, facets.c.origin, facets.c.verdict),
        *(facets.c.source, kinds.c.rule, kinds.c.via, facets.c.upstream, kinds.c.shadow),
    )
    .select_from(kinds)
    .join(facets, facets.c.id == kinds.c.facet)
)


def told(connection: Connection, found: Sequence[Sequence[int]]) -> list[LogRow]:
    """Rows of the table `log` (its columns, in their order) as people read them, in the same order."""
    if not found:
        return []
    _, _, of_names, of_clients, of_kinds, *_ = (set(column) for column in zip(*found, strict=True))
    name = {one[0]: one[1] for one in _of(connection, _NAMES, of_names)}
    client = {one[0]: one[1] for one in _of(connection, _CLIENTS, of_clients)}
    kind = {one[0]: one[1:] for one in _of(connection, _KINDS, of_kinds)}
    rows = []
    for id, at, its_name, its_client, its_kind, count, took_us in found:
        group, type, rcode, origin, verdict, source, rule, via, upstream, shadow = kind[its_kind]
        what = (name[its_name], type, rcode, origin, verdict, source, rule, via, upstream)
        rows.append(LogRow(id, at, client[its_client], group, *what, count, took_us, shadow))
    return rows


def texts(database: Store, column: Column[str], ids: Iterable[int]) -> dict[int, str]:
    """The text of each id, in a column of the table that it is of; what was forgotten is left out."""
    found: dict[int, str] = {}
    listed = sorted(ids)
    for start in range(0, len(listed), _AT_ONCE):
        found.update(database.read(functools.partial(_texts, column=column, ids=listed[start : start + _AT_ONCE])))
    return found


def ids_of(database: Store, those: Sequence[str]) -> list[int]:
    """The ids of those of these names that the log knows."""

    def work(connection: Connection) -> list[int]:
        keys = sorted({reverse(name) for name in those})
        some = (keys[start : start + _NAMES_AT_ONCE] for start in range(0, len(keys), _NAMES_AT_ONCE))
        return [id for part in some for id in connection.scalars(select(names.c.id).where(names.c.key.in_(part)))]

    return database.read(work)


def ids_below(database: Store, those: Sequence[str]) -> list[list[int]]:
    """The ids of each of these names and of those below it, as far as the log knows them."""
    return database.read(lambda connection: [_below(connection, name) for name in those])


def _below(connection: Connection, name: str) -> list[int]:
    return list(connection.scalars(select(names.c.id).where(*below(name))))


def _texts(connection: Connection, column: Column[str], ids: Sequence[int]) -> dict[int, str]:
    return {one[0]: one[1] for one in _of(connection, select(column.table.c.id, column), ids)}


def _of(connection: Connection, statement: Select[Any], ids: Iterable[int]) -> Sequence[Any]:
    column = statement.selected_columns[0]
    return connection.execute(statement.where(among(connection, column, "ids")), {"ids": sorted(ids)}).all()
