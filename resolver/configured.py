"""The config in force: what its processes share of it, read again when somebody asks for that, and exchanged by a
restore, which is taken here before anything of the state directory is opened. With it goes what people chose: the
database has that, and a file of the state directory for a start without it."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import pathlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from resolver.backup import taking
from resolver.backup.schemas import Schemas
from resolver.backup.taking import Outcome, PostponedError
from resolver.config.chosen import Choice, remembered
from resolver.config.load import Overrides, read
from resolver.config.schema import Config
from resolver.config.settled import Settled, Source, settle
from resolver.errors import BackupError, ConfigError, StoreError, TextError
from resolver.lists import disk
from resolver.lists.catalogue import Catalogue
from resolver.model import Clock
from resolver.paths import PRODUCT, choices_file, shipped
from resolver.process import Snapshot

log = logging.getLogger(__name__)

_AGAIN = 10.0  # seconds between two looks at whether a restore can be taken


class Configured:
    """`choices` are those of the database, or those that it last had."""

    def __init__(
        self, file: pathlib.Path, snapshot: Snapshot, overrides: Overrides, catalogue: Catalogue, state: pathlib.Path
    ) -> None:
        self.choices: tuple[Choice, ...] = ()
        self._begun: Config | None = None
        self._trouble = ""
        self._left_out = ""
        self._file = file
        self._snapshot = snapshot
        self._overrides = overrides
        self._catalogue = catalogue
        self._state = state
        self._waits = False

    def begin(self, clock: Clock) -> Settled:
        """The config to start with: that of the snapshot, unless a restore brings another. Blocking. Raises
        ConfigError, for that of the snapshot alone."""
        self.choices = self._mirrored()
        settled = self._settle(self._snapshot.read())
        self._begun = settled.config
        outcome = self._restored(settled.config, clock)
        if outcome is None or outcome.reason or not outcome.config:
            return settled
        try:
            return self.again()
        except ConfigError as error:  # it was read when the backup was checked; it is another file by now
            self._trouble = f"the config that was restored cannot be used, the one before stays in force:\n{error}"
            log.error("%s", self._trouble)
            return settled

    def again(self) -> Settled:
        """The config as its file says it now, which is in force from now on. Raises ConfigError; then the one before
        stays. Blocking."""
        data = read(self._file)
        settled = self._settle(data)
        self._snapshot.write(data)
        fixed = _fixed(self._begun, settled.config) if self._begun is not None else ()
        self._trouble = f"a restart is needed for {', '.join(fixed)}" if fixed else ""
        return settled

    def choose(self, choices: Sequence[Choice]) -> Settled:
        """The config as its file said it last, with these choices, which are written down for another start. Blocking.
        Raises ConfigError if that is no config any more; then those before hold."""
        before, self.choices = self.choices, tuple(choices)
        if self.choices != before:
            self._mirror()
        try:
            return self._settle(self._snapshot.read())
        except ConfigError:
            self.choices = before
            raise

    @property
    def trouble(self) -> str:
        """What people should know of the config, of a restore, or of choices; "" if nothing."""
        return "; ".join(filter(None, (self._trouble, self._left_out)))

    def read(self) -> bytes:
        """The bytes of the file as they are in force."""
        return self._snapshot.read()

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
            self._trouble = str(error)
        except BackupError as error:
            self._trouble = str(error)
        log.error("%s", self._trouble)
        return None

    def _settle(self, data: bytes) -> Settled:
        settled = settle(Source(data, self._file, self._catalogue.known(), self._overrides), self.choices)
        self._left_out = settled.trouble
        return settled

    def _mirrored(self) -> tuple[Choice, ...]:
        """What the database last said, as the file of the state directory has it."""
        try:
            return remembered(choices_file(self._state))
        except (OSError, TextError) as error:
            log.warning("what was chosen is known once the database is: %s", error)
            return ()

    def _mirror(self) -> None:
        file = choices_file(self._state)
        try:
            disk.replace(file, msgspec.json.encode(self.choices) + b"\n")
        except OSError as error:
            log.warning("%s cannot be written: %s; it is tried again with the next choice", file, disk.why(error))


class Renewing:
    """The config exchanged while Lull runs, one at a time: `choices` reads what the database says was chosen (blocking,
    raises StoreError), `take` brings a config into force and returns what went wrong ("" if nothing did), and `tell`
    hears what people should know."""

    def __init__(
        self,
        configured: Configured,
        choices: Callable[[], tuple[Choice, ...]],
        take: Callable[[Settled], Awaitable[str]],
        tell: Callable[[str], None],
    ) -> None:
        self._configured = configured
        self._choices = choices
        self._take = take
        self._tell = tell
        self._turn = asyncio.Lock()

    def begin(self, settled: Settled) -> Settled:
        """The config to start with, with what the database says was chosen; while that cannot be read, with what it
        last said. Blocking."""
        with contextlib.suppress(StoreError, ConfigError):
            if (choices := self._choices()) != settled.choices:
                return self._configured.choose(choices)
        return settled

    async def read_again(self) -> None:
        """Bring into force what the file says now; with mistakes it is refused whole, and the one before stays."""
        async with self._turn:
            await self._renew(self._configured.again, "the config was read again")

    async def choose(self) -> str:
        """Bring into force what the database says was chosen, if that is otherwise than before; returns what went
        wrong."""
        async with self._turn:
            try:
                choices = await asyncio.to_thread(self._choices)
            except StoreError as error:
                return f"the database cannot be used now: {error}"
            if choices == self._configured.choices:
                return ""
            return await self._renew(functools.partial(self._configured.choose, choices), "what was chosen is in force")

    async def _renew(self, work: Callable[[], Settled], what: str) -> str:
        try:
            settled = await asyncio.to_thread(work)
        except ConfigError as error:
            refused = f"the config is refused, the one before stays in force:\n{error}"
            log.error("%s", refused)
            self._tell(refused)
            return refused
        trouble = await self._take(settled)
        self._tell(self._configured.trouble)
        log.info("%s", "; ".join(filter(None, (what, self._configured.trouble, trouble))))
        return trouble


def _fixed(before: Config, config: Config) -> list[str]:
    """What is as it was when Lull started until it starts anew, though the config says otherwise."""
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
