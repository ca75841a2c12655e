"""Where files of a backup go that are not in the state directory: the config, and lists that are files of one's own.

Nothing that a backup says leads a file anywhere but beside the config, and nothing is replaced there but the config and
what already is a list: a backup may be from anybody.
"""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Mapping, Sequence

import msgspec

from resolver.backup.steps import Replace
from resolver.errors import BackupError
from resolver.paths import PRODUCT, shipped

WITHOUT = "--without-config"


class Placed(msgspec.Struct, frozen=True):
    """The steps that will take them to their places, and what to tell people."""

    steps: Sequence[Replace]
    notes: Sequence[str]


def place_config(file: pathlib.Path, new: pathlib.Path, work: pathlib.Path) -> Replace | None:
    """The step that makes `new` the config `file`; None if that is so already. Raises BackupError when it cannot be
    written, before anything was changed."""
    target = pathlib.Path(os.path.realpath(file))
    if target == shipped("config", f"{PRODUCT}.yaml").resolve():
        raise BackupError(f"Lull runs with the config that ships with it, which stays as it is: {_advice(file)}")
    try:
        return _place(target, new, work / "config")
    except OSError as error:
        why = f"{error.strerror or error}"
        raise BackupError(
            f"the config {file} cannot be written ({why}); nothing was changed. {_advice(file)}"
        ) from error


def _advice(file: pathlib.Path) -> str:
    return (
        f"Restore the rest with {WITHOUT}, and put config.yaml of the backup in place of {file} yourself "
        "(tar -xzOf BACKUP config.yaml)"
    )


def place_lists(
    wanted: Mapping[str, pathlib.Path],
    now: Mapping[str, pathlib.Path],
    new: pathlib.Path,
    home: pathlib.Path,
    work: pathlib.Path,
) -> Placed:
    """The steps for lists that are files: `wanted` is where the config of the backup has them, `now` where that in
    force has some, `new` holds them by their ids, and `home` is the config's directory. One that cannot be put in its
    place is left out, with a note: the list goes on with the version that the backup has of it."""
    steps, notes = [], []
    for id, file in sorted(wanted.items()):
        if not (new / id).is_file():
            continue
        why = _barred(file, home, {path.absolute() for path in now.values()})
        try:
            step = None if why else _place(file, new / id, work / f"list-{id}")
        except OSError as error:
            step, why = None, error.strerror or str(error)
        if step is not None:
            steps.append(step)
        if why:
            notes.append(
                f"list {id}: {file} was not written: {why}. The version in the backup is in use until it is there"
            )
    return Placed(steps, notes)


def beside(target: pathlib.Path) -> pathlib.Path:
    """Where what is to take the place of a file waits."""
    real = pathlib.Path(os.path.realpath(target))
    return real.with_name(f".{real.name}.restoring")


def _barred(file: pathlib.Path, home: pathlib.Path, lists: set[pathlib.Path]) -> str:
    """Why a file is not to be written; "" if it may be."""
    real, within = pathlib.Path(os.path.realpath(file)), pathlib.Path(os.path.realpath(home))
    if within not in real.parents:
        return f"it is not in {home}"
    if any(part.startswith(".") for part in real.relative_to(within).parts):
        return "it is a hidden file"
    if os.path.lexists(file) and file.absolute() not in lists:
        return "there is a file of that name that is no list of this Lull"
    return "" if real == file.absolute() or not os.path.lexists(file) else "it is a link"


def _place(target: pathlib.Path, new: pathlib.Path, before: pathlib.Path) -> Replace | None:
    """Write `new` beside `target`, ready to take its place, and keep a copy of what is there. Raises OSError."""
    there = target.exists()
    if there and not target.is_file():
        raise OSError(0, "it is no file")
    if there and target.read_bytes() == new.read_bytes():
        return None
    if _is_mounted(target):
        raise OSError(0, "it is mounted by itself, so that no other file can take its place")
    target.parent.mkdir(parents=True, exist_ok=True)
    source = beside(target)
    try:
        shutil.copyfile(new, source)
        if there:
            shutil.copyfile(target, before)
            shutil.copystat(target, before)
        _as(target if there else target.parent, source, mode=None if there else 0o600)
        with source.open("rb") as file:
            os.fsync(file.fileno())
    except OSError:
        with contextlib.suppress(OSError):
            source.unlink(missing_ok=True)
        raise
    return Replace(str(source), str(target), str(before) if there else "")


def _as(like: pathlib.Path, path: pathlib.Path, mode: int | None) -> None:
    """Give a file the owner of another one, as far as we may, and its mode unless another is given."""
    status = like.stat()
    with contextlib.suppress(PermissionError):
        os.chown(path, status.st_uid, status.st_gid)
    path.chmod(status.st_mode & 0o777 if mode is None else mode)


def _is_mounted(path: pathlib.Path) -> bool:
    """Whether a file is a mount of its own (proc(5), mountinfo)."""
    with contextlib.suppress(OSError):
        text = pathlib.Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
        return any(line.split(" ")[4] == str(path).replace(" ", "\\040") for line in text.splitlines())
    return False
