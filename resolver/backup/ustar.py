"""The headers of a tar archive (POSIX.1-2001, ustar), of plain files alone.

Ours and small, since what is restored may come from anywhere: links, devices, directories, long names in records of
their own and all else that archives can hold are no part of a backup, and are not even looked at.
"""

from __future__ import annotations

from typing import NamedTuple

from resolver.errors import BackupError

BLOCK = 512
END = bytes(2 * BLOCK)
MODE = 0o600
_LARGEST = 8 << 30  # as eleven octal digits can say
_NAME, _PREFIX = 100, 155


class Header(NamedTuple):
    """A member's name and its bytes."""

    name: str
    size: int


def pack(header: Header, made: float) -> bytes:
    """The block before a member's content, which is followed by `padding`."""
    name, prefix = _split(header.name.encode("ascii"))
    fields = (
        name.ljust(_NAME, b"\0"),
        b"%07o\0" % MODE,
        b"%07o\0%07o\0" % (0, 0),
        b"%011o\0" % header.size,
        b"%011o\0" % int(made),
        b" " * 8,
        b"0".ljust(101, b"\0"),
        b"ustar\x0000",
        bytes(32 + 32 + 8 + 8),
        prefix.ljust(_PREFIX, b"\0"),
    )
    block = b"".join(fields).ljust(BLOCK, b"\0")
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


def padding(size: int) -> bytes:
    """What follows a content of so many bytes, up to the next block."""
    return bytes(-size % BLOCK)


def unpack(block: bytes) -> Header | None:
    """The header that a block holds; None for the end. Raises BackupError for anything but a plain file of ours."""
    if not any(block):
        return None
    if block[257:263] != b"ustar\0" or block[263:265] != b"00":
        raise BackupError("it is no archive as a backup is one")
    if _octal(block[148:156]) != sum(block) - sum(block[148:156]) + 8 * 32:
        raise BackupError("a header in it is damaged")
    name, prefix = (_text(block[start : start + size]) for start, size in ((0, _NAME), (345, _PREFIX)))
    name = f"{prefix}/{name}" if prefix else name
    if block[156:157] not in {b"0", b"\0"} or any(block[157:257]):
        raise BackupError(f"{name[:200]!a} in it is no plain file")
    size = _octal(block[124:136])
    if not 0 <= size < _LARGEST:
        raise BackupError(f"{name[:200]!a} in it has no size that can be")
    return Header(name, size)


def _split(name: bytes) -> tuple[bytes, bytes]:
    if len(name) <= _NAME:
        return name, b""
    at = name.find(b"/", len(name) - _NAME - 1)
    if at <= 0 or at > _PREFIX:
        raise ValueError(f"{name!r} is too long")
    return name[at + 1 :], name[:at]


def _octal(field: bytes) -> int:
    digits = field.strip(b" \0")
    if not digits or any(digit not in b"01234567" for digit in digits):
        raise BackupError("a header in it is damaged")
    return int(digits, 8)


def _text(field: bytes) -> str:
    return field.partition(b"\0")[0].decode("latin-1")
