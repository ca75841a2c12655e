"""Choosing on the running daemon, with what may happen to it: restarts, another config file, no database."""

from __future__ import annotations

import contextlib
import http.server
import json
import pathlib
import subprocess
import sys
import threading
import urllib.error
from collections.abc import Iterator
from typing import Any

import pytest

from tests.daemon.harness import Daemon, running

MINE = "lists: [{id: mine, file: mine.txt}]\n"
REACH = "updates: {reach: [127.0.0.1]}\n"
CHOSEN = "chosen.example"


@contextlib.contextmanager
def _listed(text: str) -> Iterator[str]:
    """The URL of a list."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nothing is to be said."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/list.txt"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _put(daemon: Daemon, path: str, value: object) -> Any:
    return daemon.api("PUT", f"choices/{path}", {"value": value}, timeout=20)


def _refused(daemon: Daemon, path: str, value: object) -> tuple[int, str]:
    with pytest.raises(urllib.error.HTTPError) as error:
        _put(daemon, path, value)
    with error.value as refusal:
        return refusal.status or 0, json.loads(refusal.read())["error"]["message"]


def _troubles(daemon: Daemon) -> str:
    return "; ".join(daemon.api("GET", "status")["troubles"])


def test_lists_that_are_chosen_block_and_go_on_after_a_restart(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.txt").write_text("||mine.example^\n")
    with _listed(f"||{CHOSEN}^\n") as url, running(tmp_path, MINE + REACH) as daemon:
        daemon.wait(daemon.up, 20)
        daemon.wait(lambda: daemon.blocked("mine.example"), 10)
        made = _put(daemon, "lists", [{"id": "mine", "file": "mine.txt"}, {"id": "theirs", "url": url}])
        assert made["changed"]
        daemon.wait(lambda: daemon.blocked(CHOSEN) and daemon.blocked("mine.example"), 10)
        _put(daemon, "blocking", {"mode": "nxdomain"})
        daemon.wait(lambda: _rcode(daemon, CHOSEN) == 3, 5)
        assert (daemon.stop(), daemon.start("--admin", f"127.0.0.1:{daemon.admin}") < 20) == (0, True)
        daemon.wait(daemon.up, 20)
        assert [one["path"] for one in daemon.api("GET", "choices")] == ["blocking", "lists"]
        assert _rcode(daemon, CHOSEN) == 3
        back = daemon.api("DELETE", "choices/lists", timeout=20)
        assert back["changed"]
        daemon.wait(lambda: _rcode(daemon, CHOSEN) == 0 and _rcode(daemon, "mine.example") == 3, 10)
        [last, *_] = [one for one in daemon.api("GET", "changes")["entries"] if one["undoable"]]
        daemon.api("POST", f"changes/{last['id']}/undo", timeout=20)
        daemon.wait(lambda: _rcode(daemon, CHOSEN) == 3, 10)


def test_the_resolvers_that_are_chosen_are_asked(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon, running(_made(tmp_path / "other")) as other:
        daemon.wait(daemon.up, 20)
        status, words = _refused(daemon, "upstreams", [f"udp://127.0.0.1:{daemon.dns}"])
        assert (status, "is Lull itself" in words) == (400, True)
        assert _put(daemon, "upstreams", [f"udp://127.0.0.1:{other.dns}"])["effective"]
        daemon.wait(lambda: daemon.ask("www.example") is not None, 10)
        wanted = [f"udp://127.0.0.1:{other.dns}"]
        daemon.wait(lambda: [one["url"] for one in daemon.api("GET", "status")["upstreams"]] == wanted, 10)


def test_what_no_longer_fits_the_file_is_left_out_and_lull_goes_on(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.txt").write_text("||mine.example^\n")
    with running(tmp_path, MINE) as daemon:
        daemon.wait(daemon.up, 20)
        _put(daemon, "groups.kids", {"clients": ["127.0.0.0/8"], "lists": ["mine"]})
        _put(daemon, "strategy", "random")
        assert "kids" in [one["name"] for one in daemon.api("GET", "groups")]
        daemon.write_config("lists: [starter]\n")  # without mine
        daemon.hang_up()
        daemon.wait(lambda: "groups.kids" in _troubles(daemon), 10)
        assert '"mine"; add it to lists' in _troubles(daemon)
        found = {one["path"]: one for one in daemon.api("GET", "choices")}
        assert (found["strategy"]["value"], found["strategy"]["instead"]) == ("random", "")
        assert "no list" in found["groups.kids"]["instead"]
        assert (daemon.stop(), daemon.start() < 20) == (0, True)  # with a choice that does not fit
        daemon.wait(daemon.up, 20)
        assert "groups.kids" in _troubles(daemon)
        daemon.write_config(MINE)
        daemon.hang_up()
        daemon.wait(lambda: "groups.kids" not in _troubles(daemon), 10)
        assert "kids" in [one["name"] for one in daemon.api("GET", "groups")]


def test_a_start_without_the_database_is_with_what_was_chosen(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 20)
        _put(daemon, "blocking", {"mode": "nxdomain"})
        assert daemon.stop() == 0
        database = tmp_path / "state" / "lull.db"
        assert (tmp_path / "state" / "chosen.json").stat().st_mode & 0o777 == 0o600
        database.rename(aside := tmp_path / "aside.db")
        database.mkdir()  # nothing can be opened there
        daemon.start()
        daemon.wait(daemon.up, 20)
        assert daemon.api("GET", "status")["store"]["state"] != "ok"
        assert _rcode(daemon, "doubleclick.net") == 3
        [one] = daemon.api("GET", "choices")
        assert (one["path"], one["value"]["mode"]) == ("blocking", "nxdomain")
        assert _refused(daemon, "blocking", {"mode": "nodata"})[0] == 503
        database.rmdir()
        aside.rename(database)
        daemon.wait(lambda: daemon.api("GET", "status")["store"]["state"] == "ok", 40)
        _put(daemon, "blocking", {"mode": "refused"})
        daemon.wait(lambda: _rcode(daemon, "doubleclick.net") == 5, 10)


def test_the_command_chooses_and_takes_back(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 20)

        def lull(*words: str) -> tuple[int, str]:
            command = [sys.executable, "-m", "resolver", *words, "--config", str(daemon.config)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
            return done.returncode, done.stdout + done.stderr

        code, told = lull("settings", "set", "log.keep", "7d")
        assert (code, "log.keep is 7d from now on, in force everywhere" in told) == (0, True)
        assert "log.keep" in lull("settings")[1]
        code, told = lull("settings", "set", "log.keep", "7 days")
        assert (code != 0, '"7 days" is not a duration' in told) == (True, True)
        assert "1 setting is chosen in the admin" in lull("check")[1]
        code, told = lull("settings", "unset", "log.keep")
        assert (code, "as the config file says" in told) == (0, True)


def _rcode(daemon: Daemon, name: str) -> int | None:
    answer = daemon.ask(name)
    return None if answer is None else int(answer.header.rcode)


def _made(directory: pathlib.Path) -> pathlib.Path:
    directory.mkdir()
    return directory


def test_a_restore_brings_what_was_chosen_then(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 20)

        def lull(*words: str) -> None:
            command = [sys.executable, "-m", "resolver", *words, "--config", str(daemon.config)]
            done = subprocess.run(command, capture_output=True, text=True, timeout=90, check=False)
            assert done.returncode == 0, done.stdout + done.stderr

        _put(daemon, "blocking", {"mode": "nxdomain"})
        lull("backup", str(tmp_path / "backup.tar.gz"))
        _put(daemon, "blocking", {"mode": "refused"})
        _put(daemon, "strategy", "random")
        daemon.wait(lambda: _rcode(daemon, "doubleclick.net") == 5, 10)
        lull("restore", "--yes", str(tmp_path / "backup.tar.gz"))
        daemon.wait(lambda: _rcode(daemon, "doubleclick.net") == 3, 30)
        daemon.wait(daemon.up, 20)
        assert [one["path"] for one in daemon.api("GET", "choices")] == ["blocking"]
        chosen = json.loads((tmp_path / "state" / "chosen.json").read_text())
        assert [one["path"] for one in chosen] == ["blocking"]
