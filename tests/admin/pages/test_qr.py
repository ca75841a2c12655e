from __future__ import annotations

import re

import segno
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.pages.qr import code

QUIET = 4


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=120))
def test_what_is_drawn_is_the_code(text: str) -> None:
    drawn = code(text)
    rows = segno.make(text, error="m", micro=False).matrix
    black = set()
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", drawn.path):
        black |= {(int(x) + step, int(y)) for step in range(int(width))}
    wanted = {(x + QUIET, y + QUIET) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}
    assert black == wanted
    assert drawn.size == len(rows) + 2 * QUIET
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", drawn.path)
