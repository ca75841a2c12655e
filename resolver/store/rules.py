"""People's own rules, and pauses: kept in the database, remembered here, so that neither is lost with the file."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select

from resolver.errors import StoreError
from resolver.model import Clock
from resolver.policy import document as policy
from resolver.policy.document import OwnRule
from resolver.store.database import Database
from resolver.store.opening import Kept
from resolver.store.tables import pauses, rules

R = TypeVar("R")


class NewRule(msgspec.Struct, frozen=True):
    """A rule as it is asked for. `action` is "allow" or "deny"; an empty `client` and `group` mean everyone; `until` is
    Unix time, None for good. The caller has validated all of it."""

    action: str
    name: str
    client: str = ""
    group: str = ""
    until: float | None = None
    comment: str = ""
    origin: str = "api"


class Rule(NewRule, frozen=True, kw_only=True):
    """A rule that is stored."""

    id: int
    created: float


class Added(msgspec.Struct, frozen=True):
    """What adding a rule came to: the rule that now holds, whether it is new, and those that gave way to it."""

    rule: Rule
    created: bool
    replaced: tuple[Rule, ...] = ()


class NewPause(msgspec.Struct, frozen=True):
    """Blocking paused until a Unix time, for a client, a group, or (both empty) everyone."""

    until: float
    client: str = ""
    group: str = ""


class Pause(NewPause, frozen=True, kw_only=True):
    """A pause that is stored."""

    id: int
    created: float


class Paused(msgspec.Struct, frozen=True):
    """What adding a pause came to; as `Added`."""

    pause: Pause
    created: bool
    replaced: tuple[Pause, ...] = ()


class _Known(msgspec.Struct, frozen=True):
    generation: int
    rules: tuple[Rule, ...]
    pauses: tuple[Pause, ...]


class RulesStore:
    """Rules and pauses, by any thread. What changes them is one transaction each, and raises StoreError when that is
    not possible: then nothing was changed. Listing them goes on from memory while the database cannot be read."""

    def __init__(self, database: Database, clock: Clock = time) -> None:
        self._database = database
        self._clock = clock
        self._known: _Known | None = None
        database.kept = self._kept
        with contextlib.suppress(StoreError):  # known from now on, even if nobody asks before the file is damaged
            self._now_known()

    def rules(self) -> list[Rule]:
        """The rules in force, oldest first. Raises StoreError if they never could be read."""
        return _in_force(self._now_known().rules, self._clock.time())

    def pauses(self) -> list[Pause]:
        """The pauses in force, oldest first. Raises StoreError if they never could be read."""
        return _in_force(self._now_known().pauses, self._clock.time())

    def add(self, new: NewRule) -> Added:
        """Add a rule, unless one of the same action, name and scope holds at least as long.

        For the same name and scope it takes the place of a rule with the opposite action, and of one that ends sooner.
        But a rule with an end is an exception to one without, and leaves that as it is.
        """

        def work(connection: Connection) -> Added:
            same = _select(connection, rules, Rule, rules.c.name == new.name, *_scope(rules, new))
            for rule in same:
                if rule.action == new.action and _holds(rule, new):
                    return Added(rule, created=False)
            gone = tuple(rule for rule in same if _gives_way(rule, new))
            _delete(connection, rules, gone)
            values = {**msgspec.structs.asdict(new), "created": self._clock.time()}
            return Added(Rule(**values, id=_insert(connection, rules, values)), created=True, replaced=gone)

        return self._change(work)

    def delete(self, id: int) -> Rule | None:
        """Delete a rule; returns it, or None if there is no such rule in force."""
        return self._change(lambda connection: _take(connection, rules, Rule, id))

    def pause(self, new: NewPause) -> Paused:
        """Add a pause, unless one of the same scope lasts at least as long; one that ends sooner gives way."""

        def work(connection: Connection) -> Paused:
            same = _select(connection, pauses, Pause, *_scope(pauses, new))
            for pause in same:
                if pause.until >= new.until:
                    return Paused(pause, created=False)
            _delete(connection, pauses, same)
            values = {**msgspec.structs.asdict(new), "created": self._clock.time()}
            return Paused(Pause(**values, id=_insert(connection, pauses, values)), created=True, replaced=tuple(same))

        return self._change(work)

    def end(self, id: int) -> Pause | None:
        """End a pause now; returns it, or None if there is no such pause in force."""
        return self._change(lambda connection: _take(connection, pauses, Pause, id))

    def _change(self, work: Callable[[Connection], R]) -> R:
        now = self._clock.time()

        def whole(connection: Connection) -> tuple[R, tuple[list[Rule], list[Pause]]]:
            for table in (rules, pauses):
                connection.execute(delete(table).where(table.c.until <= now))
            return work(connection), _read_all(connection)

        return self._database.run(whole, lambda done: self._remember(*done[1]))[0]

    def _now_known(self) -> _Known:
        """What is in the database; while it cannot be read, what was last known to be in it."""
        known = self._known
        if known is not None and known.generation == self._database.generation:
            return known
        try:
            self._database.run(_read_all, lambda found: self._remember(*found))
        except StoreError:
            if known is None:
                raise
        assert self._known is not None
        return self._known

    def _remember(self, found: list[Rule], paused: list[Pause]) -> None:
        self._known = _Known(self._database.generation, tuple(found), tuple(paused))

    def _kept(self) -> Kept | None:
        known = self._known
        if known is None:
            return None
        return {
            rules.name: [msgspec.structs.asdict(rule) for rule in known.rules],
            pauses.name: [msgspec.structs.asdict(pause) for pause in known.pauses],
        }


def rows_of(rules: Iterable[OwnRule], pauses: Iterable[policy.Pause], now: float) -> Kept:
    """Rows for a new database from what the policy in force says of people's rules and pauses."""
    return {
        "rules": [
            {
                "action": rule.action,
                "name": rule.name,
                "client": rule.client,
                "group": rule.group,
                "until": rule.until,
                "comment": "",
                "created": now,
                "origin": "api",
            }
            for rule in rules
            if rule.origin == "api"
        ],
        "pauses": [
            {"client": pause.client, "group": pause.group, "until": pause.until, "created": now} for pause in pauses
        ],
    }


def _read_all(connection: Connection) -> tuple[list[Rule], list[Pause]]:
    return _select(connection, rules, Rule), _select(connection, pauses, Pause)


def _select(connection: Connection, table: Table, kind: type[R], *where: ColumnElement[bool]) -> list[R]:
    found = connection.execute(select(table).where(*where).order_by(table.c.id)).mappings()
    return [kind(**row) for row in found]


def _insert(connection: Connection, table: Table, values: dict[str, Any]) -> int:
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    assert key is not None
    return int(key[0])


def _delete(connection: Connection, table: Table, gone: Sequence[Rule] | Sequence[Pause]) -> None:
    if gone:
        connection.execute(delete(table).where(table.c.id.in_([item.id for item in gone])))


def _take(connection: Connection, table: Table, kind: type[R], id: int) -> R | None:
    found = _select(connection, table, kind, table.c.id == id)
    connection.execute(delete(table).where(table.c.id == id))
    return found[0] if found else None


def _scope(table: Table, new: NewRule | NewPause) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return table.c.client == new.client, table.c.group == new.group


def _holds(rule: Rule, new: NewRule) -> bool:
    """Whether a rule of the same action makes a new one needless. One with an end outranks schedules, one without does
    not, so neither stands for the other."""
    if rule.until is None or new.until is None:
        return rule.until is new.until
    return rule.until >= new.until


def _gives_way(rule: Rule, new: NewRule) -> bool:
    if rule.until is None:
        return new.until is None
    return new.until is not None or rule.action != new.action


def _in_force(items: Sequence[R], now: float) -> list[R]:
    return [item for item in items if (until := getattr(item, "until", None)) is None or until > now]
