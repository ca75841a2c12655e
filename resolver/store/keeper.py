"""The tables of what people made: changed one transaction at a time, by a clock that may be set, and remembered."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import Connection, Table, select

from resolver.config.chosen import Choice
from resolver.errors import StoreError
from resolver.model import Clock
from resolver.store import changes, choices, clockrow, sites
from resolver.store.changes import ChangeRow
from resolver.store.clockrow import STEP, Reading
from resolver.store.face import Kept, Store
from resolver.store.overrides import Override
from resolver.store.pauses import Pause
from resolver.store.rules import Rule
from resolver.store.sites import Site
from resolver.store.tables import choices as choices_table
from resolver.store.tables import overrides, pauses, rules
from resolver.store.tables import sites as sites_table
from resolver.store.trail import Row, Trail

R = TypeVar("R")
E = TypeVar("E", Rule, Pause, Site, Override)


class Known(msgspec.Struct, frozen=True):
    """Every row of people's, in that generation of the database."""

    generation: int
    rules: tuple[Rule, ...]
    pauses: tuple[Pause, ...]
    sites: tuple[Site, ...]
    overrides: tuple[Override, ...]
    choices: tuple[Choice, ...]


class Keeper:
    """`beside` gives what others remember of the tables KEPT, for a database that is begun anew; it is asked with the
    database's lock held."""

    def __init__(self, database: Store, clock: Clock) -> None:
        self.beside: Callable[[], Kept] = dict
        self._database = database
        self._clock = clock
        self._known: Known | None = None
        self._reading: Reading | None = None
        self._read_in = -1  # the generation of the database in which that is stored
        self._life = secrets.token_hex(8)  # stands for the boot of a machine that does not tell it
        database.kept = self._kept

    def known(self) -> Known:
        """What is in the database; while it cannot be read, what was last known to be in it. Raises StoreError if it
        never could be read."""
        known = self._known
        if known is not None and known.generation == self._database.generation:
            return known
        try:
            self._database.run(_read_all, self._remember)
        except StoreError:
            if known is None:
                raise
        assert self._known is not None
        return self._known

    def in_force(self, items: Sequence[E]) -> list[E]:
        """Those that have not ended."""
        now = self.now()
        return [item for item in items if item.until is None or item.until > now]

    def now(self) -> float:
        """Unix time as all ends have it: when the clock was set since they were last moved, as it would be."""
        now, reading = self._look(), self._reading
        if now is None or reading is None:
            return self._clock.time()
        return now.now if abs(now.offset - reading.offset) <= STEP else now.now - now.offset + reading.offset

    def change(
        self,
        who: str,
        what: str,
        work: Callable[[Connection, Trail], R],
        written: Callable[[Connection, int], None] = lambda _, __: None,
    ) -> tuple[R, ChangeRow | None]:
        """Do `work` in one transaction, as one change; its result, and the change, None if nothing was changed.
        `written` gets the change's id in the same transaction."""

        def whole(connection: Connection) -> tuple[R, ChangeRow | None, Known, Reading | None]:
            reading = self._look()
            if reading is not None:
                clockrow.follow(connection, reading, self._reading)
                clockrow.drop_ended(connection, reading.now)
            trail = Trail(connection, self._clock.time() if reading is None else reading.now, who, what)
            result = work(connection, trail)
            if (id := trail.write()) is not None:
                written(connection, id)
            made = None if id is None else changes.one(connection, id)
            return result, made, _read_all(connection), reading

        def committed(done: tuple[R, ChangeRow | None, Known, Reading | None]) -> None:
            self._read(done[3])
            self._remember(done[2])

        result, made, *_ = self._database.run(whole, committed)
        return result, made

    def clock_moved(self, boot: str, offset: float, now: float) -> float:
        """See `PeopleStore`."""
        reading, before = Reading(boot or self._life, offset, now), self._reading
        if (
            before is not None
            and before.boot == reading.boot
            and abs(before.offset - offset) <= STEP
            and self._read_in == self._database.generation
        ):
            return 0.0

        def whole(connection: Connection) -> tuple[float, Known]:
            by = clockrow.follow(connection, reading, before)
            return by, _read_all(connection)

        def committed(done: tuple[float, Known]) -> None:
            self._read(reading)
            self._remember(done[1])

        return self._database.run(whole, committed)[0]

    @property
    def offset(self) -> float | None:
        """See `PeopleStore`."""
        return None if self._reading is None else self._reading.offset

    def seen(self, now: float) -> None:
        """See `PeopleStore`."""
        self._database.run(lambda connection: clockrow.seen(connection, now))

    def _look(self) -> Reading | None:
        """How the clock stands now; None before it was first followed."""
        now, reading = self._clock.time(), self._reading
        return None if reading is None else Reading(reading.boot, now - self._clock.monotonic(), now)

    def _read(self, reading: Reading | None) -> None:
        self._reading = reading
        self._read_in = self._database.generation

    def _remember(self, found: Known) -> None:
        self._known = msgspec.structs.replace(found, generation=self._database.generation)

    def _kept(self) -> Kept:
        known = self._known
        if known is None:
            return self.beside()
        return {
            rules.name: list(map(msgspec.structs.asdict, known.rules)),
            pauses.name: list(map(msgspec.structs.asdict, known.pauses)),
            sites_table.name: list(map(sites.row_of, known.sites)),
            overrides.name: list(map(msgspec.structs.asdict, known.overrides)),
            choices_table.name: list(map(choices.row_of, known.choices)),
            **self.beside(),
        }


def _read_all(connection: Connection) -> Known:
    def rows(table: Table) -> Iterator[Row]:
        return (dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings())

    return Known(
        0,
        tuple(Rule(**row) for row in rows(rules)),
        tuple(Pause(**row) for row in rows(pauses)),
        tuple(map(sites.read, rows(sites_table))),
        tuple(Override(**row) for row in rows(overrides)),
        choices.read_all(rows(choices_table)),
    )
