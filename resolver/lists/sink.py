"""The file that a new version goes into."""

from __future__ import annotations

import contextlib
import hashlib
import pathlib
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from resolver.errors import ListError
from resolver.lists import disk


class Sink:
    """Writes a file, and counts and digests it. Raises ListError when it grows too large or the disk refuses."""

    def __init__(self, out: pathlib.Path, size: int) -> None:
        """`size` is how many bytes it may become."""
        self.bytes = 0
        self._size = size
        self._digest = hashlib.sha256()
        self._out = out

    def __enter__(self) -> Self:
        with self._refusals():
            self._file = self._out.open("wb", buffering=0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    @property
    def sha256(self) -> str:
        """Of what was written, in hex."""
        return self._digest.hexdigest()

    def write(self, data: bytes) -> None:
        self.bytes += len(data)
        if self.bytes > self._size:
            raise too_large(self._size)
        self._digest.update(data)
        rest = memoryview(data)
        with self._refusals():
            while rest:  # unbuffered, so that no close() is left to fail; a write may then be short
                rest = rest[self._file.write(rest) :]

    def finish(self) -> None:
        """Bring it to disk. Blocking."""
        with self._refusals():
            disk.sync(self._out)

    @contextlib.contextmanager
    def _refusals(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise ListError(f"it cannot be written to {self._out.parent}: {disk.why(error)}") from error


def too_large(size: int) -> ListError:
    """The refusal of more than `size` bytes."""
    return ListError(f"it is larger than {size / (1 << 20):g} MiB")
