"""Lull as a server of the benchmark: its log is on, its lists are read as they are."""

from __future__ import annotations

import json
import pathlib
import shutil
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence

from benchmarks.bench import programs
from benchmarks.bench.servers import Server, append, written
from benchmarks.bench.workload import Rules

_PATIENCE = 10.0  # seconds that a rule of one's own may take


class Lull(Server):
    """Started as a house starts it. Its state, and so its bundle, is kept from one start to the next."""

    name, answering, renewal = "Lull", r"\bworker\b", "SIGHUP"
    workers = 1

    def __init__(self, folder: pathlib.Path, rules: Rules, upstream: int) -> None:
        super().__init__(folder, rules, upstream)
        self._admin = 0
        self._lists = [self.folder / "lists" / path.name for path in rules.lists]
        self._state = self.folder / "state"

    def command(self) -> Sequence[str]:
        if not self._lists[0].exists():
            self._lists[0].parent.mkdir(exist_ok=True)
            for copy, path in zip(self._lists, self.rules.lists, strict=True):
                shutil.copy(path, copy)
            append(self._lists[0], "\n")
        plain = ", subdomains: true" if self.rules.made else ""
        lists = "\n".join(
            f"  - {{id: list{n}, file: {json.dumps(str(path))}{plain}}}" for n, path in enumerate(self._lists, 1)
        )
        self._admin = programs.free_port()
        config = written(
            self.folder / "lull.yaml",
            f"dns: {{listen: ['127.0.0.1:{self.port}'], workers: {self.workers}}}\n"
            f"admin: {{listen: '127.0.0.1:{self._admin}'}}\nstate: {json.dumps(str(self._state))}\n"
            f"upstreams: ['udp://127.0.0.1:{self.upstream}']\nlists:\n{lists}\n",
        )
        return [sys.executable, "-m", "resolver", "serve", "--config", str(config)]

    def add(self, name: str) -> None:
        append(self._lists[0], f"||{name}^\n")

    def forget(self) -> None:
        """Have it start as for the first time."""
        shutil.rmtree(self._state, ignore_errors=True)

    def deny(self, name: str) -> float:
        """Add a rule of one's own through the API; returns the seconds until it blocks."""
        token = (self._state / "token").read_text().strip()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._admin}/api/v1/rules",
            method="POST",
            data=json.dumps({"action": "deny", "name": name}).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        patience = time.monotonic() + _PATIENCE
        while True:
            began = time.monotonic()
            try:
                with urllib.request.urlopen(request, timeout=_PATIENCE) as response:
                    response.read()
                break
            except urllib.error.URLError:  # the admin comes up after the DNS
                if time.monotonic() > patience:
                    raise
                time.sleep(0.1)
        self.await_block(name, began + _PATIENCE)
        return time.monotonic() - began


class LullOnTwo(Lull):
    """With two workers on two cores."""

    name, cores, workers = "Lull, 2 workers", programs.BOTH_CORES, 2
