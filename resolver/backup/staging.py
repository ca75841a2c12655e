"""From a backup to a state that can be taken in one go: everything is checked and made here, beside what is in use,
which is neither read nor touched."""

from __future__ import annotations

import os
import pathlib
import shutil
import time

import msgspec

from resolver.backup import places
from resolver.backup.asked import Order, Say, Staged
from resolver.backup.building import Builder
from resolver.backup.format import CONFIG
from resolver.backup.reading import Checked, check
from resolver.backup.rehearsing import rehearse
from resolver.backup.steps import Move, Replace
from resolver.backup.taking import PLAN, Plan
from resolver.backup.target import make
from resolver.backup.unpacking import unpack
from resolver.config.load import parse
from resolver.config.schema import Config
from resolver.errors import BackupError
from resolver.lists.catalogue import Catalogue
from resolver.lists.sources import Meta
from resolver.lists.versions import META
from resolver.store.face import Store

_SPARE = 64 << 20  # bytes of the disk that are left alone
_TWICE = 2.2  # the room for what is unpacked, the database that is made of it, and its write-ahead log


def stage(order: Order, say: Say) -> Staged:
    """Have all that `taking.commit` needs in `work`. Blocking, for as long as it takes. Raises BackupError,
    ConfigError, OSError: what was staged by then is then removed, and nothing else was changed."""
    work = pathlib.Path(order.work)
    steps: list[Move | Replace] = []
    mask = os.umask(0o077)
    try:
        return _Stage(order, say, steps).run()
    except BaseException:
        for step in steps:
            if isinstance(step, Replace):
                pathlib.Path(step.source).unlink(missing_ok=True)
        shutil.rmtree(work, ignore_errors=True)
        raise
    finally:
        os.umask(mask)


class _Stage:
    def __init__(self, order: Order, say: Say, steps: list[Move | Replace]) -> None:
        self._order = order
        self._say = say
        self._steps = steps
        self._work, self._state = pathlib.Path(order.work), pathlib.Path(order.state)
        self._unpacked = self._work / "unpacked"
        self._old = self._work / "old"
        self._known = Catalogue.load().known()
        self._schema = ""

    def run(self) -> Staged:
        checked = self._check()
        config = self._config(checked)
        notes = self._files(config, checked)
        lists = self._lists(checked)
        rows, log = self._database(config, checked)
        with_config = CONFIG in checked.members and self._order.config
        plan = Plan(self._order.id, checked.about.made, self._steps, with_config, self._schema, notes)
        shutil.rmtree(self._unpacked)
        (self._work / PLAN).write_bytes(msgspec.json.encode(plan))
        self._settle()
        return Staged(plan.id, plan.made, checked.about.version, rows, log, lists, with_config, notes)

    def _check(self) -> Checked:
        self._say("checking the backup", None)
        for directory in (self._work.parent, self._work, self._unpacked, self._old):
            directory.mkdir(mode=0o700, exist_ok=True)
        room = shutil.disk_usage(self._work).free - _SPARE
        checked = check(pathlib.Path(self._order.backup), max(0, int(room / _TWICE)))
        unpack(
            pathlib.Path(self._order.backup), checked, self._unpacked, lambda share: self._say("unpacking", 100 * share)
        )
        return checked

    def _config(self, checked: Checked) -> Config:
        """The config that will be in force. Raises ConfigError for that of the backup, BackupError for one that is for
        another place."""
        order, file = self._order, pathlib.Path(self._order.file)
        if not order.config or CONFIG not in checked.members:
            return parse(order.now, file, self._known, order.overrides)
        new = self._unpacked / CONFIG
        config = parse(new.read_bytes(), file, self._known, order.overrides)
        if config.state.absolute() != self._state.absolute():
            raise BackupError(
                f"the config in it has its state in {config.state.absolute()}, and this Lull has it in {self._state}: "
                f"start Lull with --state there, or restore the rest with {places.WITHOUT}"
            )
        if config.store.url != order.store:
            raise BackupError(
                "the config in it keeps the database elsewhere than this Lull does (store): restore the rest with "
                f"{places.WITHOUT}"
            )
        own = [source.file for source in config.lists if source.file is not None]
        self._promise([file, *own])
        if (step := places.place_config(file, new, self._work)) is not None:
            self._steps.append(step)
        return config

    def _promise(self, targets: list[pathlib.Path]) -> None:
        """Write down what will stand beside files before it does, for whoever has to clean up after us."""
        steps = [Replace(str(places.beside(one)), str(one), "") for one in targets]
        (self._work / PLAN).write_bytes(msgspec.json.encode(Plan(self._order.id, 0.0, [*steps])))

    def _files(self, config: Config, checked: Checked) -> list[str]:
        if not self._order.config or CONFIG not in checked.members:
            return []
        wanted = {source.id: source.file for source in config.lists if source.file is not None}
        now = {id: pathlib.Path(path) for id, path in self._order.files.items()}
        home = pathlib.Path(self._order.file).absolute().parent
        placed = places.place_lists(wanted, now, self._unpacked / "files", home, self._work)
        self._steps.extend(placed.steps)
        return list(placed.notes)

    def _lists(self, checked: Checked) -> int:
        """The lists' directory as it will be; how many lists there are in it."""
        source = self._unpacked / "lists"
        source.mkdir(exist_ok=True)
        count = 0
        for directory in sorted(source.iterdir()):
            _check_list(directory, checked)
            count += 1
        source.rename(self._work / "lists")
        self._steps.append(self._move("lists"))
        return count

    def _database(self, config: Config, checked: Checked) -> tuple[dict[str, int], int | None]:
        target = make(self._order.store, self._order.id, self._work, self._state)
        self._schema = target.schema
        try:
            rows, log = self._fill(target.database, checked)
            self._say("making a policy of it", None)
            rehearse(config, self._known.offered, target.database, time, self._work / "rehearsal")
        except BaseException:
            target.abandon()
            raise
        shutil.rmtree(self._work / "rehearsal", ignore_errors=True)
        self._steps.extend(target.close())
        return rows, log

    def _fill(self, database: Store, checked: Checked) -> tuple[dict[str, int], int | None]:
        builder = Builder(database, self._unpacked, checked.members)
        self._say("making the database", None)
        rows, log = builder.people(), None
        if checked.about.log:
            log = builder.log(lambda share: self._say("making the log", 100 * share))
        builder.ids()
        return rows, log

    def _move(self, name: str) -> Move:
        return Move(str(self._work / name), str(self._state / name), str(self._old / name))

    def _settle(self) -> None:
        """Bring it all to disk, and have whoever has the state directory have this too."""
        owner = self._state.stat()
        if os.geteuid() == 0:
            os.chown(self._work.parent, owner.st_uid, owner.st_gid)
        for directory, _, files in os.walk(self._work):
            for path in (directory, *(f"{directory}/{file}" for file in files)):
                if os.geteuid() == 0:
                    os.chown(path, owner.st_uid, owner.st_gid)
                descriptor = os.open(path, os.O_RDONLY)
                os.fsync(descriptor)
                os.close(descriptor)


def _check_list(directory: pathlib.Path, checked: Checked) -> None:
    """Raise BackupError for what is known of a list if it cannot be, and for versions that are not what their names
    say; make the one in force the last that was changed, as `lists.versions` has it."""
    for name, member in checked.members.items():
        if name.startswith(f"lists/{directory.name}/") and not name.endswith(META) and member.sha256 not in name:
            raise BackupError(f"{name} is not what its name says")
    name = f"lists/{directory.name}/{META}"
    try:
        meta = msgspec.json.decode((directory / META).read_bytes(), type=Meta)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise BackupError(f"{name}: {error}") from None
    now = time.time()
    for file in directory.glob("*/*.*"):
        os.utime(file, (now - 60, now - 60))
    for held in meta.versions:
        path = directory / "versions" / f"{held.sha256}.{held.kind}"
        if not path.is_file():
            raise BackupError(f"{name}: {path.name} is missing")
        if held.sha256 == meta.current:
            os.utime(path, (now, now))
