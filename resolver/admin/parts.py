"""What the admin works with, as the composition root makes it."""

from __future__ import annotations

import pathlib

import msgspec

from resolver.admin.publish import Publisher
from resolver.journal.hub import Hub
from resolver.lists.catalogue import Catalogue
from resolver.lists.update import Lists
from resolver.model import Clock
from resolver.network.keeper import Devices
from resolver.store.database import Database
from resolver.store.people import PeopleStore
from resolver.store.queries import Queries
from resolver.store.writer import Writer


class Parts(msgspec.Struct, frozen=True):
    """`home` is the config file's directory, `boot` the id of the machine's start (`process.boot_id`)."""

    clock: Clock
    hub: Hub
    publisher: Publisher
    lists: Lists
    database: Database
    people: PeopleStore
    devices: Devices
    queries: Queries
    writer: Writer
    catalogue: Catalogue
    home: pathlib.Path
    boot: str = ""
