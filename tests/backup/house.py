"""A state directory in which everything is set, and what can be said of it."""

from __future__ import annotations

import contextlib
import hashlib
import pathlib
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import insert

from resolver.backup import gathering
from resolver.backup.asked import Order, Staged
from resolver.backup.gathering import Source
from resolver.backup.schemas import Schemas
from resolver.backup.staging import stage
from resolver.backup.taking import WORK, Outcome, commit, root, take
from resolver.config.load import load
from resolver.lists.catalogue import Catalogue
from resolver.lists.disk import scratch
from resolver.lists.sources import Held, Meta, Turned
from resolver.lists.versions import Kept
from resolver.store import rollups, tables
from resolver.store.devices import DeviceStore
from resolver.store.face import Store
from resolver.store.opened import open_store
from resolver.store.overrides import NewOverride
from resolver.store.pauses import NewPause
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from resolver.store.sightings import Seen
from resolver.store.sites import NewSite
from tests.backup.rowsmade import REQUEST, TOKEN, USER, hit
from tests.store.adding_up import logged
from tests.store.making import NOON, StillClock, look, row, store_all, waiting

DAY = 86_400
CONFIG = """state: {state}
upstreams: ["udp://192.0.2.53"]
lists:
  - starter
  - {{id: ads, url: "https://lists.example/ads.txt"}}
  - {{id: mine, file: mine.txt}}
groups:
  default: {{}}
  kids: {{clients: ["192.0.2.20"], schedules: [bedtime]}}
schedules:
  bedtime: {{days: [mon], from: "21:00", to: "06:30", zone: Europe/Berlin, only: ["school.example"]}}
{more}"""


class House:
    """A state directory `state` and a config beside it; `url` is that of its database if it is on a server."""

    def __init__(self, directory: pathlib.Path, url: str = "") -> None:
        self.directory = directory
        self.state = directory / "state"
        self.file = directory / "lull.yaml"
        self.mine = directory / "mine.txt"
        self.clock = StillClock()
        self.url = url

    def begin(self) -> None:
        """An empty house, with its config and an empty database."""
        self.state.mkdir(parents=True, mode=0o700)
        more = f"store: {self.url!r}\n" if self.url else ""
        self.file.write_text(CONFIG.format(state=self.state, more=more))
        self.file.chmod(0o640)
        self.mine.write_text("||mine.example^\n")
        with self.database():
            pass

    @contextlib.contextmanager
    def database(self) -> Iterator[Store]:
        database = open_store(self.url, self.state, self.clock, dict)
        try:
            yield database
        finally:
            database.close()

    def furnish(self) -> None:
        """Set everything that can be set."""
        with self.database() as database:
            self._people(database)
            self._log(database)
        self._lists()

    def _people(self, database: Store) -> None:
        people = PeopleStore(database, self.clock)
        added = people.add(NewRule("deny", "games.example", group="kids", who="ada"))
        gone = people.add(NewRule("deny", "gone.example", who="ada"))
        people.delete(gone.rule.id, who="bob")
        people.add(NewRule("allow", "cdn.example", until=NOON + 600, comment="for a while ünïcödé"))
        people.add(NewRule("deny", "", text="||x.example^$dnstype=AAAA"))
        people.pause(NewPause(NOON + 300, client="192.0.2.10"))
        people.put_site(NewSite("news.example", ("player.example",), window=600))
        people.put_override(NewOverride("bedtime", False, NOON, NOON + 3600))
        devices = DeviceStore(database)
        devices.note(
            [Seen("192.0.2.10", "02:00:5e:10:00:01", NOON), Seen("192.0.2.20", "", NOON)], {}, NOON, lambda _: True
        )
        database.run(lambda connection: connection.execute(insert(tables.hits).values(hit(added.rule.key))))
        database.run(lambda connection: connection.execute(insert(tables.users).values(USER)))
        database.run(lambda connection: connection.execute(insert(tables.tokens).values(TOKEN)))
        database.run(lambda connection: connection.execute(insert(tables.requests).values(REQUEST)))

    def _log(self, database: Store) -> None:
        batches = []
        for seq in range(1, 60):
            second = NOON - 3 * DAY + seq * 4000
            rows = [row(f"n{n}.x{seq % 7}.example", client=f"192.0.2.{n}", count=n) for n in range(1, 6)]
            rows.append(row("bad.example", verdict="block", shadow="trial: ||bad^"))
            made = waiting(seq, rows, second=second, dropped=seq % 3)
            batches.append(replace(made, totals={**made.totals, "pass/cache": seq % 3}))
        store_all(database, batches)
        while database.run(lambda connection: rollups.close_days(connection, NOON)):
            pass

    def _lists(self) -> None:
        """ads has a version in force, one that was left for it, one from before, and a refused one."""
        kept = Kept(self.state / "lists", "ads")
        texts = [f"||number{n}.example^\n" for n in range(4)]
        held = [self._version(kept, text) for text in texts]
        kept.go_to(held[1])
        turned = self._version(kept, texts[3], refused=True)
        versions = (held[2], held[1], held[0])
        meta = Meta(
            url="https://lists.example/ads.txt",
            etag='"x"',
            sha256=held[2].sha256,
            fetched=NOON,
            versions=versions,
            current=held[1].sha256,
            changed=NOON - 60,
            turned=Turned(turned, "it would block popular.example", NOON),
            note="it broke the shop",
        )
        kept.save(meta)
        kept.prune(meta)

    def _version(self, kept: Kept, text: str, *, refused: bool = False) -> Held:
        new = scratch(kept.directory)
        new.write_text(text)
        held = Held(
            hashlib.sha256(text.encode()).hexdigest(), "block", "https://lists.example/ads.txt", NOON, 1, len(text)
        )
        return kept.refuse(new, held) if refused else kept.adopt(new, held)

    # Backing up and restoring, as the command does without a daemon

    def source(self, database: Store) -> Source:
        config = load(self.file, Catalogue.load().known())
        files = {source.id: source.file for source in config.lists if source.file is not None}
        return Source(database, self.state / "lists", self.file.read_bytes(), [one.id for one in config.lists], files)

    def back_up(self, path: pathlib.Path, *, log: bool = True) -> pathlib.Path:
        with self.database() as database, path.open("wb") as out:
            moment = gathering.gather(self.source(database), NOON, log=log)
            gathering.write(moment, out.write)
            moment.close()
        return path

    def order(self, backup: pathlib.Path, *, config: bool = True) -> Order:
        work = root(self.state) / f"{WORK}1"
        files = {"mine": str(self.mine)} if self.file.is_file() and "mine.txt" in self.file.read_text() else {}
        now = self.file.read_bytes() if self.file.is_file() else b""
        places = (str(backup), str(work), str(self.state), str(self.file))
        return Order("1", *places, config, self.url, now, files=files)

    def stage(self, backup: pathlib.Path, *, config: bool = True) -> Staged:
        return stage(self.order(backup, config=config), lambda _what, _share: None)

    def restore(self, backup: pathlib.Path, *, config: bool = True) -> tuple[Staged, Outcome]:
        staged = self.stage(backup, config=config)
        commit(root(self.state) / f"{WORK}1")
        outcome = take(self.state, NOON, Schemas(self.url, self.state) if self.url else None)
        assert outcome is not None
        return staged, outcome

    # What there is

    def people(self) -> dict[str, list[Any]]:
        names = (
            *("rules", "pauses", "sites", "overrides", "devices", "addresses", "users", "tokens", "requests", "hits"),
            "changes",
        )
        with self.database() as database:
            return {name: look(database, f"SELECT * FROM {name} ORDER BY 1") for name in names}

    def log(self) -> dict[str, list[Any]]:
        with self.database() as database:
            return self._logged(database)

    def _logged(self, path: Store) -> dict[str, list[Any]]:
        facet = 'f."group", f.type, f.rcode, f.origin, f.verdict, f.source, f.upstream, f.speed'
        facets = f"SELECT d.day, {facet}, d.count FROM day_facets d JOIN facets f ON f.id = d.facet"
        clients = "SELECT d.day, c.client, d.count, d.blocked FROM day_clients d JOIN clients c ON c.id = d.client"
        names = "SELECT d.day, n.name, d.count, d.blocked FROM day_names d JOIN names n ON n.id = d.name"
        return {
            "rows": list(logged(path)),
            "totals": look(path, "SELECT * FROM totals ORDER BY 1, 2, 3"),
            "drops": look(path, "SELECT * FROM drops ORDER BY 1"),
            "days": sorted(look(path, facets)) + sorted(look(path, clients)) + sorted(look(path, names)),
        }

    def lists(self) -> dict[str, bytes]:
        directory = self.state / "lists"
        return {str(path.relative_to(directory)): path.read_bytes() for path in directory.rglob("*") if path.is_file()}

    def meta(self, id: str = "ads") -> Meta:
        return msgspec.json.decode((self.state / "lists" / id / "meta.json").read_bytes(), type=Meta)
