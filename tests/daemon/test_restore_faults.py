"""A restore of the running daemon is all or nothing, whatever comes and whatever is killed when."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import random
import signal
import time
import urllib.error
from typing import Any

import pytest

from tests.backup.archives import plain, whole, write
from tests.daemon.furnished import config_of, furnish, get, post, told
from tests.daemon.harness import Daemon, running


def _outcome(daemon: Daemon, job: Any) -> Any:
    """The job when it is over."""
    while True:
        found = json.loads(get(daemon, f"jobs/{job['id']}?seconds=10"))
        if found["state"] != "running":
            return found


def test_what_is_no_backup_changes_nothing(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, config_of(tmp_path)) as daemon:
        daemon.wait(daemon.up, 10)
        furnish(daemon)
        before, backup = told(daemon), get(daemon, "backup")
        pid = daemon.child("control")
        made = write(tmp_path / "made", plain(whole({"config.yaml": b"dns: {nothing: 1}"}))).read_bytes()
        link = write(tmp_path / "made", plain({"../../etc/passwd": b""})).read_bytes()
        for data in (backup[:-20], backup[: len(backup) // 2], backup + b"more", made, link, b"\x1f\x8b" + b"x" * 50):
            job = post(daemon, "restore", data)
            found = _outcome(daemon, job)
            assert found["state"] == "failed"
            assert found["error"]["message"].startswith("nothing was changed: ")
        with pytest.raises(urllib.error.HTTPError, match="415"):
            post(daemon, "restore", backup, "application/json")
        with pytest.raises(urllib.error.HTTPError, match="422"):
            post(daemon, "restore", b"no archive at all")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            daemon.api("GET", "restore")
        assert list((daemon.state / "restore").iterdir()) == []
        assert told(daemon) == before
        assert daemon.child("control") == pid


def test_killed_at_any_moment_of_a_restore(tmp_path: pathlib.Path) -> None:
    chance = random.Random(6)
    with running(tmp_path, config_of(tmp_path)) as daemon:
        daemon.wait(daemon.up, 10)
        furnish(daemon)
        old = [rule["name"] for rule in daemon.api("GET", "rules")]
        backup = get(daemon, "backup")
        seen = set()
        for turn in range(5):
            daemon.api("POST", "rules", {"action": "deny", "name": f"later{turn}.example"})
            daemon.config.write_text(daemon.config.read_text() + f"# {turn}\n")
            new = [rule["name"] for rule in daemon.api("GET", "rules")]
            with contextlib.suppress(OSError):
                post(daemon, "restore", backup)
            time.sleep(chance.uniform(0.2, 2.2))
            daemon.kill("control")
            daemon.wait(daemon.up, 15)
            names = [rule["name"] for rule in daemon.api("GET", "rules")]
            taken = names == old
            assert taken or names == new, names
            assert (f"# {turn}" not in daemon.config.read_text()) is taken, "config and rules are of one state"
            assert not list(daemon.config.parent.glob(".*restoring*"))
            assert {path.name for path in (daemon.state / "restore").iterdir()} <= {"last.json"}
            daemon.wait(lambda name=new[-1], taken=taken: daemon.blocked(name) is not taken, 5)
            seen.add(taken)
        assert "Traceback" not in daemon.log.read_text()


def test_the_whole_daemon_is_killed_once_it_is_to_be_taken(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, config_of(tmp_path)) as daemon:
        daemon.wait(daemon.up, 10)
        furnish(daemon)
        backup = get(daemon, "backup")
        daemon.api("POST", "rules", {"action": "deny", "name": "later.example"})
        post(daemon, "restore", backup)
        plan = daemon.state / "restore" / "plan.json"
        daemon.wait(plan.exists, 20)
        assert daemon.process is not None
        control, worker = daemon.child("control"), daemon.child("worker")
        daemon.process.kill()
        for pid in (control, worker):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        daemon.process.wait()
        daemon.start()
        daemon.wait(daemon.up, 10)
        assert daemon.api("GET", "restore")["state"] == "taken"
        assert "later.example" not in json.dumps(daemon.api("GET", "rules"))
        daemon.wait(lambda: not daemon.blocked("later.example"), 10)
