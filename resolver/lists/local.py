"""A list that is a file of this machine: whether it changed, and a copy of it."""

from __future__ import annotations

import pathlib
import stat

from resolver.errors import ListError
from resolver.lists import disk
from resolver.lists.fetch import Fetched
from resolver.lists.sink import Sink
from resolver.lists.sources import Stamp

_CHUNK = 1 << 20


def look(file: pathlib.Path) -> Stamp:
    """The stamp of a file as it is now. Raises ListError when there is none that can be read. Blocking, but short."""
    try:
        status = file.stat()
    except OSError as error:
        raise _unreadable(file, error) from error
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        raise ListError(f"{file}: it is not a file")
    return Stamp.of(status)


def copy(file: pathlib.Path, out: pathlib.Path, size: int) -> Fetched:
    """A copy of a file of at most `size` bytes. Raises ListError; when the file changes meanwhile, too. Blocking."""
    before = look(file)
    try:
        with Sink(out, size) as sink:
            _pour(file, sink)
            sink.finish()
    except ListError as error:
        raise ListError(f"{file}: {error}") from error
    except OSError as error:
        raise _unreadable(file, error) from error
    if look(file) != before:
        raise ListError(f"{file}: it is being written; it is read again soon")
    return Fetched(out, str(file), sink.sha256, sink.bytes, seen=before)


def _pour(file: pathlib.Path, sink: Sink) -> None:
    with file.open("rb") as source:
        while chunk := source.read(_CHUNK):
            sink.write(chunk)


def _unreadable(file: pathlib.Path, error: OSError) -> ListError:
    return ListError(f"{file}: it cannot be read: {disk.why(error)}")
