"""The three files of a compiled set, and the index that ties them together.

`names.trie`    a marisa trie of owner names turned round, with a dot before the name (`ads.example` → `elpmaxe.sda.`),
                so that every ancestor of a name is a prefix of its key and no label is cut.
`names.sets`    an array of unsigned little-endian integers of `width` bytes: key id → set id.
`sets.msgpack`  the CRC-32 of the rest, then an `Index`: the sets of facts, and what the other two files must be.

The check sums are against damage, which in a trie could crash a process, and make sure that the three belong together:
no key id and no set id can then be out of range. They prove nothing about who wrote the files.
"""

from __future__ import annotations

import array
import mmap
import pathlib
import sys
import zlib
from typing import Literal

import marisa_trie
import msgspec

from resolver.errors import BundleError

FORMAT = 1
"""Of the three files together; one of another number is refused, and the lists are compiled again."""

TRIE = "names.trie"
ARRAY = "names.sets"
INDEX = "sets.msgpack"

_CODES: dict[int, Literal["H", "I"]] = {2: "H", 4: "I"}  # array and memoryview codes by width in bytes
_CHUNK = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """What a file must be: its size in bytes and its CRC-32."""

    size: int
    crc: int

    @classmethod
    def of(cls, data: bytes) -> Part:
        return cls(len(data), zlib.crc32(data))


class Index(msgspec.Struct, frozen=True):
    """`sets`, by set id, of packed facts (`rule.Fact`), each sorted; `count` is the number of names."""

    format: int
    count: int
    width: int
    trie: Part
    array: Part
    sets: list[list[int]]


class _Format(msgspec.Struct, frozen=True):
    """What is read first: the rest may differ between formats."""

    format: int


def key(name: str) -> str:
    """The trie's key of a name in normal form."""
    return f".{name}"[::-1]


def name_of(key: str) -> str:
    """The name of a key of the trie."""
    return key[-2::-1]


def width_for(sets: int) -> int:
    """The bytes that a set id takes when there are so many sets."""
    return 2 if sets <= 1 << 16 else 4


def encode_ids(ids: list[int], width: int) -> bytes:
    """The bytes of `names.sets`."""
    packed = array.array(_CODES[width], ids)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


def encode_index(index: Index) -> bytes:
    """The bytes of `sets.msgpack`."""
    body = msgspec.msgpack.encode(index)
    return msgspec.msgpack.encode((zlib.crc32(body), body))


def read_index(path: pathlib.Path) -> Index:
    """The index of a compiled set. Raises BundleError when it is damaged or of another format; OSError."""
    try:
        crc, body = msgspec.msgpack.decode(path.read_bytes(), type=tuple[int, bytes])
        if crc != zlib.crc32(body):
            raise damaged(path, "its check sum is wrong")
        number = msgspec.msgpack.decode(body, type=_Format).format
        if number != FORMAT:
            raise damaged(path, f"its format is {number}, not {FORMAT}")
        index = msgspec.msgpack.decode(body, type=Index)
    except msgspec.MsgspecError as error:
        raise damaged(path, str(error)) from error
    if index.width not in _CODES or index.array.size != index.count * index.width:
        raise damaged(path, f"{index.count} names of {index.width} bytes do not make {index.array.size}")
    return index


def map_trie(path: pathlib.Path, index: Index) -> marisa_trie.Trie:
    """The trie, memory-mapped once it is known to be whole. Raises BundleError; OSError."""
    _check(path, index.trie)
    trie = marisa_trie.Trie()
    try:
        trie.mmap(str(path))
    except RuntimeError as error:
        raise damaged(path, str(error)) from error
    if len(trie) != index.count:
        raise damaged(path, f"it holds {len(trie)} names, not {index.count}")
    return trie


def map_ids(path: pathlib.Path, index: Index) -> memoryview[int]:
    """Set ids by key id, memory-mapped once they are known to be whole. Raises BundleError; OSError."""
    _check(path, index.array)
    if index.array.size == 0:  # mmap refuses an empty file
        return memoryview(b"")
    code = _CODES[index.width]
    if sys.byteorder == "big":
        swapped = array.array(code, path.read_bytes())
        swapped.byteswap()
        return memoryview(swapped)
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)).cast(code)


def damaged(path: pathlib.Path, why: str) -> BundleError:
    return BundleError(f"{path} cannot be used: {why}; compile the lists again")


def _check(path: pathlib.Path, part: Part) -> None:
    """Raise BundleError unless a file is what the index says. It is read in pieces, so that it takes no memory."""
    size = crc = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
    if size != part.size:
        raise damaged(path, f"it has {size} bytes, not {part.size}")
    if crc != part.crc:
        raise damaged(path, "its check sum is wrong")
