"""IDs of queries: numbers that nobody can guess (RFC 5452 section 9.2)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator


def random_ids() -> Callable[[], int]:
    """A source of unpredictable 16-bit numbers, of which the kernel is asked for 512 at a time."""
    return _drawn().__next__


def _drawn() -> Iterator[int]:
    while True:
        yield from memoryview(os.urandom(1024)).cast("H")
