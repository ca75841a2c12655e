"""`lull backup`: everything that is worth keeping, in one file. Through the running daemon; without one, from the state
directory."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterator
from datetime import datetime

from resolver.backup.asked import BackUp
from resolver.backup.locking import alone
from resolver.backup.reading import Checked, check
from resolver.backup.running import wait
from resolver.commands import place
from resolver.commands.api import LONG, connect
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, note, size
from resolver.errors import BackupError, TextError
from resolver.paths import PRODUCT, config_file

_STDOUT = "-"
_NAME = f"{PRODUCT}-backup-%Y%m%d-%H%M%S.tar.gz"


def run(arguments: Namespace) -> int:
    stdout = arguments.file == _STDOUT
    if stdout and sys.stdout.isatty():
        raise TextError("a backup is nothing for a terminal: name a file")
    path = pathlib.Path(arguments.file or datetime.now().astimezone().strftime(_NAME))
    if not stdout:
        _refuse_stranger(path)
    with _new(pathlib.Path(tempfile.gettempdir()) / PRODUCT if stdout else path) as new:
        _write(arguments, new)
        checked = check(new, sys.maxsize)
        if stdout:
            with new.open("rb") as file:
                shutil.copyfileobj(file, sys.stdout.buffer)
            return OK
        new.replace(path)
    _tell(arguments, path, checked)
    return OK


def where(arguments: Namespace) -> pathlib.Path | None:
    """The state directory, if the command is to look whether a daemon runs on it; None if the environment names one."""
    if os.environ.get(place.ADMIN, "").strip() or os.environ.get(place.TOKEN, "").strip():
        return None
    return pathlib.Path(arguments.state) if arguments.state else place.settings(arguments, "state").state


@contextlib.contextmanager
def without_daemon(arguments: Namespace) -> Iterator[pathlib.Path | None]:
    """The state directory, held, if no daemon runs on it; else None. Says which."""
    state = where(arguments)
    if state is None:
        yield None
        return
    try:
        with alone(state) as free:
            if free:
                note(f"no daemon runs on {state}: working on that directory itself")
            else:
                note(f"a daemon runs on {state}: asking it")
            yield state if free else None
    except FileNotFoundError:
        if state.exists():
            raise
        raise BackupError(f"there is no state directory {state}: give it with --state") from None


def _write(arguments: Namespace, new: pathlib.Path) -> None:
    """Write a backup to a file, which is empty."""
    with without_daemon(arguments) as state:
        if state is not None:
            file = config_file(arguments.config)
            wait(BackUp(str(file), str(state), str(new), arguments.log), lambda _what, _percent: None)
            return
        api = connect(arguments)
        with (
            new.open("wb") as out,
            api.stream("backup", wait=LONG, log="true" if arguments.log else None) as response,
        ):
            for piece in api.pieces(response):
                out.write(piece)


def _refuse_stranger(path: pathlib.Path) -> None:
    """Raise TextError for a file that is something else: only a backup is replaced by one."""
    if not path.exists():
        return
    try:
        check(path, sys.maxsize)
    except BackupError as error:
        raise TextError(
            f"{path} is there already, and is no backup of {PRODUCT}: name another file ({error})"
        ) from None


@contextlib.contextmanager
def _new(path: pathlib.Path) -> Iterator[pathlib.Path]:
    """An empty file of ours alone beside a path, which is gone afterwards unless it took another's place."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    os.close(descriptor)
    new = pathlib.Path(name)
    try:
        yield new
    finally:
        new.unlink(missing_ok=True)


def _tell(arguments: Namespace, path: pathlib.Path, checked: Checked) -> None:
    about = checked.about
    if arguments.json:
        as_json({"file": str(path), "bytes": path.stat().st_size, "log": about.log, "members": len(checked.members)})
        return
    log = "with the log" if about.log else "without the log; --log includes it"
    line(f"{path}: {size(path.stat().st_size)}, {log}")
    line("it has what is secret: keep it where nobody else can read it")
