"""Taking what a restore has staged: all of it or nothing, whenever the power goes.

    restore/work-ID/    what is being staged, and where goes what it takes the place of; removed when nothing needs it
    restore/plan.json   what was staged is whole and checked: from the rename that makes this on, it will be taken
    restore/undo.json   a step failed: what was taken is being put back
    restore/last.json   what came of the last one (`Outcome`)

Each step can be done again, and undone again, from wherever it was left. Nothing else uses the state directory
meanwhile: control takes before it opens anything, and the command holds the lock of the directory. The supervisor does
it too, so this imports nothing that is not small.
"""

from __future__ import annotations

import contextlib
import logging
import os
import pathlib
import shutil
from typing import Protocol

import msgspec

from resolver.backup.steps import Move, Replace, sync
from resolver.errors import BackupError, LullError

log = logging.getLogger(__name__)

WORK = "work-"
PLAN = "plan.json"
_UNDO, _LAST = "undo.json", "last.json"


class Plan(msgspec.Struct, frozen=True):
    """What is to be taken, in this order. `schema` is where the tables stand in a database that is no file ("": it is
    one). `notes` are for people to read."""

    id: str
    made: float
    steps: list[Move | Replace]
    config: bool = False
    schema: str = ""
    notes: list[str] = []


class Outcome(msgspec.Struct, frozen=True):
    """What came of a restore: "taken", or "undone" for `reason`, with everything as it was before."""

    id: str
    state: str
    at: float
    config: bool
    notes: list[str]
    reason: str = ""


class PostponedError(BackupError):
    """What is staged cannot be taken yet, as the database cannot be had; nothing was done so far."""


class Tables(Protocol):
    """Tables of a database that is no file. Every method can be called again; each raises LullError when the database
    cannot be had, and then has done nothing."""

    def take(self, schema: str) -> None:
        """Have what is staged there take the place of what is in use."""

    def undo(self, schema: str) -> None:
        """Have it as it was."""

    def drop(self, schema: str) -> None:
        """Remove what is no longer needed."""


def root(state: pathlib.Path) -> pathlib.Path:
    """Where restores are staged in a state directory."""
    return state / "restore"


def commit(work: pathlib.Path) -> None:
    """What was staged in `work`, a directory `work-…` with its plan, is to be taken from now on. Raises BackupError,
    OSError."""
    if pending(work.parent.parent) is not None:
        raise BackupError("another restore waits to be taken: start Lull")
    sync(str(work / PLAN))
    (work / PLAN).rename(work.parent / PLAN)
    sync(str(work))


def pending(state: pathlib.Path) -> Plan | None:
    """What is to be taken, or put back. Raises BackupError when that cannot be read."""
    for name in (_UNDO, PLAN):
        path = root(state) / name
        try:
            return msgspec.json.decode(path.read_bytes(), type=Plan)
        except FileNotFoundError:
            continue
        except (OSError, msgspec.MsgspecError) as error:
            raise BackupError(f"{path}: {error}") from None
    return None


def last(state: pathlib.Path) -> Outcome | None:
    """What came of the last restore."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode((root(state) / _LAST).read_bytes(), type=Outcome)
    return None


def take(state: pathlib.Path, now: float, tables: Tables | None = None) -> Outcome | None:
    """Take what is staged, or go on with what was begun; None if there is nothing. `tables` are needed where the plan
    has a schema. Raises BackupError when it can neither be taken nor undone now: then it is to be tried again, after
    PostponedError with everything as it was before."""
    plan = pending(state)
    if plan is None:
        sweep(state)
        return None
    if plan.schema and tables is None:
        raise PostponedError("a restore waits for the database")
    undo, reason = root(state) / _UNDO, ""
    try:
        if not undo.exists() and plan.schema and tables is not None:
            tables.take(plan.schema)
    except LullError as error:
        raise PostponedError(f"a restore waits for the database: {error}") from error
    try:
        if not undo.exists():
            reason = _forward(state, plan)
        if undo.exists():
            _back(plan, tables)
            reason = reason or "it was interrupted"
    except (OSError, LullError) as error:
        raise BackupError(f"a restore was begun and cannot go on: {error}") from error
    outcome = Outcome(plan.id, "undone" if reason else "taken", now, plan.config, plan.notes, reason)
    _conclude(state, outcome)
    if plan.schema and tables is not None:
        with contextlib.suppress(LullError):  # what is left of it harms nobody
            tables.drop(plan.schema)
    return outcome


def sweep(state: pathlib.Path) -> None:
    """Remove what was never finished. Nobody must be staging, and nothing be pending."""
    with contextlib.suppress(OSError):
        for path in root(state).iterdir():
            if path.name.startswith(WORK):
                abandon(path)


def abandon(work: pathlib.Path) -> None:
    """Remove what was staged, and what it put beside the files that it was to replace."""
    with contextlib.suppress(OSError, msgspec.MsgspecError):
        for step in msgspec.json.decode((work / PLAN).read_bytes(), type=Plan).steps:
            if isinstance(step, Replace):
                pathlib.Path(step.source).unlink(missing_ok=True)
    shutil.rmtree(work, ignore_errors=True)


def _forward(state: pathlib.Path, plan: Plan) -> str:
    """Take every step; why it must be undone, "" when all is done."""
    try:
        for step in plan.steps:
            step.take()
    except OSError as error:
        log.error("the restore cannot be taken: %s", error)
        (root(state) / PLAN).rename(root(state) / _UNDO)
        sync(str(root(state) / _UNDO))
        return f"{error.strerror or error}: {error.filename}"
    return ""


def _back(plan: Plan, tables: Tables | None) -> None:
    for step in reversed(plan.steps):
        step.undo()
    if plan.schema and tables is not None:
        tables.undo(plan.schema)


def _conclude(state: pathlib.Path, outcome: Outcome) -> None:
    """Tell of it, and remove what is no longer needed: once the plan is gone there is nothing left to take."""
    place = root(state)
    told = place / f"{WORK}{_LAST}"
    with contextlib.suppress(OSError):  # a disk that is full: the log tells
        told.touch(mode=0o600)
        told.write_bytes(msgspec.json.encode(outcome))
        if os.geteuid() == 0:
            owner = state.stat()
            os.chown(told, owner.st_uid, owner.st_gid)
        told.replace(place / _LAST)
    try:
        for name in (_UNDO, PLAN):
            (place / name).unlink(missing_ok=True)
        sync(str(place / PLAN))
    except OSError as error:
        raise BackupError(f"the plan of a restore cannot be removed: {error}") from error
    told.unlink(missing_ok=True)
    sweep(state)
    log.warning("a restore was %s%s", outcome.state, f": {outcome.reason}" if outcome.reason else "")
