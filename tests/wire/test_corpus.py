"""Messages that once did harm, and those that are near them: whatever reads bytes survives each, and fast.

A file of `corpus/` is one message; its name says what is in it.
"""

from __future__ import annotations

import contextlib
import pathlib
import time

import pytest

from resolver.errors import WireError
from resolver.model import Question
from resolver.wire import edns
from resolver.wire.name import read
from resolver.wire.query import Fault, decode
from resolver.wire.rdata import expand
from resolver.wire.reply import parse
from resolver.wire.response import encode_fault

CORPUS = sorted(pathlib.Path(__file__).with_name("corpus").glob("*.bin"))


def test_there_is_a_corpus() -> None:
    assert CORPUS


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_survived(path: pathlib.Path) -> None:
    data = path.read_bytes()
    began = time.process_time()
    with contextlib.suppress(WireError):
        found = decode(data)
        if isinstance(found, Fault):
            encode_fault(found)
    with contextlib.suppress(WireError):
        read(data, 12)
    if len(data) > 12:
        for type in (1, 5, 6, 46, 65, 255):
            with contextlib.suppress(WireError):
                name, _ = read(data, 12)
                parse(data, Question(name, type))
            with contextlib.suppress(WireError):
                expand(data, 12, len(data) - 12, type)
    with contextlib.suppress(WireError):
        edns.extended_errors(edns.options(data[12:]))
    assert time.process_time() - began < 0.05
