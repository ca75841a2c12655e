"""What the admin works with, as the composition root makes it."""

from __future__ import annotations

import pathlib

import msgspec

from resolver.admin.publish import Publisher
from resolver.admin.recent import Recent
from resolver.admin.tallied import Tallied
from resolver.admin.whereabouts import Whereabouts
from resolver.dnstap.sender import Sender, sender
from resolver.journal.hub import Hub
from resolver.lists.catalogue import Catalogue
from resolver.lists.update import Lists
from resolver.model import Clock
from resolver.network.keeper import Devices
from resolver.store.accounts import AccountStore
from resolver.store.face import Store
from resolver.store.people import PeopleStore
from resolver.store.queries import Queries
from resolver.store.writer import Writer


class Parts(msgspec.Struct, frozen=True):
    """`state` is the state directory, `home` that of the config file, `boot` the id of the machine's start
    (`process.boot_id`)."""

    clock: Clock
    hub: Hub
    publisher: Publisher
    lists: Lists
    database: Store
    people: PeopleStore
    devices: Devices
    queries: Queries
    writer: Writer
    accounts: AccountStore
    catalogue: Catalogue
    state: pathlib.Path
    home: pathlib.Path
    boot: str = ""
    tallied: Tallied = msgspec.field(default_factory=Tallied)
    there: Whereabouts | None = None
    recent: Recent = msgspec.field(default_factory=Recent)
    dnstap: Sender = msgspec.field(default_factory=sender)
