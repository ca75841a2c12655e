"""A device that was forgotten, and seen again since, comes back: it is still one device."""

from __future__ import annotations

from sqlalchemy import update

from resolver.store.tables import addresses, devices
from resolver.store.trail import Row, Trail


def take_over_device(trail: Trail, row: Row) -> None:
    """Let the device of `row`, which is put back, be what was seen with its MAC address since, unless somebody named
    that or put it in a group."""
    c = devices.c
    if row["mac"]:
        for other in trail.rows(devices, c.mac == row["mac"], c.name == "", c.group == ""):
            trail.delete(devices, other)
            statement = update(addresses).where(addresses.c.device == other["id"]).values(device=row["id"])
            trail.connection.execute(statement)


def take_over_address(trail: Trail, now: Row, row: Row) -> None:
    """Let an address, `now` of another device, be of that of `row` again, unless somebody named the other one or put it
    in a group."""
    owner = trail.row(devices, now["device"])
    if owner is None or not (owner["name"] or owner["group"]):
        trail.update(addresses, now, {"device": row["device"]})
