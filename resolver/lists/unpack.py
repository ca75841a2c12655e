"""The content codings of HTTP (RFC 9110 section 8.4.1), undone piece by piece: a bomb never stands in memory."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Protocol

import brotli
import zstandard

from resolver.errors import ListError
from resolver.lists.sink import too_large

ACCEPTED = "zstd, br, gzip, deflate"

_PIECE = 65_536  # bytes of output that are asked for at a time
_SLICE = 4_096  # bytes of input; what a decoder leaves of it is copied for each stream in it
_ZSTD_SLICE = 64  # zstd has no bound for its output: each 4 bytes of input may be a block of 128 KiB (RFC 8878)
_ZSTD_WINDOW = 8 << 20  # bytes that unpacking may need (RFC 9659)
_MOST = 3  # codings on top of each other
_STREAMS = 10_000  # gzip members or zstd frames: empty ones would take for ever
_GZIP = 31  # zlib's code for a gzip header (RFC 1952)
_ZLIB = 15  # for a zlib header (RFC 1950), which `deflate` should have
_RAW = -15  # for none (RFC 1951), which `deflate` often has
_GZIP_MAGIC = b"\x1f\x8b\x08"


class _Layer(Protocol):
    """One coding. For each piece that is fed, `feed` gives at least one back, which may be empty."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def finish(self) -> Iterator[bytes]: ...


class Unpacker:
    """Bytes as they came → bytes as they were, at most some 2 MiB at a time; what is a gzip file then, its content."""

    def __init__(self, coding: str, size: int) -> None:
        """`coding` is the value of Content-Encoding. What comes, and what each coding gives, may be `size` bytes.

        Raises ListError for a coding that was not asked for.
        """
        names = [name.strip().lower() for name in coding.split(",")]
        names = [name for name in names if name not in {"", "identity"}]
        unknown = next((name for name in names if name not in _LAYERS), None)
        if unknown is not None:
            raise ListError(f'it is packed as "{ascii(unknown[:40])[1:-1]}", which was not asked for')
        if len(names) > _MOST:
            raise ListError(f"it is packed {len(names)} times over")
        self._layers: list[_Layer] = [*(_LAYERS[name]() for name in reversed(names)), _File()]
        self._passed = [0] * (len(self._layers) + 1)
        self._size = size

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` gives; empty ones are a chance to do something else. Raises ListError when it is
        damaged or too large."""
        return self._through(0, data)

    def finish(self) -> Iterator[bytes]:
        """All has been fed: the rest. Raises ListError when the end is missing."""
        for place, layer in enumerate(self._layers):
            for piece in layer.finish():
                yield from self._through(place + 1, piece)

    def _through(self, place: int, data: bytes) -> Iterator[bytes]:
        self._passed[place] += len(data)
        if self._passed[place] > self._size:
            raise too_large(self._size)
        if place == len(self._layers) or not data:
            yield data
            return
        for piece in self._layers[place].feed(data):
            yield from self._through(place + 1, piece)


class _Zlib:
    """gzip and deflate. After a gzip member another may follow (RFC 1952 section 2.2), or padding."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._streams = 0
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        for part in _slices(data, _SLICE):
            yield from self._feed(part)

    def finish(self) -> Iterator[bytes]:
        if self._stream is not None and not self._stream.eof:
            raise _cut()
        return iter(())

    def _feed(self, data: bytes) -> Iterator[bytes]:
        more = False  # whether zlib holds back what the last piece had no room for
        while data or more:
            stream = self._current(data)
            if stream is None:
                yield b""
                return
            try:
                piece = stream.decompress(data, _PIECE)
            except zlib.error as error:
                raise _damaged() from error
            yield piece
            more = len(piece) == _PIECE and not stream.eof
            data = stream.unused_data if stream.eof else stream.unconsumed_tail

    def _current(self, data: bytes) -> zlib._Decompress | None:
        """The stream that `data` belongs to; None when all streams have ended and padding follows."""
        if self._stream is not None and not self._stream.eof:
            return self._stream
        self._streams = _counted(self._streams)
        if self._gzip:
            if self._stream is not None and not data.startswith(_GZIP_MAGIC[:1]):
                return None
            self._stream = zlib.decompressobj(_GZIP)
        elif self._stream is None:
            self._stream = zlib.decompressobj(_ZLIB if data[0] & 0x0F == 8 else _RAW)
        else:
            return None
        return self._stream


class _Zstd:
    """zstd: frames that may follow each other (RFC 8878 section 3)."""

    def __init__(self) -> None:
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frames = 0
        self._frame: zstandard.ZstdDecompressionObj | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        held: list[bytes] = []
        for part in _slices(data, _ZSTD_SLICE):
            held.append(self._feed(part))
            if sum(map(len, held)) >= _PIECE:
                yield b"".join(held)
                held.clear()
        yield b"".join(held)

    def finish(self) -> Iterator[bytes]:
        if self._frame is not None and not self._frame.eof:
            raise _cut()
        return iter(())

    def _feed(self, data: bytes) -> bytes:
        pieces = []
        try:
            while data:
                if self._frame is None or self._frame.eof:
                    self._frames = _counted(self._frames)
                    self._frame = self._unpacker.decompressobj()
                pieces.append(self._frame.decompress(data))
                data = self._frame.unused_data if self._frame.eof else b""
        except zstandard.ZstdError as error:
            if "memory" in str(error):
                raise ListError(f"it needs more than {_ZSTD_WINDOW >> 20} MiB of memory to be unpacked") from error
            raise _damaged() from error
        return b"".join(pieces)


class _Brotli:
    """br: a single stream (RFC 7932)."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._begun = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._begun = True
        try:
            piece = self._stream.process(data, output_buffer_limit=_PIECE)
            yield piece
            while piece or not self._stream.can_accept_more_data():  # it does not say whether it holds output back
                piece = self._stream.process(b"", output_buffer_limit=_PIECE)
                yield piece
        except brotli.error as error:
            raise _damaged() from error

    def finish(self) -> Iterator[bytes]:
        if self._begun and not self._stream.is_finished():
            yield from self.feed(b"")  # what was held back, and its last bits
            if not self._stream.is_finished():
                raise _cut()


class _File:
    """A file as it is, or what is in it when it is a gzip file."""

    def __init__(self) -> None:
        self._head = b""
        self._known = False
        self._layer: _Zlib | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not self._known:
            data = self._head + data
            if len(data) < len(_GZIP_MAGIC):
                self._head = data
                yield b""
                return
            self._known = True
            self._head = b""
            self._layer = _Zlib(gzip=True) if data.startswith(_GZIP_MAGIC) else None
        if self._layer is None:
            yield data
        else:
            yield from self._layer.feed(data)

    def finish(self) -> Iterator[bytes]:
        if self._layer is not None:
            return self._layer.finish()
        return iter((self._head,))


_LAYERS: dict[str, Callable[[], _Layer]] = {
    "gzip": lambda: _Zlib(gzip=True),
    "x-gzip": lambda: _Zlib(gzip=True),
    "deflate": lambda: _Zlib(gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}


def _slices(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


def _counted(streams: int) -> int:
    """One stream more. Raises ListError when it is one too many."""
    if streams == _STREAMS:
        raise ListError(f"it is packed into more than {_STREAMS} parts")
    return streams + 1


def _damaged() -> ListError:
    return ListError("its packed data is damaged")


def _cut() -> ListError:
    return ListError("its end is missing")
