"""A PostgreSQL server of the tests' own: Debian's, in a temporary directory, on a Unix socket and a free port of
127.0.0.1. It refuses to run as root: then it is the user postgres who runs it."""

from __future__ import annotations

import contextlib
import itertools
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Sequence

USER, PASSWORD = "lull", "s3cret word"

_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "32MB",
    "max_connections": "60",
    "autovacuum": "off",
    "jit": "off",
    "lc_messages": "C",
}
_HBA = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


def programs() -> pathlib.Path:
    """Where Debian keeps the newest server's programs. Fails when there are none."""
    found = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    assert found, "--postgresql needs a server: apt-get install postgresql"
    return found[-1]


class Postgres:
    """A server with its own data directory. Its files are gone at the end."""

    def __init__(self, directory: pathlib.Path | None = None) -> None:
        self._programs = programs()
        self._as = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self.directory = directory or pathlib.Path(tempfile.mkdtemp(prefix="lull-pg-"))
        self.own(self.directory)
        self.data = self.directory / "data"
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._call("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C")
        (self.data / "pg_hba.conf").write_text(_HBA)

    # What tests ask for

    def url(self, database: str = "postgres", *, user: str = USER, options: str = "") -> str:
        """Over the Unix socket, without a password."""
        more = f"&options=-csearch_path%3D{options}" if options else ""
        return f"postgresql+psycopg://{user}@/{database}?host={self.directory}&port={self.port}{more}"

    def over_tcp(self, database: str = "postgres", *, password: str = "") -> str:
        """Over TCP, which takes a password."""
        word = f":{urllib.parse.quote(password, safe='')}" if password else ""
        return f"postgresql+psycopg://{USER}{word}@127.0.0.1:{self.port}/{database}"

    def schema(self) -> str:
        """The URL of an empty schema."""
        name = f"s{next(self._numbers)}"
        self.sql(f"CREATE SCHEMA {name} AUTHORIZATION {USER}")
        return self.url(options=name)

    def database(self, more: str = "") -> str:
        """The name of an empty database."""
        name = f"d{next(self._numbers)}"
        self.sql(f"CREATE DATABASE {name} OWNER {USER} {more}")
        return name

    def sql(self, *statements: str, database: str = "postgres") -> list[list[str]]:
        """What the server's master sees, as texts."""
        command: list[str | pathlib.Path] = [
            self._programs / "psql",
            "-XAt",
            "-F",
            "\x1f",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            self.directory,
        ]
        command += ["-p", str(self.port), "-U", "postgres", "-d", database]
        for statement in statements:
            command += ["-c", statement]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [line.split("\x1f") for line in done.stdout.splitlines()]

    def own(self, path: pathlib.Path) -> None:
        """Give a file to whoever runs the server."""
        if self._as:
            account = pwd.getpwnam("postgres")
            os.chown(path, account.pw_uid, account.pw_gid)

    # Its life

    def start(self) -> None:
        settings = {**_SETTINGS, "unix_socket_directories": str(self.directory), "port": str(self.port)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [self._programs / "postgres", "-D", self.data, "-c", "listen_addresses=127.0.0.1", *options]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, **self._as)  # type: ignore[call-overload]
        deadline = time.monotonic() + 20
        while True:
            ready = subprocess.run(
                [self._programs / "pg_isready", "-q", "-h", self.directory, "-p", str(self.port)], check=False
            )
            if ready.returncode == 0:
                break
            assert self._process.poll() is None, (self.directory / "log").read_text()
            assert time.monotonic() < deadline, "PostgreSQL does not start"
            time.sleep(0.02)

    def begin(self) -> None:
        """Start for the first time."""
        self.start()
        self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}'")

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """SIGINT is a fast shutdown, SIGQUIT an immediate one, as after a crash."""
        if self._process is not None and self._process.poll() is None:
            self.resume()
            self._process.send_signal(how)
            self._process.wait(20)

    def processes(self) -> list[int]:
        """Of the server and all its backends."""
        assert self._process is not None
        main = self._process.pid
        return [main, *map(int, pathlib.Path(f"/proc/{main}/task/{main}/children").read_text().split())]

    def freeze(self) -> None:
        """SIGSTOP for every process: it is there, and says nothing."""
        for process in self.processes():
            os.kill(process, signal.SIGSTOP)

    def resume(self) -> None:
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

    def cut(self) -> None:
        """Break every connection of ours."""
        self.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{USER}'")

    def well(self) -> None:
        """Be as it was, whatever a test did."""
        if self._process is not None and self._process.poll() is not None:
            self.start()
        self.resume()

    def end(self) -> None:
        self.stop(signal.SIGQUIT)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _call(self, program: str, *arguments: str | pathlib.Path) -> None:
        command: Sequence[str | pathlib.Path] = [self._programs / program, *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **self._as)  # type: ignore[call-overload]
        assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@contextlib.contextmanager
def serving(directory: pathlib.Path | None = None) -> Iterator[Postgres]:
    """A server that runs."""
    postgres = Postgres(directory)
    try:
        postgres.begin()
        yield postgres
    finally:
        postgres.end()
