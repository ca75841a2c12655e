"""How servers grow with their rules, from ten thousand to ten million: memory, start, what a blocked answer costs."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Sequence

from benchmarks.bench import machine
from benchmarks.bench.lull import Lull
from benchmarks.bench.parts import Bench
from benchmarks.bench.progress import Progress
from benchmarks.bench.servers import NotRunning, Server
from benchmarks.bench.workload import made_rules, write_queries

SIZES = (10_000, 100_000, 1_000_000, 10_000_000)
_ASKED = SIZES[0]  # different names, as many whatever the size
_PEER, _OURS = 90.0, 400.0  # seconds that a start may take: a peer's, and Lull's first one, which compiles


def grow(
    kinds: Sequence[type[Server]],
    bench: Bench,
    upstream: int,
    most: int,
    progress: Progress,
    folder: pathlib.Path,
) -> None:
    """Each size in turn, each server in turn; one that is not likely to bear ten times as much is not asked to."""
    room = machine.available() / 2
    for size in (size for size in SIZES if size <= most):
        with tempfile.TemporaryDirectory(dir=folder) as work:
            rules = made_rules(pathlib.Path(work), size)
            queries = pathlib.Path(work) / "blocked.txt"
            write_queries(queries, rules.sample[:_ASKED])
            for kind in kinds:
                progress.begin(f"{size:,} rules: {kind.name}")
                if words := _too_much(bench, kind, size, room, progress):
                    bench.results.notes.append(f"{kind.name}, {size:,} rules: left out, {words}")
                    continue
                with tempfile.TemporaryDirectory(dir=work) as own, kind(pathlib.Path(own), rules, upstream) as server:
                    try:
                        _measure(server, bench, queries, size, room)
                    except (NotRunning, OSError) as error:
                        bench.results.notes.append(f"{kind.name}, {size:,} rules: {error}")


def _too_much(bench: Bench, kind: type[Server], size: int, room: float, progress: Progress) -> str:
    """Why this size is not tried: by what a tenth of it took."""
    before = f"growth.{size // 10}"
    memory = bench.results.get(kind.name, f"{before}.tree")
    seconds = sum(bench.results.get(kind.name, f"{before}.{figure}") or 0 for figure in ("cold", "start"))
    if memory is None:
        return "" if size == SIZES[0] else "as it did not bear a tenth of them"
    if memory * 10 > room:
        return f"as it would need some {memory * 10 / 1024:,.0f} GiB"
    if seconds * 10 > (_OURS if issubclass(kind, Lull) else _PEER):
        return f"as it would take some {seconds * 10:,.0f} s to start"
    return "" if progress.fits(seconds * 10) else "for want of time"


def _measure(server: Server, bench: Bench, queries: pathlib.Path, size: int, room: float) -> None:
    def put(figure: str, value: float) -> None:
        bench.results.put(server.name, f"growth.{size}.{figure}", value)

    if isinstance(server, Lull):
        put("cold", server.start(_OURS, room))
        server.end()
    put("start", server.start(_PEER, room))
    load = server.load(bench.program)
    load.once(queries, _ASKED)
    before = server.use.cpu()
    seen = load.closed(queries, bench.seconds)
    whole, part = server.use.spent(before)
    if seen.answered:
        put("blocked.tree", whole / seen.answered * 1e6)
        put("blocked.part", part / seen.answered * 1e6)
    whole, part = server.use.memory()
    put("tree", whole)
    put("part", part)
