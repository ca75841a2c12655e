"""Whether a policy can be made of a config and what people made: found out before anybody relies on it."""

from __future__ import annotations

import pathlib

from resolver.config.offered import Offered
from resolver.config.schema import Config
from resolver.errors import BackupError, LullError
from resolver.model import Clock
from resolver.network.claims import claims
from resolver.paths import STARTER, shipped
from resolver.policy.build import document
from resolver.policy.bundles import Bundles
from resolver.policy.document import People
from resolver.rules.compile import Source, compile_sources
from resolver.store.accounts import AccountStore
from resolver.store.devices import DeviceStore
from resolver.store.face import Store
from resolver.store.people import PeopleStore


def rehearse(config: Config, offered: Offered, database: Store, clock: Clock, work: pathlib.Path) -> None:
    """Make a policy over the starter list alone, below `work`, and read it as a worker would. Raises BackupError."""
    try:
        people = _people(config, database, clock)
        AccountStore(database, clock).read()
        names = work / "names"
        names.mkdir(parents=True)
        compile_sources([Source(0, STARTER, shipped("blocklists", "starter.txt"), "adblock")], names)
        missing = {source.id for source in config.lists} - {STARTER}
        policy = document(config, [(STARTER, "block")], missing, people, offered)
        bundles = Bundles(work)
        bundles.open(bundles.publish(policy, names, clock.time()))
    except (LullError, ValueError, TypeError, KeyError) as error:
        raise BackupError(f"no policy can be made of it: {error}") from error


def _people(config: Config, database: Store, clock: Clock) -> People:
    people = PeopleStore(database, clock)
    known = claims(config, DeviceStore(database).read(), clock.time())
    return People(
        rules=people.own_rules(),
        pauses=people.own_pauses(),
        sites=people.own_sites(),
        changes=people.own_changes(),
        devices=known.entries,
        found=known.found,
    )
