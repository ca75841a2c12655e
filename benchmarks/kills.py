#!/usr/bin/env python3
"""Does the log survive its writer? kills.py [--times 100] [--rate 1000] [--upstream URL] [--seed 1]

Runs the daemon and dnsperf at a steady rate, and kills control (SIGKILL) again and again at random moments: while it
starts, writes, sweeps, or does nothing. After each kill the database is looked through from end to end (PRAGMA
integrity_check). In the end every query that a worker answered is looked for in the log, in the counted drops and in
the totals, and what dnsperf says of its answers is printed. Needs dnsperf (Debian: dnsperf). Loopback only; it ends
what it started.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import pathlib
import random
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from tests.daemon.harness import Daemon, Upstream

NAMES = 3000
_BACK = 30.0  # seconds in which control is up again after the last kill


class Sums:
    """What the database says of all queries."""

    def __init__(self, path: pathlib.Path) -> None:
        with contextlib.closing(connect(path)) as connection:

            def one(sql: str) -> int:
                return int(connection.execute(sql).fetchone()[0] or 0)

            self.rows = one("SELECT count(*) FROM log")
            self.logged = one("SELECT sum(count) FROM log")
            self.dropped = one("SELECT sum(count) FROM drops")
            self.counted = one("SELECT sum(count) FROM totals")

    def __str__(self) -> str:
        return f"log {self.logged:,} (in {self.rows:,} rows) + drops {self.dropped:,}; totals {self.counted:,}"


def connect(path: pathlib.Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=30)


def integrity(path: pathlib.Path) -> str:
    """What SQLite finds wrong; "ok" for nothing."""
    with contextlib.closing(connect(path)) as connection:
        return "; ".join(str(row[0]) for row in connection.execute("PRAGMA integrity_check(5)"))


def queries(path: pathlib.Path, chance: random.Random) -> pathlib.Path:
    """Names as dnsperf reads them: some popular, some blocked, some asked for seldom."""
    names = [f"host{min(int(chance.paretovariate(0.8)), NAMES)}.example A" for _ in range(20_000)]
    names[::5] = ["doubleclick.net A"] * len(names[::5])
    path.write_text("\n".join(names) + "\n")
    return path


def control(daemon: Daemon) -> int:
    """The process id of control, once it runs."""
    while True:
        with contextlib.suppress(AssertionError):
            return daemon.child("control")
        time.sleep(0.02)


def kill(daemon: Daemon, times: int, chance: random.Random) -> tuple[list[float], list[str]]:
    """Kill control so often; for how long each had lived, and what was found wrong with the database."""
    database = daemon.state / "lull.db"
    lives, wrong = [], []
    for turn in range(times):
        pid = control(daemon)
        began = time.monotonic()
        # Half of them young: opening, recovering and being sent what waits is when most can go wrong.
        time.sleep(chance.uniform(0.0, 1.5) if turn % 2 else chance.uniform(0.0, 8.0))
        os.kill(pid, signal.SIGKILL)
        lives.append(time.monotonic() - began)
        if (found := integrity(database)) != "ok":
            wrong.append(f"kill {turn + 1}: {found}")
        if (turn + 1) % 10 == 0:
            print(f"  {turn + 1} kills, {Sums(database)}", flush=True)
        time.sleep(0.05)
    return lives, wrong


def answered(daemon: Daemon) -> int:
    """How many queries the workers answered, once control knows all of it."""

    def known() -> int:
        status = daemon.api("GET", "status")
        quiet = not status["store"]["rows_waiting"] and not any(one["journal_waiting"] for one in status["workers"])
        return sum(one["answered"] for one in status["workers"]) if quiet and status["workers"] else 0

    daemon.wait(lambda: known() and known() == Sums(daemon.state / "lull.db").counted, _BACK)
    return known()


def measure(daemon: Daemon, load: pathlib.Path, options: argparse.Namespace) -> bool:
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(daemon.dns), "-d", str(load), "-Q", str(options.rate), "-c", "4"]
    perf = subprocess.Popen([*command, "-l", "86400"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        time.sleep(2)
        lives, wrong = kill(daemon, options.times, random.Random(options.seed))
        daemon.wait(daemon.up, _BACK)
        time.sleep(2)
    finally:
        perf.send_signal(signal.SIGINT)
        said = perf.communicate()[0]
    time.sleep(1.5)
    total, sums = answered(daemon), Sums(daemon.state / "lull.db")
    errors = daemon.log.read_text().count("Traceback")
    lives.sort()
    lived = f"{lives[0]:.2f} s to {lives[-1]:.2f} s, median {lives[len(lives) // 2]:.2f} s"
    print(f"killed {options.times} times, each after {lived}")
    print(f"integrity_check: {options.times - len(wrong)} times ok", *wrong, sep="\n  ")
    print(f"answered {total:,}; {sums}")
    print(f"queries lost from the log and not counted: {total - sums.logged - sums.dropped:,}")
    print(
        f"counted twice: {max(sums.logged + sums.dropped - total, 0):,}; tracebacks in the log of the daemon: {errors}"
    )
    for line in re.findall(r"^ *(?:Queries \w+|Response codes):.*$", said, re.MULTILINE):
        print(line.strip())
    return not wrong and total == sums.counted == sums.logged + sums.dropped and not errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=100)
    parser.add_argument("--rate", type=int, default=1000, help="queries a second")
    parser.add_argument("--upstream", help="the upstream to use, udp://…; one of its own unless given")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    own = None if options.upstream else Upstream()
    url = options.upstream or f"udp://127.0.0.1:{own.port if own else 0}"
    with tempfile.TemporaryDirectory() as directory:
        daemon = Daemon(pathlib.Path(directory), [url])
        try:
            daemon.start()
            daemon.wait(daemon.up, 30)
            good = measure(
                daemon, queries(pathlib.Path(directory) / "queries.txt", random.Random(options.seed)), options
            )
        finally:
            daemon.stop()
            if own:
                own.close()
    print("good" if good else "NOT good")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
