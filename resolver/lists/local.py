"""A list that is a file of this machine: whether it may be read, whether it changed, and a copy of it."""

from __future__ import annotations

import contextlib
import io
import os
import pathlib
import stat
from collections.abc import Iterator, Sequence

from resolver.errors import ListError
from resolver.lists import disk
from resolver.lists.fetch import Fetched
from resolver.lists.sink import Sink
from resolver.lists.sources import Stamp

_CHUNK = 1 << 20
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC  # what is no file after all is not waited for


def allowed(file: pathlib.Path, within: Sequence[pathlib.Path]) -> bool:
    """Whether a file is, wherever symbolic links lead, in one of these directories or below; in none, it is anywhere.

    Blocking, but short.
    """
    real = pathlib.Path(os.path.realpath(file))
    return not within or any(pathlib.Path(os.path.realpath(directory)) in real.parents for directory in within)


def look(file: pathlib.Path, within: Sequence[pathlib.Path] = ()) -> Stamp:
    """The stamp of a file as it is now. Raises ListError when there is none that can and may (`allowed`) be read.

    Blocking, but short.
    """
    with _about(file):
        _admit(file, within)
        return _stamp(file.stat())


def copy(file: pathlib.Path, out: pathlib.Path, size: int, within: Sequence[pathlib.Path] = ()) -> Fetched:
    """A copy of a file of at most `size` bytes. Raises ListError as `look` does; when the file changes meanwhile, too.

    Blocking.
    """
    before = look(file, within)  # also: opening a device may do something
    with _about(file), io.FileIO(os.open(file, _FLAGS)) as source:
        if within:  # a link may lead elsewhere by now
            _admit(pathlib.Path(f"/proc/self/fd/{source.fileno()}"), within)
        opened = _stamp(os.fstat(source.fileno()))
        with Sink(out, size) as sink:
            while chunk := source.read(_CHUNK):
                sink.write(chunk)
            sink.finish()
        if not before == opened == _stamp(file.stat()):
            raise ListError("it is being written; it is read again soon")
    return Fetched(out, str(file), sink.sha256, sink.bytes, seen=before)


def _admit(file: pathlib.Path, within: Sequence[pathlib.Path]) -> None:
    if not allowed(file, within):
        places = ", ".join(map(str, within))
        raise ListError(f"it is not in {places}; updates.files in the config says where files of lists may be")


def _stamp(status: os.stat_result) -> Stamp:
    if not stat.S_ISREG(status.st_mode):
        raise ListError("it is not a file")
    return Stamp.of(status)


@contextlib.contextmanager
def _about(file: pathlib.Path) -> Iterator[None]:
    try:
        yield
    except ListError as error:
        raise ListError(f"{file}: {error}") from error
    except OSError as error:
        raise ListError(f"{file}: it cannot be read: {disk.why(error)}") from error
