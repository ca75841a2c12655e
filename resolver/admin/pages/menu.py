"""Which pages there are, for the menu: the order is data."""

from __future__ import annotations

import msgspec

from resolver.admin.principal import Principal
from resolver.admin.routing import Needs


class Entry(msgspec.Struct, frozen=True):
    """A page; `current` while it, or one below it, is looked at."""

    title: str
    path: str
    current: bool


class Part(msgspec.Struct, frozen=True):
    """Pages that belong together, under a heading."""

    title: str
    entries: tuple[Entry, ...]


_PAGES: tuple[tuple[str, tuple[tuple[str, str, Needs], ...]], ...] = (
    (
        "Watch",  # what most come for
        (("Now", "/", "log"), ("Log", "/log", "log"), ("Why", "/why", "log"), ("Diagnose", "/diagnose", "log")),
    ),
    (
        "Repair",  # what is urgent when it is needed
        (("Repair a site", "/repair", "log"), ("Sites", "/sites", "read"), ("Rules", "/rules", "read")),
    ),
    (
        "Household",
        (
            ("Devices", "/devices", "log"),
            ("Groups", "/groups", "read"),
            ("Schedules", "/schedules", "read"),
            ("Services", "/services", "read"),
        ),
    ),
    (
        "Resolver",
        (
            ("Lists", "/lists", "read"),
            ("Upstreams", "/upstreams", "read"),
            ("Settings", "/settings", "admin"),
            ("Audit", "/audit", "read"),
        ),
    ),
    (
        "You",  # for everybody in the house
        (("My device", "/me", "open"), ("Set up a device", "/setup", "open"), ("Account", "/account", "self")),
    ),
)


def menu(found: Principal, path: str) -> tuple[Part, ...]:
    """The pages that somebody may look at, who looks at the one at `path`."""
    parts = (
        Part(title, tuple(Entry(name, at, _is_at(path, at)) for name, at, needs in pages if found.may(needs)))
        for title, pages in _PAGES
    )
    return tuple(part for part in parts if part.entries)


def _is_at(path: str, at: str) -> bool:
    return path == at or (at != "/" and path.startswith(f"{at}/"))
