"""A run: the rounds, in each of which every server is started, measured and ended in turn.

One server runs at a time, started anew in each round: so none has what another one left in the processor's caches, a
small machine bears it, and what the machine does in some minute hits one round of one server, which the median of the
rounds leaves out.
"""

from __future__ import annotations

import datetime as dt
import pathlib
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from benchmarks.bench import growth, load, machine, parts, results, upstream, workload
from benchmarks.bench.floor import Floor
from benchmarks.bench.lull import Lull, LullOnTwo
from benchmarks.bench.parts import Bench
from benchmarks.bench.peers import PEERS
from benchmarks.bench.progress import Progress
from benchmarks.bench.results import FLOOR, Results
from benchmarks.bench.servers import NotRunning, Server

PARTS = ("cost", "capacity", "latency", "memory", "growth", "clients", "reload")
_SESSION = 14.0  # seconds that a server takes in a round, beside its looks
_GROWTH = 0.35  # of the time that is kept for growth
_OVER = (NotRunning, OSError, subprocess.SubprocessError, msgspec.MsgspecError)

Make = Callable[[], Server]


class Options(msgspec.Struct, frozen=True):
    """How long a run looks, at whom, at what, and with which rules. `limit` in minutes."""

    rounds: int = 3
    seconds: float = 2.0
    limit: float = 32.0
    rules: int = workload.RULES
    most: int = growth.SIZES[-1]
    parts: Sequence[str] = PARTS
    peers: Sequence[str] = tuple(kind.binary for kind in PEERS)
    lists: pathlib.Path | None = None
    popular: pathlib.Path | None = None

    def told(self) -> dict[str, str]:
        return {
            "rounds": str(self.rounds),
            "seconds of each look": f"{self.seconds:g}",
            "most rules": f"{self.most:,}",
            "parts": ", ".join(self.parts),
        }


SHORT = Options(rounds=1, seconds=0.5, rules=100_000, most=100_000)


def run(options: Options, folder: pathlib.Path, out: pathlib.Path) -> Results:
    """Everything, in a folder of its own; what is known so far is in `out` after each step."""
    kinds = [kind for kind in PEERS if kind.binary in options.peers]
    ours: list[type[Server]] = [Lull, LullOnTwo]
    growing: list[type[Server]] = [Lull, *kinds]
    steps = options.rounds * (len(kinds) + 3) if set(options.parts) != {"growth"} else 0
    sizes = [size for size in growth.SIZES if size <= options.most] if "growth" in options.parts else []
    weights = [_SESSION + 14 * options.seconds] * steps + [size / 150_000 + 5 for size in sizes for _ in growing]
    progress = Progress(weights, options.limit * 60)
    print("making the files of rules and queries", flush=True)
    work = workload.make(folder / "work", options.lists, options.popular, options.rules)
    found = Results(
        date=dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        machine=machine.here(),
        versions=machine.versions(),
        workload=work.told,
        digests=work.digests,
        options=options.told(),
        servers=[Lull.name, LullOnTwo.name, *(kind.name for kind in kinds), FLOOR],
        renewals={kind.name: kind.renewal for kind in growing},
    )
    bench = Bench(load.build(folder, "load"), work, options.seconds, found)
    echo = load.build(folder, "echo")
    with upstream.answering(folder / "nsd") as port:
        make: list[Make] = [partial(kind, folder, work.rules, port) for kind in (*ours, *kinds)]
        make.append(lambda: Floor(folder, work.rules, port, echo))
        if steps:
            _rounds(options, make, bench, progress, out)
        if sizes:
            growth.grow(growing, bench, port, options.most, progress, folder)
    found.minutes = round(progress.elapsed / 60, 1)
    results.save(found, out)
    return found


def _rounds(options: Options, make: Sequence[Make], bench: Bench, progress: Progress, out: pathlib.Path) -> None:
    longest, kept = 0.0, options.limit * 60 * (_GROWTH if "growth" in options.parts else 0)
    for turn in range(options.rounds):
        if turn and not progress.fits(longest + kept):
            bench.results.notes.append(f"{turn} rounds of {options.rounds}, for want of time")
            progress.skip((options.rounds - turn) * len(make))
            return
        began = time.monotonic()
        for each in make:
            with each() as server:
                progress.begin(f"round {turn + 1} of {options.rounds}: {server.name}")
                try:
                    _session(server, bench, options.parts, turn)
                except _OVER as error:
                    bench.results.notes.append(f"{server.name}, round {turn + 1}: {error}")
                    print(f"    {error}", flush=True)
            results.save(bench.results, out)
        longest = max(longest, time.monotonic() - began)


def _session(server: Server, bench: Bench, wanted: Sequence[str], turn: int) -> None:
    """One server in one round: all parts that are wanted, from its start on."""
    first_of_all = type(server) is Lull and "memory" in wanted
    if isinstance(server, Lull) and first_of_all:
        server.forget()
        bench.results.put(server.name, "cold", server.start())
        server.end()
    bench.results.put(server.name, "start", server.start())
    parts.settle(server, bench)
    if "cost" in wanted:
        parts.cost(server, bench)
    if "memory" in wanted:
        parts.memory(server, bench)
    if "capacity" in wanted or "latency" in wanted:
        parts.capacity(server, bench)
        found = bench.results.samples[server.name].get("capacity.mixed", [])
        if "latency" in wanted and len(found) == turn + 1:
            parts.latency(server, bench, found[-1])
    if "clients" in wanted and turn == 0:
        parts.clients(server, bench)
    if "reload" in wanted and server.renewal:
        parts.reload(server, bench, turn)
