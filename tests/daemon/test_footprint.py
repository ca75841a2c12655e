"""What a freshly started tree of processes takes of memory.

The bounds leave room for other versions of Python and of libraries; docs/footprint.md has what was measured.
"""

from __future__ import annotations

import itertools
import pathlib
import re
import time

import pytest

from benchmarks.footprint import processes
from benchmarks.many import names
from tests.daemon.harness import Daemon, running

WORKER, CONTROL, SUPERVISOR = 32, 95, 13  # MiB


def settled(daemon: Daemon) -> tuple[float, float, float]:
    daemon.wait(daemon.up, 30)
    time.sleep(3)  # what a start needs for a moment is gone by then
    return processes(daemon)


def test_a_house_that_has_just_begun_takes_little(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        worker, control, supervisor = settled(daemon)
        assert worker < WORKER
        assert control < CONTROL
        assert supervisor < SUPERVISOR


def test_rules_are_shared_and_small(tmp_path: pathlib.Path) -> None:
    """Twenty bytes a rule, where a set of Python's would take a hundred and more, in each process."""
    many = 200_000
    own = tmp_path / "many.txt"
    own.write_text("".join(f"{name}\n" for name in names(many)))
    with running(tmp_path, f"lists: [starter, {{id: many, file: {own}}}]\n") as daemon:
        *_, last = names(many)
        daemon.wait(lambda: daemon.blocked(last), 60)
        daemon.stop()
        daemon.start()
        worker, control, supervisor = settled(daemon)
        assert daemon.blocked(last)
        rules = 20 * many / (1 << 20)
        assert worker < WORKER + rules
        assert control < CONTROL + rules
        assert supervisor < SUPERVISOR


_HEAP = 64 << 20  # bytes that an arena of the C library beside the first one sets aside, at a multiple of them
_AREA = re.compile(r"(\w+)-(\w+) (\S+)")


def arenas(pid: int) -> int:
    """How many arenas a process has beside the first one: each begins at a multiple of _HEAP, and the rest of that is
    kept free."""
    areas = _AREA.finditer(pathlib.Path(f"/proc/{pid}/maps").read_text())
    found = [(int(one[1], 16), int(one[2], 16), one[3]) for one in areas]
    return sum(
        start % _HEAP == 0 and end == free and stop - start == _HEAP and (used, unused) == ("rw-p", "---p")
        for (start, end, used), (free, stop, unused) in itertools.pairwise(found)
    )


def test_threads_have_no_memory_of_their_own_unless_somebody_says_so(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for told, least, most in (("", 0, 1), ("9", 2, 8)):
        if told:
            monkeypatch.setenv("MALLOC_ARENA_MAX", told)
        with running(tmp_path) as daemon:
            daemon.wait(daemon.up, 30)
            assert least <= arenas(daemon.child("control")) <= most
            assert arenas(daemon.child("worker")) <= most
