"""What goes into a backup: all of it as of one moment, though much of it may be written out later.

Rows of people's are read in one transaction, files are opened, and the log is known by its newest row: it only grows
beyond that, so that it can be read piece by piece while the daemon goes on.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import BinaryIO

import msgspec
from sqlalchemy import Connection, func, select

from resolver import __version__
from resolver.backup import loglines, rows
from resolver.backup.format import CONFIG, FORMAT, TEXT, About
from resolver.backup.packing import Out, Packer
from resolver.config.schema import Config
from resolver.lists.local import allowed
from resolver.lists.sources import Held, Meta
from resolver.lists.versions import META, Kept
from resolver.paths import STARTER
from resolver.store.face import Store
from resolver.store.tables import HEAD, log

_PATIENCE = 60.0  # seconds for reading what people made
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_TRIES = 5  # while a list is being updated


class Source(msgspec.Struct, frozen=True):
    """What a backup is made of: the config file's bytes (None: it is the shipped one), the ids of the lists in use, and
    of those that are files of one's own the files, which must be `within` these directories if there are any."""

    store: Store
    lists: pathlib.Path
    config: bytes | None
    ids: Collection[str]
    files: Mapping[str, pathlib.Path]
    within: Sequence[pathlib.Path] = ()


def source(store: Store, state: pathlib.Path, config: Config, data: bytes | None) -> Source:
    """What to back up of a state directory; `data` are the bytes of the config."""
    ids = {*(one.id for one in config.lists), STARTER}
    files = {one.id: one.file for one in config.lists if one.file is not None}
    return Source(store, state / "lists", data, ids, files, config.updates.files)


class Opened(msgspec.Struct, frozen=True):
    """A file as it is now, whatever becomes of its name."""

    name: str
    file: BinaryIO
    size: int


class Moment(msgspec.Struct, frozen=True):
    """All that there is at one moment. To be closed."""

    about: About
    source: Source
    people: Mapping[str, Sequence[bytes]]
    sums: Mapping[str, Sequence[bytes]]
    metas: Mapping[str, bytes]
    opened: Sequence[Opened]
    newest: int

    def close(self) -> None:
        for one in self.opened:
            one.file.close()


def gather(source: Source, now: float, *, log: bool) -> Moment:
    """What there is `now` (Unix time), with the log or without. Blocking. Raises StoreError, BackupError, OSError."""
    people, sums, newest = source.store.read(lambda connection: _read(connection, with_log=log), _PATIENCE)
    about = About(FORMAT, __version__, now, HEAD, log)
    with contextlib.ExitStack() as stack:
        metas: dict[str, bytes] = {}
        opened: list[Opened] = []
        for id in sorted(source.ids):
            meta, files = _list(Kept(source.lists, id), stack)
            if meta is not None:
                metas[f"lists/{id}/{META}"] = msgspec.json.encode(meta)
                opened += files
        for id, path in sorted(source.files.items()):
            with contextlib.suppress(OSError):  # then the list goes on with the version that it has, as it does here
                opened += _own(id, path, source.within, stack)
        stack.pop_all()
    return Moment(about, source, people, sums, metas, opened, newest)


def write(moment: Moment, out: Out) -> None:
    """The backup of a moment. Blocking, for as long as the log takes. Raises StoreError, BackupError, OSError, and what
    `out` raises."""
    packer = Packer(out, moment.about)
    if moment.source.config is not None:
        packer.add(CONFIG, moment.source.config)
    for name, data in moment.metas.items():
        packer.add(name, data)
    for one in moment.opened:
        packer.add_file(one.name, one.file, one.size)
    for table, held in moment.people.items():
        packer.add_rows("rows", table, held)
    if moment.about.log:
        for table, held in moment.sums.items():
            packer.add_rows("log", table, held)
        for table, lines in loglines.days(moment.source.store):
            packer.add_rows("log", table, lines)
        packer.add_rows("log", loglines.ROWS, loglines.lines(moment.source.store, moment.newest))
    packer.finish()


_Lines = dict[str, list[bytes]]


def _read(connection: Connection, *, with_log: bool) -> tuple[_Lines, _Lines, int]:
    people = {table.name: list(rows.lines(connection, table)) for table in rows.PEOPLES}
    if not with_log:
        return people, {}, 0
    sums = {table.name: list(rows.lines(connection, table)) for table in rows.SUMS}
    return people, sums, connection.execute(select(func.max(log.c.id))).scalar() or 0


def _list(kept: Kept, stack: contextlib.ExitStack) -> tuple[Meta | None, list[Opened]]:
    """What is known of a list, with the version in force, those left for it and the one refused. Versions from before
    that one are left out: nothing but going back by hand needs them."""
    for _ in range(_TRIES):
        try:
            meta = msgspec.json.decode((kept.directory / META).read_bytes(), type=Meta)
            current = meta.version
            if current is None:
                return None, []
            meta = msgspec.structs.replace(meta, versions=(*meta.left, current))
            with contextlib.ExitStack() as files:
                opened = [_version(kept, held, "versions", files) for held in meta.versions]
                if meta.turned is not None:
                    opened.append(_version(kept, meta.turned.held, "refused", files))
                stack.push(files.pop_all())
                return meta, opened
        except FileNotFoundError:  # nothing there; or an update came between, and the files are others by now
            continue
        except msgspec.MsgspecError:
            break
    return None, []


def _version(kept: Kept, held: Held, directory: str, stack: contextlib.ExitStack) -> Opened:
    path = kept.path(held) if directory == "versions" else kept.turned(held)
    file = stack.enter_context(path.open("rb"))
    return Opened(f"lists/{kept.id}/{directory}/{path.name}", file, os.fstat(file.fileno()).st_size)


def _own(id: str, path: pathlib.Path, within: Sequence[pathlib.Path], stack: contextlib.ExitStack) -> Iterator[Opened]:
    if not allowed(path, within):
        return
    file = stack.enter_context(open(os.open(path, _FLAGS), "rb"))  # noqa: PTH123, SIM115 - what is no file is not waited for
    status = os.fstat(file.fileno())
    if stat.S_ISREG(status.st_mode) and status.st_size <= TEXT:
        yield Opened(f"files/{id}", file, status.st_size)
