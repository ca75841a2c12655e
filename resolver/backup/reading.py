"""Reading a backup, whoever it is from: nothing of it is believed before all of it was checked, and what is read takes
no more memory than a member, and no more of the disk than there is."""

from __future__ import annotations

import gzip
import hashlib
import pathlib
import zlib
from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import msgspec

from resolver.backup import ustar
from resolver.backup.format import ABOUT, FORMAT, MANIFEST, MEMBERS, About, Manifest, Member, largest
from resolver.errors import BackupError
from resolver.paths import PRODUCT

_CHUNK = 256 << 10
_WHOLE = "a backup is only good whole: make or copy it again"

T = TypeVar("T")


class Checked(msgspec.Struct, frozen=True):
    """What a whole backup says of itself, and the bytes of all its members."""

    about: About
    members: dict[str, Member]
    size: int


class Reading:
    """One way through an archive. `members` gives each name and how many bytes it has, `read` and `copy` the content of
    the one that is at hand; what is not read is passed over. Everything raises BackupError."""

    def __init__(self, file: BinaryIO) -> None:
        self._gzip = gzip.GzipFile(fileobj=file, mode="rb")
        self._left = 0
        self._padding = 0

    def members(self) -> Iterator[ustar.Header]:
        """Each member, whose name is one that there may be; after the last nothing else may come."""
        seen: set[str] = set()
        while (header := ustar.unpack(self._exactly(ustar.BLOCK))) is not None:
            if (most := largest(header.name)) is None:
                raise BackupError(f"{header.name[:200]!a} is no part of a backup")
            if header.name in seen:
                raise BackupError(f"{header.name} is in it twice")
            if header.size > most:
                raise BackupError(f"{header.name} is larger than the {most >> 20} MiB that it may be")
            if len(seen) >= MEMBERS:
                raise BackupError(f"it has more than {MEMBERS:,} members")
            seen.add(header.name)
            self._left, self._padding = header.size, len(ustar.padding(header.size))
            yield header
            for _ in self.chunks():
                pass
            if any(self._exactly(self._padding)):
                raise BackupError("it is damaged between two members")
        if any(self._exactly(ustar.BLOCK)):
            raise BackupError("it is damaged at its end")
        while data := self._some(_CHUNK):
            if any(data):
                raise BackupError("something follows after its end")

    def chunks(self) -> Iterator[bytes]:
        """What is left of the member at hand."""
        while self._left:
            data = self._some(min(self._left, _CHUNK))
            if not data:
                raise BackupError(f"it is cut off: {_WHOLE}")
            self._left -= len(data)
            yield data

    def read(self) -> bytes:
        """The same in one."""
        return b"".join(self.chunks())

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            data = self._some(size)
            if not data:
                raise BackupError(f"it is cut off: {_WHOLE}")
            parts.append(data)
            size -= len(data)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        try:
            return self._gzip.read(size)
        except EOFError:
            raise BackupError(f"it is cut off: {_WHOLE}") from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise BackupError(f"it is no backup, or it is damaged ({error})") from None


def check(path: pathlib.Path, room: int) -> Checked:
    """What is in a backup, all of which was read and is as its manifest says. Raises BackupError for one that is not,
    that is of a newer Lull, or whose content takes more than `room` bytes; OSError."""
    found: dict[str, Member] = {}
    about, manifest, total = None, None, 0
    with path.open("rb") as file:
        reading = Reading(file)
        for header in reading.members():
            if about is None:
                about = _about(header, reading)
                found[header.name] = _whole(about[1])
                continue
            if manifest is not None:
                raise BackupError(f"{header.name} comes after its manifest")
            total += header.size
            if total > room:
                raise BackupError(f"unpacked it takes more than the {room:,} bytes that there is room for: make room")
            if header.name == MANIFEST:
                manifest = _decoded(reading.read(), Manifest, MANIFEST)
            else:
                digest = hashlib.sha256()
                for data in reading.chunks():
                    digest.update(data)
                found[header.name] = Member(digest.hexdigest(), header.size)
    if about is None or manifest is None:
        raise BackupError(f"it has no manifest: {_WHOLE}")
    _agree(about[0], manifest, found)
    return Checked(about[0], found, total)


def _about(header: ustar.Header, reading: Reading) -> tuple[About, bytes]:
    """What it is, which is said first: a newer one may have members that are not known here."""
    if header.name != ABOUT:
        raise BackupError(f"it is no backup of {PRODUCT}: it does not begin with {ABOUT}")
    data = reading.read()
    about = _decoded(data, About, ABOUT)
    if about.product != PRODUCT:
        raise BackupError(f"it is no backup of {PRODUCT}")
    if about.format > FORMAT:
        version = about.version[:40]
        raise BackupError(
            f"it was made by a newer version ({version!a}, format {about.format}; known here up to {FORMAT}): "
            "restore it with that version"
        )
    if about.format < 1:
        raise BackupError(f"there is no format {about.format}")
    return about, data


def _agree(about: About, manifest: Manifest, found: dict[str, Member]) -> None:
    if manifest.about != about:
        raise BackupError("its beginning and its manifest say different things")
    for name in sorted(found.keys() | manifest.members.keys()):
        if name not in found:
            raise BackupError(f"{name[:200]!a} is missing in it")
        if name not in manifest.members:
            raise BackupError(f"{name} is in it, but not in its manifest")
        if found[name] != manifest.members[name]:
            raise BackupError(f"{name} is damaged: its SHA-256 is not the manifest's")


def _whole(data: bytes) -> Member:
    return Member(hashlib.sha256(data).hexdigest(), len(data))


def _decoded(data: bytes, type: type[T], name: str) -> T:
    try:
        return msgspec.json.decode(data, type=type)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BackupError(f"{name} cannot be read: {error}") from None
