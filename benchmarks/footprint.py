#!/usr/bin/env python3
"""What the running daemon takes: memory by process, starts, compiles, edits; and how that grows.

python benchmarks/footprint.py [--rules 10000,100000,1000000] [--clients 1,10,100,1000] [--report FILE]

Rules are names that `many.py` makes (10,000,000 work too: 2 GB of memory and some minutes), in lists of at most
2,500,000 names, as no list may be larger than 64 MiB. Memory is PSS (proc(5)): what processes share counts once. Prints
Markdown; `--report` writes it into a file, docs/footprint.md for one, between its marks. Loopback only; it ends what it
started.
"""

from __future__ import annotations

import argparse
import pathlib
import re
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks.many import name, names
from tests.daemon.harness import Daemon, Upstream

BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"
_PER_LIST = 2_500_000
_MIB = 1024  # KiB
_SETTLED = 6.0  # seconds after a start until control has looked at everything once
_QUESTIONS = 20  # of each client


class Rules(NamedTuple):
    """What so many rules cost: seconds, MiB of each kind of process, bytes a rule on disk."""

    count: int
    cold: float
    compiled: float
    warm: float
    edit: float
    worker: float
    control: float
    supervisor: float
    disk: float

    @property
    def whole(self) -> float:
        return self.worker + self.control + self.supervisor


def memory(pid: int) -> float:
    """The MiB that a process takes: PSS."""
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+)", text, re.MULTILINE)
    assert found is not None
    return int(found[1]) / _MIB


def processes(daemon: Daemon) -> tuple[float, float, float]:
    """The MiB of the worker, of control and of the supervisor."""
    assert daemon.process is not None
    return memory(daemon.child("worker")), memory(daemon.child("control")), memory(daemon.process.pid)


def lists(directory: pathlib.Path, count: int) -> str:
    """Write lists of so many rules; the lines of a config that name them."""
    lines = ["lists:"]
    for first in range(0, count, _PER_LIST):
        path = directory / f"many-{first}.txt"
        with path.open("w") as file:
            file.writelines(f"{one}\n" for one in names(min(_PER_LIST, count - first), first))
        lines.append(f"  - {{id: many-{first}, file: {path}}}")
    return "\n".join(lines) + "\n"


def rules(directory: pathlib.Path, upstream: Upstream, count: int) -> Rules:
    """A daemon's first start over so many rules, a rule's edit, and its second start."""
    daemon = Daemon(directory, [f"udp://127.0.0.1:{upstream.port}"], lists(directory, count))
    last = name(count - 1)
    try:
        began = time.monotonic()
        cold = daemon.start()
        daemon.wait(lambda: daemon.blocked(last), 1200)
        compiled = time.monotonic() - began
        edit = edited(daemon)
        daemon.stop()
        began = time.monotonic()
        _start_asking(daemon, last)
        warm = time.monotonic() - began
        time.sleep(_SETTLED)
        sizes = processes(daemon)
        bundle = max((daemon.state / "bundles").glob("[0-9]*"), key=lambda one: int(one.name))
        disk = sum(file.stat().st_size for file in bundle.glob("names.*")) / count
    finally:
        daemon.stop()
    return Rules(count, cold, compiled, warm, edit, *sizes, disk)


def _start_asking(daemon: Daemon, blocked: str) -> None:
    """Start, and wait until this name is blocked."""
    real, daemon.ask = daemon.ask, lambda *_, **__: real(blocked, timeout=0.02)  # type: ignore[method-assign]
    try:
        daemon.start()
    finally:
        daemon.ask = real  # type: ignore[method-assign]


def edited(daemon: Daemon, times: int = 5) -> float:
    """Seconds from the request for a rule until it holds: the middle one of several."""
    daemon.wait(daemon.up, 60)
    took = []
    for number in range(times):
        edited_name = f"edit{number}.example"
        began = time.monotonic()
        daemon.api("POST", "rules", {"action": "deny", "name": edited_name})
        daemon.wait(lambda asked=edited_name: daemon.blocked(asked), 10)
        took.append(time.monotonic() - began)
    return sorted(took)[times // 2]


def clients(directory: pathlib.Path, upstream: Upstream, counts: Iterable[int]) -> Iterator[tuple[int, float, float]]:
    """For each count of devices, what a worker and control take once each has asked and been answered."""
    daemon = Daemon(directory, [f"udp://127.0.0.1:{upstream.port}"])
    try:
        daemon.start()
        daemon.wait(daemon.up, 60)
        time.sleep(_SETTLED)
        known = 0
        for count in counts:
            for client in range(known, count):
                _ask_as(daemon.dns, f"127.1.{client >> 8}.{client & 255}")
            known = count
            time.sleep(_SETTLED + 2.0)  # control writes every five seconds
            worker, control, _ = processes(daemon)
            yield count, worker, control
    finally:
        daemon.stop()


def _ask_as(port: int, address: str) -> None:
    """Some questions from an address of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((address, 0))
        sock.connect(("127.0.0.1", port))
        sock.settimeout(2)
        for number in range(_QUESTIONS):
            label = f"host{number}".encode()
            question = bytes([len(label)]) + label + b"\7example\0\0\1\0\1"
            sock.send(number.to_bytes(2, "big") + b"\1\0\0\1\0\0\0\0\0\0" + question)
            sock.recv(4096)


def table_of_rules(found: list[Rules]) -> list[str]:
    lines = [
        "| rules | first start: first answer | … all rules in force | start from a bundle | a rule's edit "
        "| worker | control | supervisor | all | bytes a rule on disk |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.count:,} | {one.cold:.2f} s | {one.compiled:.1f} s | {one.warm:.2f} s | {one.edit:.2f} s "
        f"| {one.worker:.1f} MiB | {one.control:.1f} MiB | {one.supervisor:.1f} MiB | {one.whole:.1f} MiB "
        f"| {one.disk:.1f} |"
        for one in found
    ]
    if len(found) > 1:
        more = (found[-1].whole - found[0].whole) * _MIB * 1024 / (found[-1].count - found[0].count)
        lines += ["", f"Each further rule takes {more:.1f} bytes of memory, in all processes together."]
    return lines


def table_of_clients(found: list[tuple[int, float, float]]) -> list[str]:
    lines = ["| devices | worker | control |", "|---|---|---|"]
    lines += [f"| {count:,} | {worker:.1f} MiB | {control:.1f} MiB |" for count, worker, control in found]
    if len(found) > 1:
        each = [(found[-1][at] - found[0][at]) * _MIB / (found[-1][0] - found[0][0]) for at in (1, 2)]
        lines += ["", f"Each further device takes {each[0]:.1f} KiB of the worker and {each[1]:.1f} KiB of control."]
    return lines


def measured(options: argparse.Namespace, say: Callable[[str], None]) -> list[str]:
    """Everything that was asked for, as Markdown."""
    upstream = Upstream()
    found = []
    try:
        for count in options.rules:
            say(f"{count:,} rules")
            with tempfile.TemporaryDirectory() as directory:
                found.append(rules(pathlib.Path(directory), upstream, count))
        say(f"{max(options.clients)} clients")
        with tempfile.TemporaryDirectory() as directory:
            devices = list(clients(pathlib.Path(directory), upstream, options.clients))
    finally:
        upstream.close()
    return [*table_of_rules(found), "", *table_of_clients(devices)]


def _numbers(text: str) -> list[int]:
    return sorted(int(one) for one in text.split(","))


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rules", type=_numbers, default=[10_000, 100_000, 1_000_000], metavar="COUNT,…")
    parser.add_argument("--clients", type=_numbers, default=[1, 10, 100, 1000], metavar="COUNT,…")
    parser.add_argument("--report", type=pathlib.Path, metavar="FILE", help="write into this file")
    options = parser.parse_args()
    text = "\n".join(measured(options, lambda what: print(what, file=sys.stderr))) + "\n"
    if options.report is None:
        print(text)
        return
    before, _, rest = options.report.read_text().partition(BEGIN)
    options.report.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")


if __name__ == "__main__":
    main()
