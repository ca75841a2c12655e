"""What a freshly started tree of processes takes of memory.

The bounds leave room for other versions of Python and of libraries; docs/footprint.md has what was measured.
"""

from __future__ import annotations

import pathlib
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


def test_every_process_is_told_to_give_back_what_it_does_not_need(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MALLOC_ARENA_MAX", "3")  # whoever has said so knows better
    with running(tmp_path) as daemon:
        for role in ("worker", "control"):
            daemon.wait(lambda role=role: daemon.child(role), 10)
            environment = pathlib.Path(f"/proc/{daemon.child(role)}/environ").read_bytes().split(b"\0")
            assert b"MALLOC_ARENA_MAX=3" in environment
            assert b"MALLOC_TRIM_THRESHOLD_=1048576" in environment
