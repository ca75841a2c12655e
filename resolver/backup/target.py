"""Where a restored database is made, and how it comes into use: a file beside the one in use, or a schema of a
server."""

from __future__ import annotations

import pathlib
from typing import Protocol

from resolver.backup.schemas import Schemas, name, url_of
from resolver.backup.steps import Move
from resolver.errors import BackupError, StoreError
from resolver.paths import DATABASE
from resolver.store import engines
from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.server import Server

_RIGHT = ". The database's user needs the right to make them: GRANT CREATE ON DATABASE … TO …"


class Target(Protocol):
    """An empty database, to be filled by whoever asked for it alone."""

    database: Store
    schema: str
    """Where it is on a server; "" for a file."""

    def close(self) -> list[Move]:
        """It is filled: the steps that take a file into use. Raises BackupError."""

    def abandon(self) -> None:
        """It will not be taken."""


def make(url: str, id: str, work: pathlib.Path, state: pathlib.Path) -> Target:
    """A new database of the kind of that in use at `url` ("": a file in `state`). Raises BackupError."""
    return _OnServer(url, id, state) if url else _File(work, state)


class _File:
    schema = ""

    def __init__(self, work: pathlib.Path, state: pathlib.Path) -> None:
        self._path, self._state, self._old = work / DATABASE, state, work / "old"
        self.database: Store = Database.open(self._path)

    def close(self) -> list[Move]:
        self.database.close()
        if any(file.exists() for file in engines.companions(self._path)):
            raise BackupError("the new database could not be closed")
        beside = [file.name for file in engines.companions(self._state / DATABASE)]
        moves = [Move("", str(self._state / one), str(self._old / one)) for one in beside]
        return [*moves, Move(str(self._path), str(self._state / DATABASE), str(self._old / DATABASE))]

    def abandon(self) -> None:
        self.database.close()


class _OnServer:
    def __init__(self, url: str, id: str, state: pathlib.Path) -> None:
        self.schema = name(id)
        staged = url_of(url, self.schema)
        try:
            Schemas(url, state).create(self.schema)
        except StoreError as error:
            raise BackupError(f"no schema can be made to restore into ({error}){_RIGHT}") from error
        self.database: Store = Server.open(staged, state)

    def close(self) -> list[Move]:
        self.database.close()
        return []

    def abandon(self) -> None:
        self.database.close()
