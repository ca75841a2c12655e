"""Backup and restore of the running daemon: all of it comes back."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import time
import urllib.request

from tests.daemon.furnished import NAMES, config_of, furnish, get, lull, post, settled, token, told, without_newer
from tests.daemon.harness import Daemon, Load, running


def test_everything_comes_back_in_another_house(tmp_path: pathlib.Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for directory in (first, second):
        directory.mkdir()
    with running(first, config_of(first)) as daemon:
        daemon.wait(daemon.up, 10)
        furnish(daemon)
        with Load(daemon.dns, NAMES, 200) as load:
            time.sleep(1)
        settled(daemon, load.sent + 1)
        before, backup = told(daemon), get(daemon, "backup?log=true")
        config = daemon.config.read_bytes()
    with running(second, config_of(second)) as other:
        other.wait(other.up, 10)
        job = post(other, "restore?config=false", backup)
        other.wait(lambda: other.api("GET", "restore")["state"] == "taken", 20)
        other.wait(other.up, 10)
        assert job["kind"] == "restore"
        assert other.api("GET", "restore")["config"] is False
        after = told(other)
        assert after["lists"] != before["lists"], "its own list is another file"
        assert {**without_newer(after, before), "lists": 0} == {**without_newer(before, before), "lists": 0}
    # With its config it goes where that says, which is the first house.
    path = tmp_path / "backup.tar.gz"
    path.write_bytes(backup)
    with running(first, "") as daemon:
        daemon.stop()
        for gone in daemon.state.glob("lull.db*"):
            gone.unlink()
        (first / "mine.txt").unlink()
        daemon.config.write_bytes(config)
        assert lull(daemon, "restore", str(path), "--yes").returncode == 0
        daemon.dns, daemon.admin = _ports(config)
        daemon.start()
        daemon.wait(daemon.up, 10)
        assert without_newer(told(daemon), before) == without_newer(before, before)
        assert daemon.blocked("mine.example")


def _ports(config: bytes) -> tuple[int, int]:
    lines = config.decode().splitlines()
    dns, admin = (int(line.partition("127.0.0.1:")[2].partition("'")[0]) for line in lines[:2])
    return dns, admin


def test_dns_goes_on_while_a_backup_is_taken_back(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, config_of(tmp_path)) as daemon:
        daemon.wait(daemon.up, 10)
        furnish(daemon)
        backup = get(daemon, "backup?log=true")
        daemon.api("POST", "rules", {"action": "deny", "name": "later.example"})
        assert daemon.blocked("later.example")
        with Load(daemon.dns, NAMES, 500) as load:
            post(daemon, "restore", backup)
            daemon.wait(lambda: daemon.api("GET", "restore")["state"] == "taken", 20)
            daemon.wait(lambda: not daemon.blocked("later.example"), 10)
        assert load.lost == 0
        assert "later.example" not in json.dumps(daemon.api("GET", "rules"))
        # What was asked after the backup is lost with it, but for what control did not have yet; new queries count.
        daemon.wait(lambda: daemon.api("GET", "status")["store"]["rows_written"] > 0, 15)
        assert "Traceback" not in daemon.log.read_text()


def test_a_config_that_cannot_be_written_is_told_before_anything(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, config_of(tmp_path)) as daemon:
        daemon.wait(daemon.up, 10)
        furnish(daemon)
        path = tmp_path / "backup.tar.gz"
        assert lull(daemon, "backup", str(path)).returncode == 0
        assert path.stat().st_mode & 0o777 == 0o600
        daemon.api("POST", "rules", {"action": "deny", "name": "later.example"})
        daemon.config.write_text(daemon.config.read_text() + "# changed\n")
        moved = daemon.config.with_name("moved")
        daemon.config.rename(moved)
        daemon.config.mkdir()
        told = _restore(daemon, moved, path)
        assert told.returncode == 4
        assert "cannot be written" in told.stderr
        assert "--without-config" in told.stderr
        assert daemon.blocked("later.example")
        told = _restore(daemon, moved, path, "--without-config")
        assert told.returncode == 0, told.stderr
        daemon.config.rmdir()
        moved.rename(daemon.config)
        daemon.wait(lambda: not daemon.blocked("later.example"), 10)
        assert daemon.config.read_text().endswith("# changed\n")


def _restore(daemon: Daemon, config: pathlib.Path, path: pathlib.Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "resolver", "restore", str(path), "--yes", "--config", str(config), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_with_and_without_a_daemon(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, config_of(tmp_path)) as daemon:
        daemon.wait(daemon.up, 10)
        furnish(daemon)
        before = told(daemon)
        online, offline = tmp_path / "online.tar.gz", tmp_path / "offline.tar.gz"
        made = lull(daemon, "backup", str(online), "--log")
        assert made.returncode == 0, made.stderr
        assert "a daemon runs on" in made.stderr
        daemon.stop()
        made = lull(daemon, "backup", str(offline), "--log")
        assert made.returncode == 0, made.stderr
        assert "no daemon runs on" in made.stderr
        refused = lull(daemon, "backup", str(daemon.config))
        assert refused.returncode == 2
        assert "is no backup" in refused.stderr
        refused = lull(daemon, "restore", str(online))
        assert refused.returncode == 2
        assert "--yes" in refused.stderr
        for path in (online, offline):
            done = lull(daemon, "restore", str(path), "--yes", "--json")
            assert done.returncode == 0, done.stderr
            assert json.loads(done.stdout)["state"] == "taken"
        daemon.start()
        daemon.wait(daemon.up, 10)
        assert without_newer(told(daemon), before) == without_newer(before, before)


def test_a_backup_that_is_broken_off_is_none(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        with Load(daemon.dns, [f"n{n}.example" for n in range(3000)], 3000) as load:
            time.sleep(2)
        settled(daemon, load.sent)
        request = urllib.request.Request(
            f"http://127.0.0.1:{daemon.admin}/api/v1/backup?log=true", headers=token(daemon)
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            response.read(1000)
        daemon.wait(daemon.up, 5)
        assert get(daemon, "backup")
        assert "Traceback" not in daemon.log.read_text()
