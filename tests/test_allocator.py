"""The C library is told of memory by calls, whatever it makes of its variables."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

_THREADS = """
import ctypes, threading
from resolver import allocator
allocator.settle()
libc = ctypes.CDLL(None)
together = threading.Barrier(8)
def work():
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_stats()
"""


@pytest.mark.parametrize(("said", "most"), [({}, 2), ({"MALLOC_ARENA_MAX": "5"}, 5)])
def test_threads_share_their_memory_unless_somebody_says_otherwise(said: dict[str, str], most: int) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MALLOC_", "GLIBC_"))}
    done = subprocess.run(
        [sys.executable, "-c", _THREADS], env=plain | said, capture_output=True, text=True, check=True
    )
    assert done.stderr.count("Arena ") == most
