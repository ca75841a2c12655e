"""What happens when things break, on the running daemon: the table of the README, row by row."""

from __future__ import annotations

import contextlib
import pathlib
import time
import urllib.error

from tests.daemon.harness import Daemon, Load, running

NAMES = ["doubleclick.net", *(f"host{n}.example" for n in range(200))]


def test_control_is_killed_under_load(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        with Load(daemon.dns, NAMES, 1000) as load:
            time.sleep(1)
            daemon.kill("control")
            back = daemon.wait(daemon.up, 10)
            time.sleep(1)
        assert load.lost == 0
        assert back < 6, "a second or two, on a machine that has nothing else to do"
        daemon.wait(lambda: daemon.api("GET", "stats?since=1h")["queries"] >= load.sent, 5)


def test_worker_is_killed_under_load(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        with Load(daemon.dns, NAMES, 500) as load:
            time.sleep(0.5)
            daemon.kill("worker")
            back = daemon.wait(lambda: daemon.blocked("doubleclick.net"), 5)
            time.sleep(0.5)
        assert back < 1
        assert load.lost <= 5, "only what the worker had taken from the socket may be lost"


def test_stopping_under_load_is_quick_and_clean(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        with Load(daemon.dns, NAMES, 1000):
            time.sleep(0.5)
            began = time.monotonic()
            assert daemon.stop() == 0
            assert time.monotonic() - began < 5
        assert "Traceback" not in daemon.log.read_text()


def test_the_database_is_overwritten_with_garbage(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        daemon.api("POST", "rules", {"action": "deny", "name": "kept.example"})
        with Load(daemon.dns, NAMES, 500) as load:
            time.sleep(1.5)
            database = daemon.state / "lull.db"
            database.write_bytes(b"garbage" * 50_000)
            daemon.wait(lambda: daemon.api("GET", "status")["store"]["incidents"], 10)
            time.sleep(1)
        assert load.lost == 0
        assert daemon.blocked("kept.example")
        assert any(rule["name"] == "kept.example" for rule in daemon.api("GET", "rules"))
        assert list(daemon.state.glob("lull.db.corrupt-*"))
        daemon.wait(lambda: daemon.api("GET", "status")["store"]["state"] == "ok", 5)


def test_the_database_is_garbage_at_the_start(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        daemon.api("POST", "rules", {"action": "deny", "name": "kept.example"})
        daemon.stop()
        for path in daemon.state.glob("lull.db*"):
            path.write_bytes(b"garbage" * 50_000)
        daemon.start()
        daemon.wait(daemon.up, 10)
        (rule,) = daemon.api("GET", "rules")
        assert rule["name"] == "kept.example"
        daemon.api("POST", "rules", {"action": "deny", "name": "other.example"})
        assert daemon.blocked("kept.example")
        assert "put back" in daemon.api("GET", "status")["store"]["incidents"][-1]


def test_upstreams_are_dead(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.stop()
        daemon.upstreams = ["udp://127.0.0.1:9", "udp://127.0.0.2:9"]
        daemon.write_config("")
        daemon.start()
        # The policy on disk answers at once; the new config is in force when control has read it.
        daemon.wait(lambda: [one["url"] for one in daemon.api("GET", "status")["upstreams"]] == daemon.upstreams, 10)
        began = time.monotonic()
        answer = daemon.ask("example.org", timeout=6)
        assert answer is not None
        assert time.monotonic() - began < 5.5
        assert answer.header.rcode == 2, answer
        assert [bytes(option.data[:2]) for option in answer.ar[0].rdata] == [b"\0\x17"], answer
        assert daemon.blocked("doubleclick.net")
        assert daemon.ask("example.com") is not None
        daemon.wait(lambda: not daemon.api("GET", "status")["well"], 5)


def test_the_runtime_directory_cannot_be_used(tmp_path: pathlib.Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "run").write_text("a file where the directory should be")
    with running(tmp_path) as daemon:
        assert daemon.blocked("doubleclick.net")
        daemon.wait(lambda: daemon.api("GET", "status")["troubles"], 10)
        assert any("workers cannot connect" in trouble for trouble in daemon.api("GET", "status")["troubles"])


def test_the_state_disk_is_full(tmp_path: pathlib.Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    # A private mount in a namespace of the daemon's own: it works without being root, and ends with the daemon.
    prefix = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c"]
    script = f'mount -t tmpfs -o size=4m tmpfs {disk} && exec "$0" "$@"'
    with running(tmp_path, prefix=[*prefix, script], state=disk / "state") as daemon:
        daemon.wait(daemon.up, 10)
        before = daemon.api("GET", "status")["bundle"]["generation"]
        with Load(daemon.dns, NAMES, 500) as load:
            filler = daemon.state / "filler"
            _fill(filler)
            daemon.wait(lambda: daemon.api("GET", "status")["store"]["state"] == "full", 20)
            assert _status_of(daemon, "POST", "rules", {"action": "deny", "name": "late.example"}) == 503
            assert daemon.api("GET", "status")["bundle"]["generation"] == before
            filler.unlink()
            daemon.wait(lambda: daemon.api("GET", "status")["store"]["state"] == "ok", 20)
        assert load.lost == 0
        result = daemon.api("POST", "rules", {"action": "deny", "name": "late.example"})
        assert result["effective"], result["note"]
        assert daemon.blocked("late.example")


def _fill(path: pathlib.Path) -> None:
    """Write until the disk has no byte left."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def _status_of(daemon: Daemon, method: str, path: str, body: object) -> int:
    try:
        daemon.api(method, path, body)
    except urllib.error.HTTPError as error:
        return error.code
    return 200


def test_a_damaged_bundle_is_replaced_by_the_one_before(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        daemon.api("POST", "rules", {"action": "deny", "name": "one.example"})
        daemon.stop()
        bundles = daemon.state / "bundles"
        current = bundles / (bundles / "current").read_text().strip()
        (current / "policy.msgpack").write_bytes(b"\xc1garbage")
        daemon.start()
        assert daemon.blocked("doubleclick.net")
        assert "damaged" in daemon.log.read_text()
        daemon.wait(lambda: daemon.blocked("one.example"), 5)


def test_everything_of_the_state_is_damaged(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        daemon.stop()
        for path in daemon.state.rglob("*"):
            if path.is_file() and path.name != "token":
                path.write_bytes(b"\0garbage")
        daemon.start()
        assert daemon.blocked("doubleclick.net")
        daemon.wait(daemon.up, 10)


def test_a_config_that_breaks_while_running_is_refused_whole(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        daemon.write_config("rules: [deny good.example, alow bad.example]\n")
        daemon.hang_up()
        daemon.wait(lambda: daemon.api("GET", "status")["troubles"], 5)
        (trouble,) = daemon.api("GET", "status")["troubles"]
        assert "alow" in trouble
        assert not daemon.blocked("good.example")
        daemon.write_config("rules: [deny good.example]\n")
        daemon.hang_up()
        daemon.wait(lambda: daemon.blocked("good.example"), 5)
        assert daemon.api("GET", "status")["troubles"] == []


def test_a_config_that_changes_while_control_starts_is_taken_all_the_same(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        first = daemon.child("control")
        daemon.write_config("rules: [deny good.example]\n")
        daemon.kill("control")

        def again() -> bool:
            with contextlib.suppress(AssertionError):
                return daemon.child("control") != first
            return False

        daemon.wait(again, 5)
        second = daemon.child("control")
        daemon.hang_up()  # while it still imports its modules
        daemon.wait(lambda: daemon.blocked("good.example"), 10)
        assert daemon.child("control") == second
