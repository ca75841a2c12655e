"""Signing in to the running daemon: the first visit, and that people stay signed in whatever happens to the database
and to control."""

from __future__ import annotations

import contextlib
import http.client
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.parse

from tests.daemon.harness import Daemon, running

PASSWORD = "correct horse battery staple"


def lull(daemon: Daemon, *words: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "resolver", *words, "--config", str(daemon.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, input=typed)


def ask(daemon: Daemon, method: str, path: str, cookie: str = "", **fields: str) -> tuple[int, str, str]:
    """Status, Location, and the cookie that is set ("": none)."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.admin, timeout=20)
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if fields else {}
    headers |= {"Cookie": cookie} if cookie else {}
    with contextlib.closing(connection):
        connection.request(method, path, urllib.parse.urlencode(fields) if fields else None, headers)
        response = connection.getresponse()
        response.read()
        set_cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]
        return response.status, response.getheader("Location") or "", set_cookie


def sign_in(daemon: Daemon, name: str = "anna", password: str = PASSWORD) -> str:
    """The session's cookie."""
    status, _, cookie = ask(daemon, "POST", "/login", name=name, password=password)
    assert status == 303
    return cookie


def is_in(daemon: Daemon, cookie: str) -> bool:
    return ask(daemon, "GET", "/account", cookie)[0] == 200


def test_the_first_visit(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 20)
        told = lull(daemon, "token")
        assert told.stdout == f"{daemon.token}\n"
        link = told.stderr.split()[-1]
        assert link in daemon.log.read_text()
        assert link in lull(daemon, "status").stdout
        assert (daemon.state / "welcome").stat().st_mode & 0o777 == 0o600
        path = link.removeprefix(f"http://127.0.0.1:{daemon.admin}")
        status, leads, visit = ask(daemon, "GET", path)
        assert (status, leads) == (303, "/welcome")
        status, leads, session = ask(daemon, "POST", "/welcome", visit, name="anna", password=PASSWORD, again=PASSWORD)
        assert (status, leads) == (303, "/welcome/lists")
        assert is_in(daemon, session)
        assert ask(daemon, "GET", path)[0] == 403
        assert lull(daemon, "token").stderr == ""
        key = path.partition("=")[2]
        for file in daemon.state.rglob("*"):
            if file.is_file():
                assert key.encode() not in file.read_bytes(), file


def test_people_are_added_and_mended_on_the_machine(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 20)
        assert lull(daemon, "users", "add", "anna", typed=f"{PASSWORD}\n").returncode == 0
        assert lull(daemon, "users", "add", "kim", "--device", "192.0.2.10", typed=f"{PASSWORD}\n").returncode == 0
        session = sign_in(daemon)
        assert ask(daemon, "GET", "/", sign_in(daemon, "kim"))[:2] == (303, "/me")
        assert lull(daemon, "users", "password", "anna", typed="something else entirely\n").returncode == 0
        assert not is_in(daemon, session)
        assert is_in(daemon, sign_in(daemon, password="something else entirely"))
        assert ask(daemon, "POST", "/login", name="anna", password=PASSWORD)[0] == 403
        made = lull(daemon, "tokens", "make", "x", "--scope", "read")
        assert re.fullmatch(r"lull_[\w-]{43}\n", made.stdout)


def test_sessions_outlive_control(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 20)
        lull(daemon, "users", "add", "anna", typed=f"{PASSWORD}\n")
        kept, ended = sign_in(daemon), sign_in(daemon)
        form = "".join(re.findall(r'name="form" value="(\w+)"', page(daemon, ended))[:1])
        assert ask(daemon, "POST", "/logout", ended, form=form)[:2] == (303, "/login")
        time.sleep(3)  # by then it is written
        before = daemon.child("control")
        os.kill(before, signal.SIGKILL)
        daemon.wait(lambda: _is_other(daemon, before) and daemon.up(), 30)
        assert is_in(daemon, kept)
        assert not is_in(daemon, ended)


def _is_other(daemon: Daemon, before: int) -> bool:
    with contextlib.suppress(AssertionError):  # there may be none for a moment
        return daemon.child("control") != before
    return False


def page(daemon: Daemon, cookie: str) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", daemon.admin, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", "/account", headers={"Cookie": cookie})
        return connection.getresponse().read().decode()


def test_signing_in_while_the_database_is_locked_and_then_gone(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 20)
        lull(daemon, "users", "add", "anna", typed=f"{PASSWORD}\n")
        token = lull(daemon, "tokens", "make", "x", "--scope", "read").stdout.strip()
        before = sign_in(daemon)
        locking = sqlite3.connect(daemon.state / "lull.db", isolation_level=None)
        locking.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        during = sign_in(daemon)
        assert time.monotonic() - began < 2
        assert is_in(daemon, during)
        assert lull(daemon, "users", "add", "ben", typed=f"{PASSWORD}\n").returncode == 4
        locking.execute("ROLLBACK")
        locking.close()
        (daemon.state / "lull.db").write_bytes(b"\0" * 65536)
        daemon.wait(lambda: "a new database was begun" in daemon.log.read_text(), 30)
        os.kill(daemon.child("control"), signal.SIGTERM)
        time.sleep(0.5)
        daemon.wait(daemon.up, 30)
        for session in (before, during, sign_in(daemon)):
            assert is_in(daemon, session)
        headers = {"Authorization": f"Bearer {token}"}
        connection = http.client.HTTPConnection("127.0.0.1", daemon.admin, timeout=20)
        with contextlib.closing(connection):
            connection.request("GET", "/api/v1/status", headers=headers)
            assert connection.getresponse().status == 200
        assert "nobody can sign in yet" not in daemon.log.read_text().partition("a new database was begun")[2]
