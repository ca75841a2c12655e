"""The bytes of a list file → lines of text, whatever the bytes are."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

LONGEST_LINE = 65_536
"""Characters; a longer line is skipped without being held in memory."""

_BLANKS = " \t\r\n\v\f\xa0\ufeff"  # the mark U+FEFF also stands inside files that were put together from several


class TooLong(NamedTuple):
    """A line over LONGEST_LINE, by its beginning."""

    head: str


def lines(file: BinaryIO, indent: bool = False) -> Iterator[str | TooLong]:
    """The lines of a list, without their ends and surrounding blanks: UTF-8, or UTF-16 if a mark says so.

    With `indent` one space stands before a line that began with blanks: in zone files that means "the owner before"
    (RFC 1035 section 5.1). Lines end with LF, CRLF or CR. Bytes that are no text become U+FFFD, which is in no name.
    Raises OSError when the file cannot be read.
    """
    text = io.TextIOWrapper(file, encoding=_encoding(file), errors="replace")
    try:
        while line := text.readline(LONGEST_LINE + 1):
            if len(line) <= LONGEST_LINE or line[-1] == "\n":
                bare = line.strip(_BLANKS)
                yield " " + bare if indent and bare and line[0] in " \t" else bare
            else:
                yield TooLong(line)
                _drain(text)
    finally:
        text.detach()


def _drain(text: io.TextIOWrapper) -> None:
    while (rest := text.readline(LONGEST_LINE)) and rest[-1] != "\n":
        pass


def _encoding(file: BinaryIO) -> str:
    mark = file.read(2)
    file.seek(0)
    return "utf-16" if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8"
