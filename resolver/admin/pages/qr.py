"""QR codes as the path of an inline SVG."""

from __future__ import annotations

import msgspec
import segno

_QUIET = 4  # modules of white around it (ISO/IEC 18004)


class Code(msgspec.Struct, frozen=True):
    """`size` modules wide and high with the white around it; `path` draws the black ones, as SVG's `d` has it."""

    size: int
    path: str


def code(text: str) -> Code:
    """The code of a short text, such as an address of a page."""
    rows = segno.make(text, error="m", micro=False).matrix
    strokes = [
        f"M{_QUIET + start} {_QUIET + y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in _runs(row)
    ]
    return Code(len(rows) + 2 * _QUIET, "".join(strokes))


def _runs(row: bytes | bytearray) -> list[tuple[int, int]]:
    """Where black begins in a row, and how long it goes on."""
    runs, start = [], -1
    for x, dark in enumerate((*row, 0)):
        if dark and start < 0:
            start = x
        elif not dark and start >= 0:
            runs.append((start, x - start))
            start = -1
    return runs
