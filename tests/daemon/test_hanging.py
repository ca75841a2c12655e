"""The disk of the state does not answer: it is frozen (fsfreeze(8)), so that whoever writes to it waits in the kernel.
Takes root to mount one; skipped elsewhere."""

from __future__ import annotations

import pathlib
import sqlite3
import subprocess
import time
import urllib.error
from collections.abc import Iterator

import pytest

from tests.daemon.harness import Daemon, Load, running
from tests.mounting import ext4

NAMES = ["doubleclick.net", *(f"host{n}.example" for n in range(200))]


@pytest.fixture
def disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    with ext4(tmp_path, 64) as where:
        yield where


def status_of(daemon: Daemon, method: str, path: str, body: object = None) -> tuple[int, float]:
    began = time.monotonic()
    try:
        daemon.api(method, path, body, timeout=30)
    except urllib.error.HTTPError as error:
        return error.code, time.monotonic() - began
    return 200, time.monotonic() - began


def totals(disk: pathlib.Path) -> int:
    connection = sqlite3.connect(f"file:{disk}/state/lull.db?mode=ro", uri=True)
    try:
        return int(connection.execute("SELECT coalesce(sum(count), 0) FROM totals").fetchone()[0])
    finally:
        connection.close()


def test_the_disk_does_not_answer_for_a_while(disk: pathlib.Path, tmp_path: pathlib.Path) -> None:
    with running(tmp_path, "log: {write-every: 1s}\n", state=disk / "state") as daemon:
        daemon.wait(daemon.up, 20)
        time.sleep(4)
        before = totals(disk)
        with Load(daemon.dns, NAMES, 500) as load:
            time.sleep(1)
            subprocess.run(["fsfreeze", "-f", str(disk)], check=True)
            try:
                daemon.wait(lambda: daemon.api("GET", "status")["store"]["state"] == "hung", 20)
                assert 9 < time.time() - daemon.api("GET", "status")["store"]["since"] < 20
                for _ in range(20):
                    code, took = status_of(daemon, "POST", "rules", {"action": "deny", "name": "late.example"})
                    assert (code, took < 1) == (503, True)
                    code, took = status_of(daemon, "GET", "status")
                    assert (code, took < 1) == (200, True)
                assert daemon.blocked("doubleclick.net")
            finally:
                subprocess.run(["fsfreeze", "-u", str(disk)], check=True)
            back = daemon.wait(lambda: daemon.api("GET", "status")["store"]["state"] == "ok", 20)
            time.sleep(1)
        assert load.lost == 0
        assert load.slowest < 1
        assert back < 5
        daemon.wait(lambda: totals(disk) == before + load.sent + 1, 10)
        assert status_of(daemon, "POST", "rules", {"action": "deny", "name": "late.example"})[0] == 200
        assert daemon.blocked("late.example")
