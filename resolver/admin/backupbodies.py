"""The typed bodies of backups and restores. Light: the command reads them too. Times are Unix time."""

from __future__ import annotations

from typing import Literal

import msgspec


class BackupQuery(msgspec.Struct, frozen=True):
    """`log`: with the log and what was counted by the hour and day, which may be very much."""

    log: bool = False


class RestoreQuery(msgspec.Struct, frozen=True):
    """`config`: whether the config file is restored too, with lists that are files of one's own."""

    config: bool = True


class Restoring(msgspec.Struct, frozen=True):
    """A backup that was checked and is being taken: control starts again for that, and `GET /restore` tells how it
    went. It was `made` then by this `version`; `rows` are those of what people made, by table, `log` those of the log
    (None: it has none). `notes` say what else there is to know."""

    id: str
    made: float
    version: str
    rows: dict[str, int]
    log: int | None
    lists: int
    config: bool
    notes: list[str]


class Restored(msgspec.Struct, frozen=True):
    """What came of the last restore: it is waiting to be taken, was taken, or was undone for a `reason`, with
    everything as it was before. `config`: whether the config was restored with it."""

    id: str
    state: Literal["waiting", "taken", "undone"]
    at: float
    config: bool
    notes: list[str]
    reason: str = ""
