#!/usr/bin/env python3
"""Is every query in the log, or counted as left out? lossless.py [--seconds 300] [--rate 20000] [--upstream URL]

Runs the daemon with its log on, and dnsperf at that rate from several addresses for so long. In the end the counts of
the rows of the log and the counted drops are held against what the workers answered and against the totals, to the
last query. Prints them, what dnsperf saw, rows a second, bytes a row, and what control and the workers took of CPU and
memory meanwhile. Needs dnsperf (Debian: dnsperf). Loopback only; it ends what it started.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks.kills import Sums, answered
from tests.daemon.harness import Daemon, Upstream

CLIENTS = 8
NAMES = 20_000
_LOOK = 5.0  # seconds between two looks at memory


def queries(path: pathlib.Path, seed: int) -> pathlib.Path:
    """Names as dnsperf reads them, most of them popular."""
    chance = random.Random(seed)
    types = ("A", "A", "AAAA", "HTTPS")
    lines = [f"host{min(int(chance.paretovariate(0.6)), NAMES)}.example {chance.choice(types)}" for _ in range(200_000)]
    lines[::5] = ["doubleclick.net A"] * len(lines[::5])
    path.write_text("\n".join(lines) + "\n")
    return path


def scrape(daemon: Daemon, name: str) -> dict[str, float]:
    """The samples of a metric, by the value of its label."""
    url = f"http://127.0.0.1:{daemon.admin}/metrics"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {daemon.token}"})
    with urllib.request.urlopen(request, timeout=30) as response:
        text = response.read().decode()
    return {
        match[1]: float(match[2]) for match in re.finditer(rf'^{name}{{[^}}]*"([^"]*)"}} (\S+)$', text, re.MULTILINE)
    }


def blast(daemon: Daemon, directory: pathlib.Path, options: argparse.Namespace) -> tuple[list[str], float]:
    """Ask from all clients; what each dnsperf said, and the most memory that control had meanwhile."""
    each = options.rate // CLIENTS
    perfs = []
    for client in range(CLIENTS):
        load = queries(directory / f"queries{client}.txt", client)
        command = ["dnsperf", "-s", "127.0.0.1", "-p", str(daemon.dns), "-d", str(load), "-a", f"127.0.0.{client + 2}"]
        command += ["-Q", str(each), "-l", str(options.seconds), "-c", "2", "-T", "1"]
        perfs.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    most = 0.0
    while any(perf.poll() is None for perf in perfs):
        most = max(most, scrape(daemon, "lull_process_resident_memory_bytes").get("control", 0.0))
        time.sleep(_LOOK)
    return [perf.communicate()[0] for perf in perfs], most


def _sum(said: list[str], title: str) -> int:
    return sum(int(found[1]) for text in said if (found := re.search(rf"{title}:\s+(\d+)", text)))


def measure(daemon: Daemon, directory: pathlib.Path, options: argparse.Namespace) -> bool:
    before = scrape(daemon, "lull_process_cpu_seconds_total")
    began = time.monotonic()
    said, most = blast(daemon, directory, options)
    took = time.monotonic() - began
    time.sleep(1.5)
    total = answered(daemon)
    sums = Sums(daemon.state / "lull.db")
    cpu = {
        name: spent - before.get(name, 0) for name, spent in scrape(daemon, "lull_process_cpu_seconds_total").items()
    }
    sent, back = _sum(said, "Queries sent"), _sum(said, "Queries completed")
    size = sum(path.stat().st_size for path in daemon.state.glob("lull.db*"))
    rate = f"{sent / options.seconds:,.0f} q/s"
    print(f"dnsperf: sent {sent:,} in {took:.0f} s ({rate}), answered {back:,}, lost {sent - back:,}")
    print(f"workers: answered {total:,}; {sums}")
    print(
        f"answered - (log + drops) = {total - sums.logged - sums.dropped}, answered - totals = {total - sums.counted}"
    )
    print(
        f"{sums.rows / took:,.0f} rows/s, {size / max(sums.rows, 1):.1f} bytes a row (indexes, write-ahead log and all)"
    )
    for name, spent in sorted(cpu.items()):
        print(f"{name}: {spent:.1f} s of CPU, {spent / max(total, 1) * 1e6:.1f} us a query")
    print(f"control had {most / 1e6:.0f} MB at most")
    return total == sums.counted == sums.logged + sums.dropped


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--rate", type=int, default=20_000, help="queries a second")
    parser.add_argument("--upstream", help="the upstream to use, udp://…; one of its own unless given")
    options = parser.parse_args()
    own = None if options.upstream else Upstream(ttl=3600)
    url = options.upstream or f"udp://127.0.0.1:{own.port if own else 0}"
    with tempfile.TemporaryDirectory() as directory:
        daemon = Daemon(pathlib.Path(directory), [url])
        try:
            daemon.start()
            daemon.wait(daemon.up, 30)
            good = measure(daemon, pathlib.Path(directory), options)
        finally:
            daemon.stop()
            if own:
                own.close()
    print("good: not one is missing" if good else "NOT good")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
