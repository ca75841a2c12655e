"""The real daemon on free ports, a real upstream, and real queries: what the tests in this folder share."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any, Self

import dnslib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def free_port() -> int:
    """A port free for UDP and TCP on 127.0.0.1."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port: int = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind(("127.0.0.1", port))
                return port


class Upstream:
    """A resolver that answers every A question with `address`."""

    address = b"\xc0\0\2\1"

    def __init__(self, ttl: int = 60) -> None:
        self._ttl = ttl.to_bytes(4, "big")
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self.port: int = self._sock.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            data, source = self._sock.recvfrom(4096)
            if data == b"stop":
                return
            end = data.index(b"\0", 12) + 5
            answer = b"\xc0\x0c\0\1\0\1" + self._ttl + b"\0\4" + self.address
            head = data[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
            self._sock.sendto(head + data[12:end] + answer, source)

    def close(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.sendto(b"stop", ("127.0.0.1", self.port))
        self._thread.join(5)
        self._sock.close()


class Daemon:
    """`lull serve` with a config of ours, its ports and its processes."""

    def __init__(
        self,
        directory: pathlib.Path,
        upstreams: Sequence[str],
        config: str = "",
        prefix: Sequence[str] = (),
        state: pathlib.Path | None = None,
    ) -> None:
        self.directory = directory
        self.dns, self.admin = free_port(), free_port()
        self._state = state or directory / "state"
        self.config = directory / "lull.yaml"
        self.log = directory / "daemon.log"
        self._prefix = prefix
        self.upstreams = list(upstreams)
        self.write_config(config)
        self.process: subprocess.Popen[bytes] | None = None

    def write_config(self, more: str) -> None:
        lists = "" if "lists:" in more else "lists: [starter]\n"
        self.config.write_text(
            f"dns: {{listen: ['127.0.0.1:{self.dns}']}}\nadmin: {{listen: '127.0.0.1:{self.admin}'}}\n"
            f"state: {self._state}\nupstreams: {json.dumps(self.upstreams)}\n{lists}{more}"
        )

    @property
    def state(self) -> pathlib.Path:
        """The state directory as this process reaches it, also when the daemon has mounts of its own."""
        assert self.process is not None
        return (
            pathlib.Path(f"/proc/{self.process.pid}/root") / self._state.relative_to("/")
            if self._prefix
            else self._state
        )

    def hang_up(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGHUP)

    def start(self, *options: str) -> float:
        """Start and wait for the first blocked answer; returns how many seconds that took."""
        began = time.monotonic()
        command = [*self._prefix, sys.executable, "-m", "resolver", "serve", "--config", str(self.config), *options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.wait(lambda: self.ask("doubleclick.net") is not None, 20)
        return time.monotonic() - began

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)

    def wait(self, condition: Any, seconds: float) -> float:
        """Wait until `condition` holds; returns how long it took, and fails with the log when it never does."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.process is not None and self.process.poll() is not None:
                raise AssertionError(f"the daemon ended\n{self.log.read_text()}")
            with contextlib.suppress(OSError):
                if condition():
                    return time.monotonic() - began
            time.sleep(0.01)
        raise AssertionError(f"not within {seconds} s\n{self.log.read_text()}")

    def ask(self, name: str, type: str = "A", timeout: float = 0.3) -> dnslib.DNSRecord | None:
        """One UDP query; None when no answer comes."""
        query = dnslib.DNSRecord.question(name, type)
        query.add_ar(dnslib.EDNS0(udp_len=1232))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(timeout)
            with contextlib.suppress(OSError):
                sock.sendto(query.pack(), ("127.0.0.1", self.dns))
                return dnslib.DNSRecord.parse(sock.recv(4096))
        return None

    def blocked(self, name: str) -> bool:
        answer = self.ask(name)
        return answer is not None and [str(rr.rdata) for rr in answer.rr] == ["0.0.0.0"]

    @property
    def token(self) -> str:
        return (self.state / "token").read_text().strip()

    def api(self, method: str, path: str, body: Any = None, timeout: float = 5) -> Any:
        """One API request, and what comes of it if that takes long; raises OSError (urllib's errors are) when it does
        not succeed."""
        deadline = time.monotonic() + timeout
        found = self._ask(method, path, body, timeout)
        while isinstance(found, dict) and {"state", "progress", "said"} <= set(found):
            if found["error"] is not None:
                raise OSError(found["error"]["message"])
            if found["state"] == "done":
                return found["result"]
            left = max(deadline - time.monotonic(), 0.1)
            found = self._ask("GET", f"jobs/{found['id']}?seconds={min(left, 5):.1f}", None, left + 5)
            if time.monotonic() > deadline and found["state"] == "running":
                raise TimeoutError(f"{found['title']}: not done in {timeout} s")
        return found

    def _ask(self, method: str, path: str, body: Any, timeout: float) -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.admin}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.loads(response.read() or b"null")

    def up(self) -> bool:
        """Whether the admin answers, knows a worker, and has brought a policy into force."""
        status = self.api("GET", "status", timeout=1)
        return bool(status["workers"] and status["bundle"]["generation"])

    def child(self, role: str) -> int:
        """The process id of `worker` or `control`."""
        assert self.process is not None
        for task in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                parent = int((task / "stat").read_text().rsplit(")", 1)[1].split()[1])
                if f"resolver.{role}" in (task / "cmdline").read_text() and parent == self.process.pid:
                    return int(task.name)
        raise AssertionError(f"no {role} is running")

    def kill(self, role: str) -> None:
        began = time.monotonic()
        while True:
            try:
                os.kill(self.child(role), signal.SIGKILL)
            except (AssertionError, ProcessLookupError):  # it is being started again
                if time.monotonic() - began > 5:
                    raise
                time.sleep(0.02)
                continue
            return


class Load:
    """Queries at a steady rate from one socket in a thread; counts what was sent and what came back."""

    def __init__(self, port: int, names: Sequence[str], rate: int) -> None:
        self._port = port
        self._packets = [dnslib.DNSRecord.question(name).pack()[2:] for name in names]
        self._rate = rate
        self._stop = threading.Event()
        self.sent = self.received = 0
        self.slowest = 0.0
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def lost(self) -> int:
        return self.sent - self.received

    def _run(self) -> None:
        waiting: dict[int, float] = {}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            sock.setblocking(False)
            began = time.monotonic()
            while not self._stop.is_set():
                while self.sent < (time.monotonic() - began) * self._rate:
                    id = self.sent & 0xFFFF
                    sock.sendto(
                        id.to_bytes(2, "big") + self._packets[self.sent % len(self._packets)], ("127.0.0.1", self._port)
                    )
                    waiting[id] = time.monotonic()
                    self.sent += 1
                self._receive(sock, waiting)
                time.sleep(0.002)
            end = time.monotonic() + 6
            while waiting and time.monotonic() < end:
                self._receive(sock, waiting)
                time.sleep(0.002)

    def _receive(self, sock: socket.socket, waiting: dict[int, float]) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                data = sock.recv(4096)
                sent = waiting.pop(int.from_bytes(data[:2], "big"), None)
                if sent is not None:
                    self.received += 1
                    self.slowest = max(self.slowest, time.monotonic() - sent)


@contextlib.contextmanager
def running(
    directory: pathlib.Path, config: str = "", prefix: Sequence[str] = (), state: pathlib.Path | None = None
) -> Iterator[Daemon]:
    """A daemon that answers, over one upstream that does too."""
    upstream = Upstream()
    daemon = Daemon(directory, [f"udp://127.0.0.1:{upstream.port}"], config, prefix, state)
    try:
        daemon.start()
        yield daemon
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.stop()
        upstream.close()
