"""The content codings of HTTP (RFC 9110 section 8.4.1), undone piece by piece: a bomb never stands in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from resolver.errors import ListError

ACCEPTED = "gzip, deflate"

_PIECE = 65_536
_GZIP = 31  # zlib's code for a gzip header (RFC 1952)
_ZLIB = 15  # for a zlib header (RFC 1950), which `deflate` should have
_RAW = -15  # for none (RFC 1951), which `deflate` often has


class Unpacker:
    """Bytes as they came → bytes as they were, at most 64 KiB at a time."""

    def __init__(self, coding: str) -> None:
        """`coding` is the value of Content-Encoding. Raises ListError for one that was not asked for."""
        self._coding = coding.strip().lower().removeprefix("x-") or "identity"
        if self._coding not in {"identity", "gzip", "deflate"}:
            raise ListError(f'it is packed as "{coding[:40]}", which was not asked for')
        self._stream: zlib._Decompress | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces that `data` gives. Raises ListError when it is damaged."""
        if self._coding == "identity":
            yield data
            return
        more = False  # whether zlib holds back what the last piece had no room for
        while data or more:
            stream = self._current(data)
            if stream is None:
                return
            try:
                piece = stream.decompress(data, _PIECE)
            except zlib.error as error:
                raise ListError("its packed data is damaged") from error
            yield piece
            more = len(piece) == _PIECE and not stream.eof
            data = stream.unused_data if stream.eof else stream.unconsumed_tail

    def finish(self) -> None:
        """All has been fed. Raises ListError when the end is missing."""
        if self._stream is not None and not self._stream.eof:
            raise ListError("its end is missing")

    def _current(self, data: bytes) -> zlib._Decompress | None:
        """The stream that `data` belongs to; None when all streams have ended and padding follows.

        After a gzip member another may follow (RFC 1952 section 2.2).
        """
        if self._stream is not None and not self._stream.eof:
            return self._stream
        if self._coding == "gzip":
            if self._stream is not None and not data.startswith(b"\x1f"):
                return None
            self._stream = zlib.decompressobj(_GZIP)
        elif self._stream is None:
            self._stream = zlib.decompressobj(_ZLIB if data[0] & 0x0F == 8 else _RAW)
        else:
            return None
        return self._stream
