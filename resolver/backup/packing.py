"""Writing a backup, front to back, to anything that takes bytes."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable
from typing import BinaryIO

import msgspec

from resolver.backup import ustar
from resolver.backup.format import ABOUT, MANIFEST, PIECE, About, Manifest, Member, piece
from resolver.errors import BackupError

_CHUNK = 256 << 10
_LEVEL = 6
_GZIP = 31  # zlib's word for a gzip header and trailer (RFC 1952), with its largest window

Out = Callable[[bytes], object]


class Packer:
    """Takes members one after the other. `out` gets the bytes; what it raises comes through."""

    def __init__(self, out: Out, about: About) -> None:
        self._out = out
        self._about = about
        self._gzip = zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP)
        self._members: dict[str, Member] = {}
        self.add(ABOUT, msgspec.json.format(msgspec.json.encode(about)))

    def add(self, name: str, data: bytes) -> None:
        """A member whose content is at hand."""
        self._write(ustar.pack(ustar.Header(name, len(data)), self._about.made))
        self._write(data)
        self._write(ustar.padding(len(data)))
        self._members[name] = Member(hashlib.sha256(data).hexdigest(), len(data))

    def add_file(self, name: str, file: BinaryIO, size: int) -> None:
        """A member from a file that has `size` bytes left. Raises BackupError when they are fewer."""
        self._write(ustar.pack(ustar.Header(name, size), self._about.made))
        digest, left = hashlib.sha256(), size
        while left:
            data = file.read(min(left, _CHUNK))
            if not data:
                raise BackupError(f"{name} became shorter while it was read: try again")
            digest.update(data)
            self._write(data)
            left -= len(data)
        self._write(ustar.padding(size))
        self._members[name] = Member(digest.hexdigest(), size)

    def add_rows(self, directory: str, table: str, lines: Iterable[bytes]) -> int:
        """Members with these lines, each of which ends in a line feed; how many lines there were."""
        number = count = 0
        held: list[bytes] = []
        size = 0
        for line in lines:
            held.append(line)
            size += len(line)
            count += 1
            if size >= PIECE:
                number += 1
                self.add(piece(directory, table, number), b"".join(held))
                held, size = [], 0
        if held:
            self.add(piece(directory, table, number + 1), b"".join(held))
        return count

    def finish(self) -> None:
        """What makes it whole."""
        manifest = Manifest(self._about, dict(self._members))
        self.add(MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
        self._write(ustar.END)
        self._out(self._gzip.flush())

    def _write(self, data: bytes) -> None:
        if packed := self._gzip.compress(data):
            self._out(packed)
