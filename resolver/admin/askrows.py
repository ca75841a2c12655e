"""What is asked for, as rows: how many of them somebody may have, and for how long they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from resolver.errors import ConflictError
from resolver.store.accountrows import WAITING, Asked
from resolver.store.tables import requests

NO_USER = 0
"""The user of a request that a device makes without anybody being signed in; no user has this id."""

DAY = 86_400.0
"""Seconds for which a request waits."""

MOST_WAITING = 5
"""Of one member, or of one device, at a time."""

MOST_OPEN = 20
"""Of all devices together, at a time: whoever takes one address after the other is not to bury what others ask."""

MOST_HOURLY = 10
"""Of one device, decided or not."""

_KEPT = 30 * DAY
_HOUR = 3600.0


def file(connection: Connection, asked: Asked, alike: Sequence[str]) -> int:
    """Write down a request, whose id is made here, and returned. `alike` are all devices as rules name them that count
    as one, where no user asks. Raises ConflictError when there is the same, or too much of it."""
    _tidy(connection, asked.at)
    theirs = requests.c.user == asked.user
    if asked.user == NO_USER:
        theirs &= requests.c.client.in_(alike)
        _check_devices(connection, theirs, asked.at)
    waiting = connection.execute(select(requests.c.name, requests.c.client).where(theirs, requests.c.state == WAITING))
    same = [(row.name, row.client) for row in waiting]
    if (asked.name, asked.client) in same:
        raise ConflictError("that was asked for already: somebody has to decide first")
    if len(same) >= MOST_WAITING:
        raise ConflictError(f"{MOST_WAITING} requests are waiting already: somebody has to decide first")
    made = connection.execute(insert(requests).values(**_row(asked))).inserted_primary_key
    assert made is not None
    return int(made[0])


def _check_devices(connection: Connection, theirs: ColumnElement[bool], now: float) -> None:
    open = _count(connection, requests.c.user == NO_USER, requests.c.state == WAITING)
    if open >= MOST_OPEN:
        raise ConflictError(f"{open} requests of devices are waiting already: somebody has to decide first")
    if _count(connection, theirs, requests.c.at > now - _HOUR) >= MOST_HOURLY:
        raise ConflictError(f"this device asked for something {MOST_HOURLY} times within an hour: try again later")


def _count(connection: Connection, *which: ColumnElement[bool]) -> int:
    return int(connection.execute(select(func.count()).select_from(requests).where(*which)).scalar_one())


def _tidy(connection: Connection, now: float) -> None:
    """Forget what is too old to be of use, and what waited for a day."""
    connection.execute(delete(requests).where(requests.c.at < now - _KEPT))
    connection.execute(delete(requests).where(requests.c.state == WAITING, requests.c.at < now - DAY))


def _row(asked: Asked) -> dict[str, Any]:
    return {column.name: getattr(asked, column.name) for column in requests.c if column.name != "id"}
