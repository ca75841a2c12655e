"""Processes are killed at random moments: a worker, control, all of the daemon at once."""

from __future__ import annotations

import os
import pathlib
import random
import signal
import sqlite3
import time
from collections.abc import Sequence

from tests.daemon.harness import Daemon, running
from tests.faults.probe import Probe
from tests.faults.told import Scale, Told, share

ROUNDS = 1000
NAMES = [f"host{number}.example" for number in range(20)]
_MOST_YOUNG = 1.5  # seconds of life at which most can go wrong


def faults(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """A third of the rounds each: the worker, control, and the daemon with all that it has."""
    rounds = max(2, int(ROUNDS * scale / 3))
    chance = random.Random(1)
    with running(directory) as daemon:
        daemon.wait(daemon.up, 30)
        told = [_one(daemon, "worker", rounds, chance), _one(daemon, "control", rounds, chance)]
        return [*told, _whole(daemon, rounds, chance)]


def _one(daemon: Daemon, role: str, rounds: int, chance: random.Random) -> Told:
    back = []
    with Probe(daemon.dns, NAMES) as probe:
        for _ in range(rounds):
            time.sleep(chance.uniform(0.0, _MOST_YOUNG))
            before = daemon.child(role)
            os.kill(before, signal.SIGKILL)
            began = time.monotonic()
            daemon.wait(lambda before=before: _other(daemon, role, before), 60)
            daemon.wait((lambda: daemon.ask(NAMES[0])) if role == "worker" else daemon.up, 60)
            back.append(time.monotonic() - began)
    fared = probe.fared
    corrupt = _corrupt(daemon)
    return Told(
        f"kill -9 of {'a worker' if role == 'worker' else 'control'}, {rounds:,} times at random moments",
        fared.rate,
        f"{fared.lost:,} of {fared.sent:,} queries ({fared.lost / rounds:.2f} a kill)",
        f"back after {share(back, 0.5):.2f} s (median), {max(back):.2f} s (worst); corrupt files {len(corrupt)}",
        not corrupt and (fared.lost == 0 if role == "control" else max(back) < 10),
    )


def _whole(daemon: Daemon, rounds: int, chance: random.Random) -> Told:
    took, corrupt, unclean = [], [], 0
    for _ in range(rounds):
        time.sleep(chance.uniform(0.0, _MOST_YOUNG))
        assert daemon.process is not None
        for pid in (daemon.process.pid, *_children(daemon.process.pid)):
            os.kill(pid, signal.SIGKILL)
        daemon.process.wait(10)
        corrupt += _corrupt(daemon)
        took.append(daemon.start())
        unclean += "Traceback" in daemon.log.read_text()
        daemon.log.write_text("")
    daemon.wait(daemon.up, 60)
    return Told(
        f"kill -9 of the whole daemon, {rounds:,} times at random moments",
        "a start each",
        "what was asked meanwhile",
        f"first blocked answer {share(took, 0.5):.2f} s after the start (median), {max(took):.2f} s (worst); "
        f"starts that were not clean {unclean}, corrupt files {len(corrupt)}",
        not corrupt and not unclean,
    )


def _other(daemon: Daemon, role: str, before: int) -> bool:
    try:
        return daemon.child(role) != before
    except AssertionError:
        return False


def _children(pid: int) -> list[int]:
    found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(one) for one in found]


def _corrupt(daemon: Daemon) -> list[str]:
    """The files of the state directory that were set aside, or that are not whole."""
    state = daemon.directory / "state"
    found = [str(path) for path in state.rglob("*.corrupt-*")]
    database = state / "lull.db"
    if database.exists():
        connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
        try:
            if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
                found.append(str(database))
        finally:
            connection.close()
    return found
