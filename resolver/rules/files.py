"""The three files of a compiled set, and the index that ties them together.

`names.trie`    a marisa trie of owner names and networks (`keys`).
`names.sets`    an array of unsigned little-endian integers of `width` bytes: key id → set id.
`sets.msgpack`  the CRC-32 of the rest, then an `Index`: the sets of facts, their options, the patterns, and what the
                other two files must be.

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
from resolver.rules.rule import Options

FORMAT = 2
"""Of the three files together; one of another number is refused, and the lists are compiled again."""

TRIE = "names.trie"
ARRAY = "names.sets"
INDEX = "sets.msgpack"

PAGE = 256
"""Set ids are checked by so many."""

_CODES: dict[int, Literal["H", "I"]] = {2: "H", 4: "I"}  # array and memoryview codes by width in bytes
_CHUNK = 1 << 20


class Part(msgspec.Struct, frozen=True):
    """What a file must be: its size in bytes and its CRC-32."""

    size: int
    crc: int

    @classmethod
    def of(cls, data: bytes) -> Part:
        return cls(len(data), zlib.crc32(data))


class Expression(msgspec.Struct, frozen=True, array_like=True):
    """An RE2 expression, and its packed facts, each with the text of the rule (none for those that cancel)."""

    regex: str
    facts: list[tuple[int, str]]


class Index(msgspec.Struct, frozen=True):
    """`count` is the number of keys; so many of them are `networks`.

    `sets`, by set id, of packed facts (`fact.Fact`), each sorted, and `names`, how many names each set stands beside.
    `options` by their id, less one. `expressions` in the order of the filters, which take `filters` of them each.
    """

    format: int
    count: int
    width: int
    trie: Part
    array: Part
    sets: list[list[int]]
    names: list[int]
    networks: int = 0
    options: list[Options] = []
    expressions: list[Expression] = []
    filters: list[int] = []


class _Format(msgspec.Struct, frozen=True):
    """What is read first: the rest may differ between formats."""

    format: int


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
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise damaged(path, str(error)) from error
    if index.width not in _CODES or index.array.size != index.count * index.width:
        raise damaged(path, f"{index.count} keys of {index.width} bytes do not make {index.array.size}")
    if len(index.names) != len(index.sets) or min(index.names, default=0) < 0:
        raise damaged(path, f"it counts the names of {len(index.names)} sets, not {len(index.sets)}")
    if index.networks < 0 or sum(index.names) + index.networks != index.count:
        raise damaged(path, f"{sum(index.names)} names and {index.networks} networks are not {index.count}")
    if min(index.filters, default=1) < 1 or sum(index.filters) != len(index.expressions):
        raise damaged(path, f"its filters take {sum(index.filters)} expressions, not {len(index.expressions)}")
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
        raise damaged(path, f"it holds {len(trie)} keys, not {index.count}")
    return trie


def map_ids(path: pathlib.Path, index: Index) -> memoryview[int]:
    """Set ids by key id, memory-mapped once they are known to be whole. Those that are no set's are below the next
    multiple of PAGE. Raises BundleError; OSError."""
    _check(path, index.array)
    if index.array.size == 0:  # mmap refuses an empty file
        return memoryview(b"")
    code = _CODES[index.width]
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    ids = memoryview(data).cast(code)
    if sys.byteorder == "big":
        swapped = array.array(code, data)
        swapped.byteswap()
        ids = memoryview(swapped)
    if _are_beyond(data, ids, index):
        raise damaged(path, f"it speaks of more than {len(index.sets)} sets")
    return ids


def _are_beyond(data: mmap.mmap, ids: memoryview[int], index: Index) -> bool:
    pages = -(-len(index.sets) // PAGE)
    if index.width > 2:
        return max(ids) >= pages * PAGE
    return data[1::2].translate(None, bytes(range(min(pages, PAGE)))) != b""  # of a million in 2 ms, max takes 15


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
