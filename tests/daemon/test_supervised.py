"""The real daemon under a supervisor that listens: systemd's sockets and notices, and a worker that hangs."""

from __future__ import annotations

import os
import pathlib
import shlex
import signal
import socket
import subprocess
import sys
import time

import pytest

from tests.daemon.harness import ROOT, Daemon, Upstream, running


class Listener:
    """What a service says to systemd."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = str(path)
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sock.bind(self.path)
        self._sock.settimeout(15)

    def hear(self, wanted: str, seconds: float = 15) -> list[str]:
        """Everything up to what is wanted."""
        heard: list[str] = []
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            heard.append(self._sock.recv(4096).decode())
            if heard[-1] == wanted:
                return heard
        raise AssertionError(heard)

    def close(self) -> None:
        self._sock.close()


def children(pid: int) -> dict[str, int]:
    """The processes below one, by the module they run."""
    found = {}
    listed = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    for line in listed.stdout.splitlines():
        number, *words = line.split()
        found[next(word for word in words if word.startswith("resolver."))] = int(number)
    return found


def test_a_worker_that_hangs_is_replaced(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    listener = Listener(tmp_path / "notify")
    monkeypatch.setenv("NOTIFY_SOCKET", listener.path)
    monkeypatch.setenv("WATCHDOG_USEC", "4000000")
    upstream = Upstream()
    daemon = Daemon(tmp_path, [f"udp://127.0.0.1:{upstream.port}"])
    try:
        daemon.start()
        assert listener.hear("WATCHDOG=1")[:2] == ["READY=1", "STATUS=1 of 1 workers are answering"]
        assert daemon.process is not None
        hung = children(daemon.process.pid)["resolver.worker"]
        os.kill(hung, signal.SIGSTOP)
        began = time.monotonic()
        assert daemon.ask("doubleclick.net") is None
        daemon.wait(lambda: daemon.ask("doubleclick.net") is not None, 20)
        assert 8 < time.monotonic() - began < 15
        assert children(daemon.process.pid)["resolver.worker"] != hung
        assert "worker-0 has given no sign of life for 1" in daemon.log.read_text()
        assert daemon.stop() == 0
        assert listener.hear("STOPPING=1")
    finally:
        daemon.stop()
        upstream.close()
        listener.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_sockets_that_systemd_bound_are_used(tmp_path: pathlib.Path, workers: int) -> None:
    upstream = Upstream()
    daemon = Daemon(tmp_path, [f"udp://127.0.0.1:{upstream.port}"])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind(("127.0.0.1", daemon.dns))
        tcp.bind(("127.0.0.1", daemon.dns))
        tcp.listen()
        command = [sys.executable, "-m", "resolver", "serve", "--config", str(daemon.config), "--workers", str(workers)]
        script = f"exec 3<&{udp.fileno()} 4<&{tcp.fileno()}; LISTEN_PID=$$ LISTEN_FDS=2 exec {shlex.join(command)}"
        with daemon.log.open("ab") as log:
            daemon.process = subprocess.Popen(
                ["bash", "-c", script], cwd=ROOT, stdout=log, stderr=log, pass_fds=[udp.fileno(), tcp.fileno()]
            )
        try:
            daemon.wait(lambda: daemon.ask("doubleclick.net") is not None, 20)
            with socket.create_connection(("127.0.0.1", daemon.dns)) as stream:
                query = bytes.fromhex("000a01000001000000000000096c6f63616c686f73740000010001")
                stream.sendall(len(query).to_bytes(2, "big") + query)
                assert stream.recv(4096)[2:4] == b"\0\x0a"
            assert daemon.stop() == 0
        finally:
            daemon.stop()
            upstream.close()


def test_it_starts_with_its_standard_streams_closed_and_nothing_else_takes_their_place(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, prefix=("bash", "-c", 'exec "$@" <&- >&- 2>&-', "bash")) as daemon:
        assert daemon.process is not None
        for pid in (daemon.process.pid, *children(daemon.process.pid).values()):
            streams = [pathlib.Path(f"/proc/{pid}/fd/{number}") for number in range(3)]
            assert {str(stream.readlink()) for stream in streams} == {os.devnull}
