"""`lull restore`: a backup back, all of it or nothing. Through the running daemon; without one, into the state
directory."""

from __future__ import annotations

import pathlib
import sys
import time
from argparse import Namespace
from typing import Literal

from resolver.admin.backupbodies import Restored, Restoring
from resolver.backup.asked import Restore
from resolver.backup.reading import Checked, check
from resolver.backup.running import wait
from resolver.commands.api import LONG, Api, connect, decode
from resolver.commands.backup import without_daemon
from resolver.commands.outcome import FAILED, NOT_RUNNING, OK
from resolver.commands.output import as_json, line, note, safe, when
from resolver.commands.progress import waited
from resolver.errors import ApiError, BackupError, TextError
from resolver.paths import PRODUCT, config_file

_PATIENCE = 120.0  # seconds in which control is back
_PAUSE = 0.3
_GZIP = "application/gzip"


def run(arguments: Namespace) -> int:
    path = pathlib.Path(arguments.file)
    try:
        checked = check(path, sys.maxsize)
    except BackupError as error:
        raise BackupError(f"{path}: {error}") from None
    _confirm(arguments, path, checked)
    with without_daemon(arguments) as state:
        if state is not None:
            restored = _into_directory(state, path, arguments)
        else:
            restored = _into_daemon(connect(arguments), path, arguments)
    return _tell(arguments, restored)


def _confirm(arguments: Namespace, path: pathlib.Path, checked: Checked) -> None:
    """Ask whether this is what is wanted, unless that was said."""
    if arguments.yes:
        return
    about = checked.about
    note(f"{path}: a backup of {when(about.made)}, made by {PRODUCT} {about.version}")
    note(
        "It takes the place of all there is: what people made, users and tokens, the lists, the log and the figures"
        + ("." if arguments.without_config else ", and the config.")
    )
    if not about.log:
        note("It has no log: the log will be empty.")
    if not sys.stdin.isatty():
        raise TextError("say --yes to restore without being asked")
    print(end="Restore it? Write yes: ", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise TextError("nothing was changed")


def _into_directory(directory: pathlib.Path, path: pathlib.Path, arguments: Namespace) -> Restored:
    shows = sys.stderr.isatty()

    def say(what: str, percent: float | None) -> None:
        if shows:
            share = "" if percent is None else f" {percent:3.0f} %"
            print(end=f"\r\x1b[K{safe(what)}{share}", file=sys.stderr, flush=True)

    file, config = config_file(arguments.config), not arguments.without_config
    try:
        outcome = wait(Restore(str(file), str(directory), str(path.absolute()), config), say).outcome
    finally:
        if shows:
            print(end="\r\x1b[K", file=sys.stderr, flush=True)
    if outcome is None:
        raise BackupError("nothing is known of what came of it: start Lull")
    state: Literal["taken", "undone"] = "undone" if outcome.reason else "taken"
    return Restored(outcome.id, state, outcome.at, outcome.config, outcome.notes, outcome.reason)


def _into_daemon(api: Api, path: pathlib.Path, arguments: Namespace) -> Restored:
    config = "false" if arguments.without_config else None
    with path.open("rb") as file:
        begun = api.upload("restore", file, path.stat().st_size, _GZIP, wait=LONG, config=config)
    restoring = decode(waited(api, begun), Restoring)
    return _taken(api, restoring.id)


def _taken(api: Api, id: str) -> Restored:
    """What came of it, once control is back. Raises ApiError."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        time.sleep(_PAUSE)
        try:
            found = decode(api.get("restore"), Restored)
            if found.id == id and found.state != "waiting":
                return found
            why = "it still waits to be taken"
        except ApiError as error:
            if error.code != NOT_RUNNING and error.status < 500:
                raise
            why = str(error)
        if time.monotonic() > deadline:
            raise ApiError(
                0, "waiting", f"the restore is not done yet: {why}. It goes on by itself: see {PRODUCT} status"
            )


def _tell(arguments: Namespace, restored: Restored) -> int:
    if arguments.json:
        as_json(restored)
    elif restored.reason:
        note(f"nothing was changed: {restored.reason}")
    else:
        line("restored; who was signed in signs in again" + ("" if restored.config else ". The config stays as it was"))
        for text in restored.notes:
            line(text)
    return FAILED if restored.reason else OK
