"""What is measured of a server that is running: each part takes it, asks it, and puts figures into the results."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Sequence

import msgspec

from benchmarks.bench.floor import Floor
from benchmarks.bench.load import Seen
from benchmarks.bench.lull import Lull
from benchmarks.bench.results import Results
from benchmarks.bench.servers import NotRunning, Server
from benchmarks.bench.workload import ASKED, KINDS, Workload

SEARCHED = ("cached", "mixed")  # kinds of which the capacity is searched
LOSS = 0.001  # share of queries without a proper answer that capacity allows
SHARES = (10, 50, 80)  # per cent of the capacity at which latency is measured
CROWDS = (1, 10, 100, 1000)  # clients
_STEPS = 6  # of the search between these parts of the closed loop's rate
_LEAST, _MOST = 0.1, 1.3
_RELOAD = 120.0  # seconds that a changed rule may take
_STEADY = 1000.0  # queries a second while rules are changed
_BEHIND = 1.0  # seconds of them after the change


class Bench(msgspec.Struct, frozen=True):
    """What the parts need: the load generator, the queries, seconds of one look, and where figures go."""

    program: pathlib.Path
    workload: Workload
    seconds: float
    results: Results

    def queries(self, kind: str) -> pathlib.Path:
        return self.workload.queries[kind]


def settle(server: Server, bench: Bench) -> None:
    """Have every name that is asked for again and again asked once: popular ones, whose answers are cached then, and
    blocked ones, of which it is known then what the first time costs."""
    load = server.load(bench.program)
    load.once(bench.queries("cached"), ASKED)
    before = server.use.cpu()
    _put_cost(
        server, bench, "cost.first", before, load.once(bench.queries("blocked"), len(bench.workload.rules.sample))
    )


def cost(server: Server, bench: Bench) -> None:
    """CPU microseconds per answered query, and the closed loop's rate, for each kind of queries."""
    load = server.load(bench.program)
    for kind in kinds(server):
        before = server.use.cpu()
        seen = load.closed(bench.queries(kind), bench.seconds)
        _put_cost(server, bench, f"cost.{kind}", before, seen)
        bench.results.put(server.name, f"closed.{kind}", seen.rate)


def _put_cost(server: Server, bench: Bench, figure: str, before: dict[int, float], seen: Seen) -> None:
    """What was spent since then for each answer: by all processes, and by those that answer."""
    whole, part = server.use.spent(before)
    if seen.answered:
        bench.results.put(server.name, f"{figure}.tree", whole / seen.answered * 1e6)
        bench.results.put(server.name, f"{figure}.part", part / seen.answered * 1e6)


def kinds(server: Server) -> Sequence[str]:
    """The floor forwards nothing, so that it misses nothing."""
    return KINDS[:-1] if isinstance(server, Floor) else KINDS


def memory(server: Server, bench: Bench) -> None:
    whole, part = server.use.memory()
    bench.results.put(server.name, "memory.tree", whole)
    bench.results.put(server.name, "memory.part", part)


def capacity(server: Server, bench: Bench) -> None:
    """Queries a second of which next to none are lost: searched by halves, from what the closed loop took."""
    load, seconds = server.load(bench.program), bench.seconds / 2
    for kind in SEARCHED:
        base = load.closed(bench.queries(kind), seconds).rate
        if not base:
            raise NotRunning("answers no more")
        low, high, found = base * _LEAST, base * _MOST, 0.0
        for _ in range(_STEPS):
            rate = (low * high) ** 0.5
            seen = load.paced(bench.queries(kind), seconds, rate)
            if seen.missing < LOSS and seen.sent > 0.98 * rate * seconds:
                low = found = rate
            else:
                high = rate
        if found:
            bench.results.put(server.name, f"capacity.{kind}", found)
        else:
            bench.results.notes.append(f"{server.name}: {kind}, loses queries even at {low:,.0f} a second")


def latency(server: Server, bench: Bench, mixed: float) -> None:
    """How long mixed queries take at parts of the server's own capacity, microseconds."""
    for share in SHARES:
        seen = server.load(bench.program).paced(bench.queries("mixed"), bench.seconds, mixed * share / 100)
        for figure, value in (("p50", seen.p50), ("p99", seen.p99), ("p999", seen.p999)):
            bench.results.put(server.name, f"latency.{share}.{figure}", value)
        bench.results.put(server.name, f"latency.{share}.missing", seen.missing)


def clients(server: Server, bench: Bench) -> None:
    """What cached queries cost that come from few or from many addresses."""
    load = server.load(bench.program)
    for crowd in CROWDS:
        before = server.use.cpu()
        seen = load.closed(bench.queries("cached"), bench.seconds, clients=crowd)
        _put_cost(server, bench, f"clients.{crowd}", before, seen)


def reload(server: Server, bench: Bench, turn: int) -> None:
    """How long a rule that was added to a list takes to be in force, and what is lost meanwhile; of Lull also how long
    a rule of one's own takes."""
    name = f"added{turn}-{server.port}.example"
    with server.load(bench.program).meanwhile(bench.queries("cached"), _STEADY) as seen:
        time.sleep(_BEHIND / 2)
        server.add(name)
        began = time.monotonic()
        server.renew()
        server.await_block(name, began + _RELOAD)
        took = time.monotonic() - began
        time.sleep(_BEHIND)
    bench.results.put(server.name, "reload.seconds", took)
    bench.results.put(server.name, "reload.lost", seen[0].sent - seen[0].answered)
    if isinstance(server, Lull):
        bench.results.put(server.name, "edit.seconds", server.deny(f"own{turn}-{server.port}.example"))
