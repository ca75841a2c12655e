"""The config in force: what its processes share of it, read again when somebody asks for that, and exchanged by a
restore, which is taken here before anything of the state directory is opened."""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Callable

from resolver.backup import taking
from resolver.backup.schemas import Schemas
from resolver.backup.taking import Outcome, PostponedError
from resolver.config.load import Overrides, parse, read
from resolver.config.schema import Config
from resolver.errors import BackupError, ConfigError
from resolver.lists.catalogue import Catalogue
from resolver.model import Clock
from resolver.paths import PRODUCT, shipped
from resolver.process import Snapshot

log = logging.getLogger(__name__)

_AGAIN = 10.0  # seconds between two looks at whether a restore can be taken


class Configured:
    """`trouble` is what people should know of the config, or of a restore; "" if nothing."""

    def __init__(
        self, file: pathlib.Path, snapshot: Snapshot, overrides: Overrides, catalogue: Catalogue, state: pathlib.Path
    ) -> None:
        self.trouble = ""
        self._file = file
        self._snapshot = snapshot
        self._overrides = overrides
        self._catalogue = catalogue
        self._state = state
        self._waits = False

    def begin(self, clock: Clock) -> Config:
        """The config to start with: that of the snapshot, unless a restore brings another. Blocking. Raises
        ConfigError, for that of the snapshot alone."""
        config = self._parse(self._snapshot.read())
        outcome = self._restored(config, clock)
        if outcome is None or outcome.reason or not outcome.config:
            return config
        try:
            return self.again(config)
        except ConfigError as error:  # it was read when the backup was checked; it is another file by now
            self.trouble = f"the config that was restored cannot be used, the one before stays in force:\n{error}"
            log.error("%s", self.trouble)
            return config

    def again(self, before: Config) -> Config:
        """The config as its file says it now, which is in force from now on. Raises ConfigError; then the one `before`
        stays."""
        data = read(self._file)
        config = self._parse(data)
        self._snapshot.write(data)
        fixed = _fixed(before, config)
        self.trouble = f"a restart is needed for {', '.join(fixed)}" if fixed else ""
        return config

    def data(self) -> bytes | None:
        """The bytes of the file as they are in force; None if it is the one that ships with Lull."""
        ours = shipped("config", f"{PRODUCT}.yaml")
        return None if self._file.resolve() == ours.resolve() else self._snapshot.read()

    async def keep(self, usable: Callable[[], bool], restart: Callable[[], None]) -> None:
        """If a restore waits for the database, start again to take it when that is `usable`."""
        while self._waits:
            await asyncio.sleep(_AGAIN)
            if usable():
                log.warning("the database is back: starting again to take the restore that waits for it")
                restart()
                return

    def _restored(self, config: Config, clock: Clock) -> Outcome | None:
        tables = Schemas(config.store.url, self._state) if config.store.url else None
        try:
            return taking.take(self._state, clock.time(), tables)
        except PostponedError as error:
            self._waits = True
            self.trouble = str(error)
        except BackupError as error:
            self.trouble = str(error)
        log.error("%s", self.trouble)
        return None

    def _parse(self, data: bytes) -> Config:
        return parse(data, self._file, self._catalogue.known(), self._overrides)


def _fixed(before: Config, config: Config) -> list[str]:
    """What is as it was until Lull starts anew, though the config says otherwise."""
    pairs = (
        ("dns.listen", before.dns.listen, config.dns.listen),
        *(
            (f"encrypted.{kind}", getattr(before.encrypted, kind), getattr(config.encrypted, kind))
            for kind in ("tls", "https", "quic")
        ),
        ("dns.workers", before.dns.workers, config.dns.workers),
        ("admin.listen", before.admin.listen, config.admin.listen),
        ("state", before.state, config.state),
        ("store", before.store, config.store),
    )
    return [name for name, old, new in pairs if old != new]
