"""The database file: whether it can be used as it is, beginning a new one, setting a damaged one aside."""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from enum import Enum

import msgspec
from sqlalchemy import Connection, Engine, Table, insert, inspect, select
from sqlalchemy.exc import NoSuchTableError

from resolver.paths import python_module
from resolver.store import engines
from resolver.store.classifying import classify
from resolver.store.face import Kept
from resolver.store.hands import Hands
from resolver.store.tables import HEAD, KEPT, REVISIONS, addresses, devices, metadata, version
from resolver.store.trouble import Kind, Trouble, UnusableError, newer

ASIDE_KEPT = 3  # damaged files; older ones are deleted, so that a bad disk does not fill up as well
MIGRATION_LIMIT = 1800.0  # seconds

Identity = tuple[int, int]
"""Device and inode."""


class Shape(Enum):
    """NEW: nothing is there yet. OLD: needs migrating. CURRENT: as this code expects it."""

    NEW = "new"
    OLD = "old"
    CURRENT = "current"


class Connections(msgspec.Struct, frozen=True):
    """An open database: what writes, what reads, and by what its file is known again."""

    writer: Engine
    readers: Engine
    file: Identity
    descriptor: int  # of the file; the grip's, not ours to close
    beside: frozenset[Identity]  # the write-ahead log and its index

    def close(self) -> None:
        self.readers.dispose()
        self.writer.dispose()


class Grip:
    """The database file, held open beside SQLite's own connections to look at its beginning.

    It is let go of only when another file has taken its place: closing any descriptor of a file gives up every lock
    this process has on it (POSIX close(2)), SQLite's too, and then the next process to look into the database would
    think itself alone and delete the write-ahead log under our hands.
    """

    def __init__(self) -> None:
        self.file: Identity | None = None
        self.descriptor = -1

    def take(self, path: pathlib.Path) -> None:
        """Hold the file that is at `path` now. Raises OSError, or UnusableError if it is not a database."""
        if self.file != _identity(path.stat()):
            self.let_go()
            self.descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
            self.file = _identity(os.fstat(self.descriptor))
        check(path, self.file, self.descriptor)

    def let_go(self) -> None:
        if self.file is not None:
            self.file = None
            os.close(self.descriptor)


def check(path: pathlib.Path, file: Identity, descriptor: int) -> None:
    """Whether `file` is still at `path`, and still begins like a database; costs a microsecond or two.

    Finds what SQLite itself does not notice while it has pages cached: a file that was deleted, replaced, or
    overwritten from its beginning. Raises UnusableError (GONE or CORRUPT), or OSError.
    """
    if _identity(path.stat()) != file:
        raise UnusableError(Trouble(Kind.GONE, "another file stands in the database's place"))
    if os.pread(descriptor, len(engines.MAGIC), 0) != engines.MAGIC:
        raise UnusableError(Trouble(Kind.CORRUPT, f"{path} is not a database"))


def _identity(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def examine(path: pathlib.Path, grip: Grip) -> Shape:
    """What is at `path`. Raises UnusableError (CORRUPT for what must be set aside, FAILED for a newer database),
    OSError, or what SQLite says. Does not read it all: damage further in is found, and healed, when it is met."""
    wal = engines.companions(path)[0]
    try:
        if path.stat().st_size == 0 and not wal.exists():
            return Shape.NEW
    except FileNotFoundError:
        return Shape.NEW  # SQLite throws away the log of a database that is empty
    grip.take(path)  # before asking whether it can be written: damage is told as damage
    if not os.access(path.parent, os.W_OK) or not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
    with _using(engines.once(path, "rw")) as engine, engine.begin() as connection:
        return _shape(path, connection)


def _shape(path: pathlib.Path, connection: Connection) -> Shape:
    present = set(inspect(connection).get_table_names())
    if not present:
        return Shape.NEW
    if version.name not in present:
        raise UnusableError(Trouble(Kind.CORRUPT, f"{path} is a database of something else"))
    stored = connection.execute(select(version.c.version_num)).scalar()
    if stored is None or stored in REVISIONS[:-1]:
        return Shape.OLD
    if stored != HEAD:
        raise newer(str(path), stored, HEAD, "move the file away to begin a new one")
    if missing := sorted(set(metadata.tables) - present):
        raise UnusableError(Trouble(Kind.CORRUPT, f"{path} has lost its tables {', '.join(missing)}"))
    for table in metadata.sorted_tables:
        connection.execute(select(table).limit(1)).all()
    return Shape.CURRENT


def begin(path: pathlib.Path, kept: Kept) -> None:
    """Make the tables, and put back what is kept, in one transaction: killed half-way, it is as if nothing was."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    engines.create(path)
    with _using(engines.writer(path)) as engine, engine.begin() as connection:
        metadata.create_all(connection)
        connection.execute(insert(version), [{"version_num": HEAD}])
        for table in KEPT:
            if rows := kept.get(table.name):
                connection.execute(insert(table), rows)


def connect(path: pathlib.Path, grip: Grip, hands: Hands) -> Connections:
    """Connections for `hands` to a database that was found current, or begun. Raises as `examine` does."""
    make_private(path)
    grip.take(path)
    assert grip.file is not None
    writer = engines.writer(path, hands)
    try:
        with writer.connect():  # so that the files beside it are there
            beside = companions_of(path)
    except BaseException:
        writer.dispose()
        raise
    return Connections(writer, engines.readers(path, hands), grip.file, grip.descriptor, beside)


def make_private(path: pathlib.Path) -> None:
    """Nobody but the owner may read it: names that people looked up are in it. Left as it is if it is not ours."""
    for file in (path, *engines.companions(path)):
        with contextlib.suppress(OSError):
            if file.stat().st_mode & 0o177:
                file.chmod(0o600)


def companions_of(path: pathlib.Path) -> frozenset[Identity]:
    """Which files SQLite keeps beside the open database at `path`."""
    found = set()
    for file in engines.companions(path):
        with contextlib.suppress(FileNotFoundError):
            found.add(_identity(file.stat()))
    return frozenset(found)


def drop_companions(path: pathlib.Path, those: frozenset[Identity]) -> None:
    """Delete what a database that is no longer at `path` left beside it, before SQLite takes it for the log of the
    one that is there now. Raises OSError."""
    for file in engines.companions(path):
        with contextlib.suppress(FileNotFoundError):
            if _identity(file.stat()) in those:
                file.unlink()


def set_aside(path: pathlib.Path, now: float) -> pathlib.Path:
    """Rename a damaged database, and what belongs to it, to `<name>.corrupt-<UTC>`; returns the new path.

    To be called while connections to it are still open: SQLite then sees on closing that the file has moved, and
    touches neither it nor what stands at the old path. Raises OSError.
    """
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for old, new in zip((path, *engines.companions(path)), (aside, *engines.companions(aside)), strict=True):
        with contextlib.suppress(FileNotFoundError):
            old.rename(new)
    prefix = f"{path.name}.corrupt-"
    kept = sorted(file for file in path.parent.iterdir() if file.name.startswith(prefix) and file.name.endswith("Z"))
    for gone in kept[:-ASIDE_KEPT]:
        for file in (gone, *engines.companions(gone)):
            file.unlink(missing_ok=True)
    return aside


def salvage(path: pathlib.Path, tables: Iterable[Table]) -> Kept:
    """What can still be read of some tables of a damaged database, which may be of an older shape."""
    kept: Kept = {}
    with _using(engines.once(path, "ro")) as engine:
        for table in tables:
            try:
                with engine.begin() as connection:
                    present = {column["name"] for column in inspect(connection).get_columns(table.name)}
                    columns = [column for column in table.c if column.name in present]
                    kept[table.name] = [dict(row) for row in connection.execute(select(*columns)).mappings()]
            except NoSuchTableError:
                continue
            except Exception as error:
                if classify(error) is None:
                    raise
    pair = {devices.name, addresses.name}  # neither tells anything without the other
    return kept if pair <= kept.keys() else {name: rows for name, rows in kept.items() if name not in pair}


def migrate(path: pathlib.Path) -> None:
    """Bring an older database forward, in a child process, because the migrations' library would stay in memory for
    ever. Raises UnusableError with the child's last words; the database is then as it was."""
    package = pathlib.Path(__file__).resolve().parents[1]
    command = [*python_module("resolver.store.migrate"), str(path.absolute())]
    try:
        done = subprocess.run(  # noqa: S603 - our own module, and a path that is no option
            command, cwd=package.parent, capture_output=True, text=True, timeout=MIGRATION_LIMIT, check=False
        )
    except subprocess.TimeoutExpired:
        raise UnusableError(Trouble(Kind.FAILED, f"{path} could not be migrated in {MIGRATION_LIMIT:g} s")) from None
    if done.returncode:
        raise UnusableError(Trouble(Kind.FAILED, f"{path} could not be migrated: {said(done)}"))


def said(done: subprocess.CompletedProcess[str]) -> str:
    """The last words of a process that failed."""
    return (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]


@contextlib.contextmanager
def _using(engine: Engine) -> Iterator[Engine]:
    try:
        yield engine
    finally:
        engine.dispose()
