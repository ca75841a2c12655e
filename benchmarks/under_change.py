#!/usr/bin/env python3
"""Is a query ever lost while everything changes? under_change.py [--seconds 60] [--rate 5000] [--list FILE ...]

Runs the daemon and dnsperf at a steady rate for so long, and meanwhile, all at once: refreshes lists and swaps the
bundle 20 times, adds and removes 50 rules through the API, and loads the log page in a loop. Prints what dnsperf saw
and how long each change took. Needs dnsperf (Debian: dnsperf). Loopback only; it ends what it started.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from tests.daemon.harness import Daemon, running

SWAPS = 20
RULES = 50


class Change(threading.Thread):
    """One kind of change, repeated `times` over `seconds`; keeps how long each took."""

    def __init__(self, name: str, times: int, seconds: float) -> None:
        super().__init__(name=name)
        self.took: list[float] = []
        self.failures: list[str] = []
        self._times = times
        self._pause = seconds / times

    def change(self, turn: int) -> None:
        """Make the change number `turn`."""

    def run(self) -> None:
        for turn in range(self._times):
            began = time.monotonic()
            try:
                self.change(turn)
            except (OSError, AssertionError) as error:
                self.failures.append(str(error))
            self.took.append(time.monotonic() - began)
            time.sleep(max(self._pause - self.took[-1], 0))

    def report(self) -> str:
        times = f"{len(self.took)} times, {_milliseconds(self.took)}"
        return f"{self.name}: {times}, failed {len(self.failures)}"


def _milliseconds(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds) * 1000:.0f} ms, worst {max(seconds) * 1000:.0f} ms"


class Swaps(Change):
    def __init__(self, daemon: Daemon, own: pathlib.Path, seconds: float) -> None:
        super().__init__("list refreshed and bundle swapped", SWAPS, seconds)
        self._daemon, self._own = daemon, own

    def change(self, turn: int) -> None:
        self._own.write_text(f"one.example\nnumber{turn}.example\n")
        self._daemon.api("POST", "lists/refresh", {}, timeout=60)
        assert self._daemon.blocked(f"number{turn}.example"), f"swap {turn} has no effect"


class Rules(Change):
    def __init__(self, daemon: Daemon, seconds: float) -> None:
        super().__init__("rule added, seen in force, removed", RULES, seconds)
        self._daemon = daemon
        self.effect: list[float] = []

    def change(self, turn: int) -> None:
        began = time.monotonic()
        added = self._daemon.api("POST", "rules", {"action": "deny", "name": f"rule{turn}.example"}, timeout=60)
        assert self._daemon.blocked(f"rule{turn}.example"), f"rule {turn} has no effect"
        self.effect.append(time.monotonic() - began)
        self._daemon.api("DELETE", f"rules/{added['rule']['id']}", timeout=60)


class Pages(Change):
    def __init__(self, daemon: Daemon, seconds: float) -> None:
        super().__init__("log and page loaded", int(seconds * 2), seconds)
        self._daemon = daemon

    def change(self, turn: int) -> None:
        self._daemon.api("GET", "log?limit=200", timeout=60)
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._daemon.admin}/", headers={"Authorization": f"Bearer {self._daemon.token}"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            response.read()


def queries(path: pathlib.Path) -> pathlib.Path:
    """Some thousand names as dnsperf reads them, a few much more popular than the rest."""
    chance = random.Random(1)
    names = [f"host{min(int(chance.paretovariate(0.7)), 5000)}.example A" for _ in range(20_000)]
    names[::5] = ["doubleclick.net A"] * len(names[::5])
    path.write_text("\n".join(names) + "\n")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--list", type=pathlib.Path, action="append", default=[], help="block lists to have in force")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        own = work / "own.txt"
        own.write_text("one.example\n")
        lists = "".join(f", {{id: list{n}, file: {path.resolve()}}}" for n, path in enumerate(arguments.list))
        with running(work, f"lists: [starter, {{id: own, file: {own}}}{lists}]\n") as daemon:
            daemon.wait(daemon.up, 30)
            daemon.wait(lambda: daemon.blocked("one.example"), 120)
            rules = Rules(daemon, arguments.seconds)
            changes = [Swaps(daemon, own, arguments.seconds), rules, Pages(daemon, arguments.seconds)]
            load = ["dnsperf", "-s", "127.0.0.1", "-p", str(daemon.dns), "-d", str(queries(work / "queries.txt"))]
            load += ["-Q", str(arguments.rate), "-l", str(arguments.seconds + 2), "-c", "4"]
            perf = subprocess.Popen(load, stdout=subprocess.PIPE, text=True)
            for change in changes:
                change.start()
            for change in changes:
                change.join()
            print(perf.communicate()[0])
            for change in changes:
                print(change.report(), *change.failures[:3], sep="\n  ")
            print(f"rule in force after: {_milliseconds(rules.effect)}")
            print(daemon.api("GET", "status")["workers"])


if __name__ == "__main__":
    main()
