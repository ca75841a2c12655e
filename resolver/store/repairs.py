"""Tries to repair a site, one at a time for a site and a device. They leave no trail: what they change does."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, delete, insert, select

from resolver.store.tables import repairs


class Repair(msgspec.Struct, frozen=True):
    """How a try stands: `state` is JSON of whoever makes it; from `until` (Unix time) on it is forgotten."""

    site: str
    client: str
    state: str
    until: float


def read(connection: Connection, now: float) -> list[Repair]:
    """Those that are not over."""
    found = connection.execute(select(repairs).where(repairs.c.until > now).order_by(*repairs.primary_key))
    return [Repair(**row) for row in found.mappings()]


def put(connection: Connection, repair: Repair) -> None:
    """Remember a try, in place of the one of the same site and client."""
    remove(connection, repair.site, repair.client)
    connection.execute(insert(repairs).values(**msgspec.structs.asdict(repair)))


def remove(connection: Connection, site: str, client: str) -> None:
    connection.execute(delete(repairs).where(repairs.c.site == site, repairs.c.client == client))
