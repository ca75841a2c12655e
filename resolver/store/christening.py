"""Naming, grouping and forgetting devices: what people change about them, each as part of one change in the trail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from shlex import quote

from sqlalchemy import delete

from resolver.errors import ConflictError
from resolver.paths import PRODUCT
from resolver.store import scopes, words
from resolver.store.tables import addresses, devices, overrides, pauses, rules, sites
from resolver.store.trail import Row, Trail

_SHOWN = 5  # of what is for a device alone


def make(trail: Trail, mac: str, address: str, said: Mapping[str, str]) -> int:
    """A device that was never seen, by the MAC address or the address that it will have; returns its id. If it was seen
    after all, since somebody looked, that is the one."""
    seen = [one["device"] for one in trail.rows(addresses, addresses.c.address == address)]
    seen += [one["id"] for one in trail.rows(devices, devices.c.mac == mac)] if mac else []
    if seen:
        put(trail, int(seen[0]), said)
        return int(seen[0])
    values = {"name": "", "group": "", "mac": mac, "host": "", "first": 0.0, "last": 0.0, "privacy": ""}
    row = trail.insert(devices, values | dict(said))
    if address:
        at = {"address": address, "device": row["id"], "first": trail.now, "last": trail.now}
        trail.insert(addresses, at)
    if said.get("name"):
        _move(trail, row, "", said["name"])
    return int(row["id"])


def put(trail: Trail, id: int, said: Mapping[str, str]) -> None:
    """Give a device another `name`, `group` or `privacy`. What is for it follows its name: rules, pauses, site rules,
    changes of schedules; with its first name, those that are for its addresses."""
    row = _row(trail, id)
    _move(trail, row, row["name"], said.get("name", row["name"]))
    trail.update(devices, row, dict(said))


def forget(trail: Trail, id: int) -> None:
    """Delete a device and its addresses. Raises ConflictError while there is something that is for it alone."""
    row = _row(trail, id)
    owned = list(_owned(trail, row["name"])) if row["name"] else []
    if owned:
        more = f"; and {len(owned) - _SHOWN} more" if len(owned) > _SHOWN else ""
        raise ConflictError(
            f"something is for {row['name']} alone, which would be for nobody. First: {'; '.join(owned[:_SHOWN])}{more}"
        )
    if row["mac"]:  # by which its addresses are found again
        trail.connection.execute(delete(addresses).where(addresses.c.device == id))
    for place in trail.rows(addresses, addresses.c.device == id):
        trail.delete(addresses, place)
    trail.delete(devices, row)


def _row(trail: Trail, id: int) -> Row:
    row = trail.row(devices, id)
    if row is None:
        raise ConflictError("the device is not there any more; it may have become one with another: look again")
    return row


def _move(trail: Trail, row: Row, old: str, new: str) -> None:
    if new.lower() == old.lower():
        return
    others = trail.rows(devices, devices.c.name != "", devices.c.id != row["id"])
    taken = [one for one in others if one["name"].lower() == new.lower()]  # SQLite knows the capitals of ASCII alone
    if taken:
        raise ConflictError(f"another device is called {taken[0]['name']} already; give that another name first")
    places = [] if old else [one["address"] for one in trail.rows(addresses, addresses.c.device == row["id"])]
    for client in [old.lower()] if old else places:
        scopes.rename(trail, client, new.lower())


def _owned(trail: Trail, name: str) -> Iterator[str]:
    """What there is for a device alone, and how to be rid of each."""
    key, option = name.lower(), f"--client {quote(name)}"
    of = {table.name: trail.rows(table, table.c.client == key) for table in (rules, pauses, sites, overrides)}
    for one in of["rules"]:
        what = words.row("rules", {**one, "client": "", "group": ""})
        yield f"{PRODUCT} rules delete {one['id']} ({what})"
    if of["pauses"]:
        yield f"{PRODUCT} pause --end {option}"
    for one in of["sites"]:
        yield f"{PRODUCT} site {one['site']} delete {option}"
    for one in of["overrides"]:
        yield f"{PRODUCT} schedule {quote(one['schedule'])} normal {option}"
