"""A LogFilter as the tables have it: what a row must be, and by which terms the blocks are found that may hold one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, exists, false, func, or_, select

from resolver.store.among import among
from resolver.store.filters import ANY, LogFilter
from resolver.store.speeds import speed
from resolver.store.tables import clients, facets, kinds, log, names, reverse
from resolver.store.terms import Of, term

MANY = 20_000
"""Names or kinds that are looked for one by one. Of more, nearly every block holds some: those are known by their
text."""

FEW = 2_000
"""Names or kinds that a row is held against by their numbers."""

Where = list[ColumnElement[bool]]


class Group(msgspec.Struct, frozen=True):
    """Terms any of which a row must have."""

    of: Of
    terms: Sequence[int]


class Wanted(msgspec.Struct, frozen=True):
    """What holds for the rows that are wanted, exactly (`where` with its `values`), and the groups of terms of each of
    which they have one, the smallest first. `piece` is a part of names; which have it is still to be found out."""

    where: Sequence[ColumnElement[bool]]
    values: dict[str, Any]
    groups: Sequence[Group]
    piece: str = ""

    @property
    def impossible(self) -> bool:
        """Whether no row can be so."""
        return not all(group.terms for group in self.groups)

    def with_names(self, ids: Sequence[int]) -> Wanted:
        """The same, when these are all names that have the piece."""
        return msgspec.structs.replace(self, groups=_smallest_first([*self.groups, group_of(Of.NAME, ids)]), piece="")


def group_of(of: Of, ids: Sequence[int]) -> Group:
    return Group(of, [term(of, id) for id in sorted(ids)])


def wanted(connection: Connection, filter: LogFilter, these: Sequence[int] | None = None) -> Wanted:
    """What a filter asks for, in the numbers of this database; if ids of names are given, of these alone."""
    made = _Made(connection, filter)
    if these is not None:
        made.of_these(these)
    made.of_rows()
    made.of_clients()
    made.of_kinds()
    made.of_names()
    return Wanted(made.where, made.values, _smallest_first(made.groups), made.piece)


def _smallest_first(groups: Sequence[Group]) -> list[Group]:
    return sorted(groups, key=lambda group: len(group.terms))


class _Made:
    """What is known of the rows so far."""

    def __init__(self, connection: Connection, filter: LogFilter) -> None:
        self.where: Where = []
        self.values: dict[str, Any] = {}
        self.groups: list[Group] = []
        self.piece = ""
        self._connection = connection
        self._filter = filter

    def of_rows(self) -> None:
        """What the row itself says."""
        filter = self._filter
        if filter.since is not None:
            self.where.append(log.c.at >= filter.since)
        if filter.until is not None:
            self.where.append(log.c.at < filter.until)
        if filter.slower is not None:
            self.where.append(log.c.took_us > filter.slower * 1000)

    def of_clients(self) -> None:
        if self._filter.clients is None:
            return
        statement = select(clients.c.id).where(clients.c.client.in_(sorted(set(self._filter.clients))))
        ids = self._ids(statement)
        self._one_of(log.c.client, "clients", ids)
        self.groups.append(group_of(Of.CLIENT, ids))

    def of_kinds(self) -> None:
        """By facets, of which there are few hundred, and by the words of the kind, of which there are many thousand."""
        by_facet, where = _of_facet(self._filter), _of_words(self._filter)
        by_words = bool(where)
        if by_facet:
            ids = self._ids(select(facets.c.id).where(*by_facet))
            self.values["facets"] = ids
            self.groups.append(group_of(Of.FACET, ids))
            where.append(among(self._connection, kinds.c.facet, "facets"))
        if not where:
            return
        most = MANY if by_words else FEW
        ids = self._ids(select(kinds.c.id).where(*where).limit(most + 1))
        if len(ids) <= FEW:
            self._one_of(log.c.kind, "kinds", ids)
            self.values.pop("facets", None)
        else:
            self.where.append(_has(kinds, log.c.kind, where))
        if by_words and len(ids) <= MANY:
            self.groups.append(group_of(Of.KIND, ids))

    def of_names(self) -> None:
        """By their numbers, if those are not many; else by their text, and always so where a piece of it is asked."""
        filter, where = self._filter, _of_name(self._filter)
        if not where:
            return
        ids = None
        if filter.exact is not None or filter.name not in {None, "."}:
            by_key = where[:-1] if filter.part else where
            ids = self._ids(select(names.c.id).where(*by_key).limit(MANY + 1))
        if ids is None or len(ids) > MANY:
            self.piece = filter.part or ""
        else:
            self.groups.append(group_of(Of.NAME, ids))
        if ids is not None and len(ids) <= FEW and not filter.part:
            self._one_of(log.c.name, "named", ids)
        else:
            self.where.append(_has(names, log.c.name, where))

    def of_these(self, ids: Sequence[int]) -> None:
        """Of names that are given."""
        self._one_of(log.c.name, "these", ids)
        self.groups.append(group_of(Of.NAME, ids))

    def _one_of(self, column: ColumnElement[int], values: str, ids: Sequence[int]) -> None:
        if len(ids) == 1:
            self.where.append(column == bindparam(values))
            self.values[values] = ids[0]
        else:
            self.where.append(among(self._connection, column, values))
            self.values[values] = ids

    def _ids(self, statement: Select[tuple[int]]) -> list[int]:
        return list(self._connection.scalars(statement, self.values))


def _has(table: Table, id: ColumnElement[int], where: Where) -> ColumnElement[bool]:
    """That the row of a table which a row of the log names is so."""
    return exists(select(table.c.id).where(table.c.id == id, *where).correlate(log))


def _of_facet(filter: LogFilter) -> Where:
    where: Where = [facets.c[field] == value for field, value in filter.alike.items() if field in facets.c]
    if filter.slower is not None:
        where.append(facets.c.speed >= speed(int(filter.slower * 1000) + 1))
    return where


def _of_words(filter: LogFilter) -> Where:
    where: Where = [] if filter.rule is None else [kinds.c.rule == filter.rule]
    if filter.shadow is not None:
        where.append(kinds.c.shadow != "")
    if filter.shadow not in {None, ANY}:
        begins = f"{filter.shadow}: "
        where.append(or_(kinds.c.shadow == filter.shadow, func.substr(kinds.c.shadow, 1, len(begins)) == begins))
    return where


def _of_name(filter: LogFilter) -> Where:
    """What is asked by a piece of the name comes last: no index helps with it."""
    where: Where = []
    if filter.exact is not None:
        where.append(names.c.key == reverse(filter.exact))
    if filter.name is not None and filter.name != ".":  # everything is below the root
        where += below(filter.name)
    if filter.part:
        where.append(has_piece(filter.part))
    return where


def below(name: str) -> Where:
    """That a name is this one, or below it. One range, as "." and "/" are neighbours; what lies between the two ends
    but is another name ("com.example-site") is then left out."""
    key = reverse(name)
    return [names.c.key >= key, names.c.key < key + "/", or_(names.c.key == key, names.c.key >= key + ".")]


def has_piece(part: str) -> ColumnElement[bool]:
    """That a name has this in it. Names are in small letters, and none has a zero byte, at which SQLite would take the
    pattern to end."""
    return false() if "\0" in part else names.c.name.contains(part.lower(), autoescape=True)
