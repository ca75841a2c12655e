"""Backup and restore of a state directory that no daemon uses. Whoever calls holds its lock (`locking`)."""

from __future__ import annotations

import pathlib
import secrets

from resolver.backup import gathering, taking
from resolver.backup.asked import Order, Say, Staged
from resolver.backup.packing import Out
from resolver.backup.schemas import Schemas
from resolver.backup.staging import stage
from resolver.backup.taking import WORK, Outcome
from resolver.config.load import Overrides, load, read
from resolver.config.schema import Config
from resolver.errors import BackupError
from resolver.lists.catalogue import Catalogue
from resolver.model import Clock
from resolver.paths import DATABASE, PRODUCT, shipped
from resolver.store.opened import open_store


class Offline:
    """The state directory `state` of the config `file`. Everything raises LullError or OSError."""

    def __init__(self, file: pathlib.Path, state: pathlib.Path, clock: Clock) -> None:
        self._file = file
        self._state = state.absolute()
        self._clock = clock
        self._overrides = Overrides(state=str(self._state))

    def config(self) -> Config:
        """Raises ConfigError."""
        return load(self._file, Catalogue.load().known(), self._overrides)

    def back_up(self, out: Out, *, log: bool) -> None:
        """Write a backup. What a restore left undone is done first."""
        config = self.config()
        self.settle(config)
        if not config.store.url and not (self._state / DATABASE).exists():
            raise BackupError(f"there is no database in {self._state}: is that the state directory?")
        ours = self._file.resolve() == shipped("config", f"{PRODUCT}.yaml").resolve()
        database = open_store(config.store.url, self._state, self._clock, dict)
        try:
            source = gathering.source(database, self._state, config, None if ours else read(self._file))
            moment = gathering.gather(source, self._clock.time(), log=log)
            try:
                gathering.write(moment, out)
            finally:
                moment.close()
        finally:
            database.close()

    def restore(self, backup: pathlib.Path, say: Say, *, config: bool) -> tuple[Staged, Outcome]:
        """Restore a backup; what it has, and what came of it."""
        now = self.config() if self._file.is_file() else Config()
        self.settle(now)
        id = secrets.token_hex(8)
        work = taking.root(self._state) / f"{WORK}{id}"
        files = {source.id: str(source.file) for source in now.lists if source.file is not None}
        places = (str(backup), str(work), str(self._state), str(self._file.absolute()))
        data = read(self._file) if self._file.is_file() else b""
        staged = stage(Order(id, *places, config, now.store.url, data, self._overrides, files), say)
        try:
            taking.commit(work)
        except BaseException:
            taking.abandon(work)
            raise
        outcome = self.settle(now)
        assert outcome is not None
        return staged, outcome

    def settle(self, config: Config) -> Outcome | None:
        """Take, or put back, what a restore left when it was interrupted."""
        tables = Schemas(config.store.url, self._state) if config.store.url else None
        return taking.take(self._state, self._clock.time(), tables)
