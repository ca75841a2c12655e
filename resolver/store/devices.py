"""The rows of devices and their addresses: sights written in batches, and a picture of them that is always at hand."""

from __future__ import annotations

import itertools
import math
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, delete, func, insert, select, update

from resolver.store.counting import HOUR
from resolver.store.face import Kept, Store
from resolver.store.sightings import Address, Book, Device, Seen
from resolver.store.spans import span
from resolver.store.tables import addresses, clients, day_clients, devices, hour_clients

_SLICE = 500  # keys of one statement
_MOST = 64  # addresses of a device that are counted, the newest

_Rows = tuple[list[dict[str, Any]], list[dict[str, Any]]]  # of both tables


class Known(msgspec.Struct, frozen=True):
    """A device: `name`, `group` and `privacy` as people said ("": nobody did), `mac` and what the network calls it as
    far as that is known, its first and last sight (Unix time; 0: it never asked), and its addresses with theirs, newest
    first."""

    id: int
    name: str
    group: str
    mac: str
    host: str
    first: float
    last: float
    addresses: tuple[tuple[str, float], ...]
    privacy: str = ""


class Roll:
    """All devices at one moment, by what they can be called."""

    def __init__(self, known: Iterable[Known] = ()) -> None:
        self.devices = {device.id: device for device in known}
        self.by_address = {address: device for device in self.devices.values() for address, _ in device.addresses}
        self.by_mac = {device.mac: device for device in self.devices.values() if device.mac}
        self.by_name = {device.name.lower(): device for device in self.devices.values() if device.name}


class DeviceStore:
    """Any thread may call. What reads or writes raises StoreError when that is not possible; `roll` is at hand always.

    `roll` is as of the last reading or writing here: whoever changes rows elsewhere has them read again.
    """

    def __init__(self, database: Store) -> None:
        self._database = database
        self.roll = Roll()
        self._rows: _Rows | None = None
        self._turns = itertools.count(1)
        self._taken = 0
        self._taking = threading.Lock()

    def read(self) -> Roll:
        """The roll as it is now. Does not wait for those who write."""
        turn = next(self._turns)
        self._remember(self._database.read(_rows), turn)
        return self.roll

    def note(
        self,
        seen: Sequence[Seen],
        hosts: Mapping[str, tuple[int, str]],
        now: float,
        keep: Callable[[Device], bool],
    ) -> set[str]:
        """Take in sights, and what the network calls addresses (`Book.called`), and give up what is too old (but for
        what `keep` speaks for). Returns the addresses that belong to another device from now on."""

        def work(connection: Connection) -> tuple[set[str], _Rows]:
            known, held = _rows(connection)
            book = Book((Device(**row) for row in known), (Address(**row) for row in held))
            for one in seen:
                book.note(one, now, keep)
            book.called(hosts)
            book.tidy(now, keep)
            return (book.moved, _rows(connection)) if _write(connection, book) else (book.moved, (known, held))

        return self._database.run(work, lambda done: self._remember(done[1], next(self._turns)))[0]

    def asked(self, since: float) -> dict[str, tuple[int, int]]:
        """How many queries came from each address from the hour of a Unix time on, and how many of them were blocked,
        as far as the log has it."""

        def work(connection: Connection) -> dict[str, tuple[int, int]]:
            sums = span(connection, since, None).sums((hour_clients, day_clients), "client", ("count", "blocked"))
            every = sums.subquery()
            statement = select(clients.c.client, every.c.count, every.c.blocked).join_from(
                every, clients, clients.c.id == every.c.client
            )
            found = connection.execute(statement.where(clients.c.client != ""))
            return {address: (int(count), int(blocked)) for address, count, blocked in found}

        return self._database.read(work)

    def hours(self, addresses: Sequence[str], since: float, until: float) -> dict[int, tuple[int, int]]:
        """How many queries came from some addresses in each hour that has any of that time (by the Unix second at which
        it begins; those without any are left out), and how many of them were blocked, as far as the log has it. For
        some days at most: each hour is looked for by itself."""
        starts = range(math.floor(since) // HOUR * HOUR, math.ceil(until), HOUR)

        def work(connection: Connection) -> dict[int, tuple[int, int]]:
            these = select(clients.c.id).where(clients.c.client.in_(addresses[:_MOST]), clients.c.client != "")
            ids = list(connection.scalars(these))
            sums = func.sum(hour_clients.c.count), func.sum(hour_clients.c.blocked)
            within = hour_clients.c.hour.in_(starts), hour_clients.c.client.in_(ids)
            found = connection.execute(select(hour_clients.c.hour, *sums).where(*within).group_by(hour_clients.c.hour))
            return {hour: (int(count), int(blocked)) for hour, count, blocked in found}

        return self._database.read(work) if addresses else {}

    @property
    def known(self) -> bool:
        """Whether the rows were ever read."""
        return self._rows is not None

    def beside(self) -> Kept:
        """The rows, for a database begun anew; nothing when they were never read. Does not use the database."""
        if self._rows is None:
            return {}
        return {devices.name: self._rows[0], addresses.name: self._rows[1]}

    def _remember(self, rows: _Rows, turn: int) -> None:
        """Take these rows, unless there are some already of a later turn: reading began then, or writing ended."""
        held: dict[int, list[tuple[str, float]]] = {}
        for one in rows[1]:
            held.setdefault(one["device"], []).append((one["address"], one["last"]))
        roll = Roll(
            Known(**row, addresses=tuple(sorted(held.get(row["id"], ()), key=lambda one: (-one[1], one[0]))))
            for row in rows[0]
        )
        with self._taking:
            if turn > self._taken:
                self._taken, self._rows, self.roll = turn, rows, roll


def _rows(connection: Connection) -> _Rows:
    return _all(connection, devices), _all(connection, addresses)


def _all(connection: Connection, table: Table) -> list[dict[str, Any]]:
    key = next(iter(table.primary_key))
    return [dict(row) for row in connection.execute(select(table).order_by(key)).mappings()]


def _write(connection: Connection, book: Book) -> bool:
    """Bring the rows to what the book says; whether there was anything to do."""
    ids = {}
    for device in book.changed_devices.values():
        values = msgspec.structs.asdict(device)
        del values["id"]
        if device.id > 0:
            connection.execute(update(devices).where(devices.c.id == device.id).values(**values))
        else:
            key = connection.execute(insert(devices).values(**values)).inserted_primary_key
            assert key is not None
            ids[device.id] = int(key[0])
    _delete(connection, devices, sorted(book.gone_devices))
    changed = book.changed_addresses
    _delete(connection, addresses, sorted(book.gone_addresses | changed.keys()))
    rows = [{**msgspec.structs.asdict(one), "device": ids.get(one.device, one.device)} for one in changed.values()]
    if rows:
        connection.execute(insert(addresses), rows)
    return bool(book.changed_devices or book.gone_devices or book.gone_addresses or changed)


def _delete(connection: Connection, table: Table, keys: Sequence[int] | Sequence[str]) -> None:
    column = next(iter(table.primary_key))
    for start in range(0, len(keys), _SLICE):
        connection.execute(delete(table).where(column.in_(keys[start : start + _SLICE])))
