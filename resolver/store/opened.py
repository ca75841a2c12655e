"""Which kind of database: a file, unless a URL is given."""

from __future__ import annotations

import pathlib
from collections.abc import Callable

from resolver.model import Clock
from resolver.paths import DATABASE
from resolver.store.database import Database
from resolver.store.face import Kept, Store
from resolver.store.server import Server


def open_store(url: str, state: pathlib.Path, clock: Clock, before: Callable[[], Kept]) -> Store:
    """The database at a URL; without one, the file in the directory `state`. See `Database.open`: never raises, and
    takes no longer than a write may."""
    if url:
        return Server.open(url, state, clock, before)
    return Database.open(state / DATABASE, clock, before)
