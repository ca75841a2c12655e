"""What a child is asked to do with backups, and what it says of it. Light: the command reads this too."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from resolver.backup.taking import Outcome
from resolver.config.load import Overrides
from resolver.paths import python_module

COMMAND = python_module("resolver.backup.child")

Say = Callable[[str, float | None], None]
"""What is being done, and how much of it is, in per cent; None where that is not known."""


class Order(msgspec.Struct, frozen=True, tag="stage"):
    """Stage the file `backup` for the state directory `state`, in `work` (`taking.WORK`), and with `config` for the
    config `file` too. `store` is the URL of the database in use; `now` are the bytes of the
    config in force and `overrides` the daemon's; `files` are where that has lists that are files of one's own."""

    id: str
    backup: str
    work: str
    state: str
    file: str
    config: bool
    store: str = ""
    now: bytes = b""
    overrides: Overrides = Overrides()
    files: Mapping[str, str] = {}


class BackUp(msgspec.Struct, frozen=True, tag="back-up"):
    """Write a backup of a state directory, which no daemon uses, to the end of a file that is there."""

    file: str
    state: str
    out: str
    log: bool


class Restore(msgspec.Struct, frozen=True, tag="restore"):
    """Restore a backup into a state directory that no daemon uses."""

    file: str
    state: str
    backup: str
    config: bool


Asked = Order | BackUp | Restore


class Staged(msgspec.Struct, frozen=True):
    """What a backup has: when it was made (Unix time), by which version, the rows of each table of people's, the rows
    of the log (None: it has none), its lists, whether the config is restored with it, and what to know besides."""

    id: str
    made: float
    version: str
    rows: dict[str, int]
    log: int | None
    lists: int
    config: bool
    notes: list[str] = []


class Doing(msgspec.Struct, frozen=True, tag="doing"):
    """As `Say` has it."""

    what: str
    percent: float | None


class Done(msgspec.Struct, frozen=True, tag="done"):
    """It is done: what was staged, and what came of a restore."""

    staged: Staged | None = None
    outcome: Outcome | None = None


class Failed(msgspec.Struct, frozen=True, tag="failed"):
    """It is not, and nothing is left of it."""

    error: str


Said = Doing | Done | Failed

asked_decoder: msgspec.json.Decoder[Asked] = msgspec.json.Decoder(Asked)
said_decoder: msgspec.json.Decoder[Said] = msgspec.json.Decoder(Said)
