#!/usr/bin/env python3
"""What lists cost: lists.py LIST … [--names FILE]. Each list is a file, its syntax found out line by line.

Compiles them in a child process as control does, and prints what became of each list, the set's size in bytes a name
and a rule, the child's seconds and memory at its peak, how long a set takes to open, and how long a look-up takes for
names asked once: names that the lists hold, and those of --names ("rank,name" or "name" a line) that they do not hold.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from resolver.model import Client, Type
from resolver.rules import files
from resolver.rules.child import COMMAND, Done, Failed, Job, decode_line, encode_job
from resolver.rules.compile import Source
from resolver.rules.report import SourceReport
from resolver.rules.ruleset import RuleSet

SAMPLE = 20_000
CLIENT = Client("192.0.2.10", "default")


def compiled(lists: Sequence[pathlib.Path], out: pathlib.Path) -> tuple[list[SourceReport], float, float]:
    """The reports, the seconds it took, and the MiB the child had at its peak."""
    sources = [Source(place, path.stem, path.absolute(), "auto") for place, path in enumerate(lists)]
    began = time.perf_counter()
    done = subprocess.run(COMMAND, input=encode_job(Job(sources, out)), stdout=subprocess.PIPE, check=False)
    seconds = time.perf_counter() - began
    last = decode_line(done.stdout.splitlines()[-1])
    if isinstance(last, Failed):
        raise SystemExit(last.error)
    assert isinstance(last, Done)
    return last.reports, seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def look_up(names: RuleSet, asked: Sequence[str], mask: int) -> tuple[float, int]:
    """Microseconds a look-up, each name once, and how many were found."""
    found = 0
    began = time.perf_counter()
    for name in asked:
        found += names.winner(name, mask, Type.A, CLIENT) is not None
    return (time.perf_counter() - began) / max(len(asked), 1) * 1e6, found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("lists", nargs="+", type=pathlib.Path)
    parser.add_argument("--names", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        report(arguments.lists, arguments.names, pathlib.Path(directory))


def report(lists: Sequence[pathlib.Path], popular: pathlib.Path | None, out: pathlib.Path) -> None:
    reports, seconds, peak = compiled(lists, out)
    print(f"{'list':<28}{'lines':>9}{'rules':>9}{'names':>9}{'shared':>9}{'patterns':>9}{'networks':>9}  skipped")
    for one in reports:
        skipped = ", ".join(f"{count} {reason}" for reason, count in one.skipped.items()) or "-"
        print(
            f"{one.id:<28}{one.lines:>9}{one.rules:>9}{one.names:>9}{one.shared:>9}{one.patterns:>9}{one.networks:>9}"
            f"  {skipped}"
        )
    rules, size = sum(one.rules for one in reports), sum(path.stat().st_size for path in out.iterdir())
    began = time.perf_counter()
    names = RuleSet.open(out, [one.id for one in reports])
    opened = (time.perf_counter() - began) * 1e3
    print(f"{rules:,} rules about {len(names):,} names in {size / 1e6:.2f} MB:", end=" ")
    print(f"{size / len(names):.2f} bytes a name, {size / rules:.2f} a rule")
    print(f"compiled in {seconds:.1f} s, {peak:.0f} MiB at the peak; opened in {opened:.1f} ms; format {files.FORMAT}")
    every = (1 << len(reports)) - 1
    chosen = random.Random(1).sample([name for name, _ in names.items()], min(SAMPLE, len(names)))
    print(f"look-up of names that are there: {look_up(names, chosen, every)[0]:.2f} µs", end="")
    if popular is not None:
        lines = [line.rsplit(",", 1)[-1].strip() for line in popular.read_text().splitlines()]
        missing = [name for name in lines if names.winner(name, every, Type.A, CLIENT) is None]
        names.close()
        names = RuleSet.open(out, [one.id for one in reports])  # what was learned of these names is forgotten
        spent, found = look_up(names, missing[:SAMPLE], every)
        assert not found
        print(f"; of {len(missing[:SAMPLE]):,} that are not: {spent:.2f} µs", end="")
    print()


if __name__ == "__main__":
    main()
