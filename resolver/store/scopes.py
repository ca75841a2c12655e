"""For whom rules are, when the name by which a device is known changes."""

from __future__ import annotations

from sqlalchemy import delete, update

from resolver.store.alike import identity
from resolver.store.tables import overrides, pauses, repairs, requests, rules, sites, users
from resolver.store.trail import Trail

SCOPED = (rules, pauses, sites, overrides)


def rename(trail: Trail, old: str, new: str) -> None:
    """Make what is for the client `old` (an address, or a device's name in small letters) be for `new`: when a device
    is named, and when it gets another name. Of two rules that then are alike, the newer one stays. Tries to repair a
    site go with it."""
    for table in SCOPED:
        moved = trail.rows(table, table.c.client == old)
        standing = {identity(table.name, row): row for row in trail.rows(table, table.c.client == new)} if moved else {}
        for row in moved:
            other = standing.get(identity(table.name, {**row, "client": new}))
            if other is not None:
                trail.delete(table, min(row, other, key=lambda one: int(one["id"])))
            if other is None or other["id"] < row["id"]:
                trail.update(table, row, {"client": new})
    trail.connection.execute(delete(repairs).where(repairs.c.client == new))
    trail.connection.execute(update(repairs).where(repairs.c.client == old).values(client=new))
    follow(trail, old, new)


def follow(trail: Trail, old: str, new: str) -> None:
    """Have members whose device is `old` look after `new` from now on. Not on the trail, where no row of theirs may
    stand: it holds a password."""
    trail.connection.execute(update(users).where(users.c.device == old).values(device=new))
    trail.connection.execute(update(requests).where(requests.c.client == old).values(client=new))
