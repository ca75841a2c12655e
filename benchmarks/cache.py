#!/usr/bin/env python3
"""How well the cache holds what people use: hit ratios on a Zipf trace, alone and under a flood of random subdomains.

python benchmarks/cache.py [--names 100000] [--queries 400000] [--room 5000] [--flood 0.5]

Compares what Lull uses (cache/lasting.py) with first in, first out, with least recently used, and with the best that
anybody could do who knows the future popularity: the most popular names always held. The flood is asked for once each,
and its hits do not count. Prints a table of hit ratios and of microseconds for each query.
"""

from __future__ import annotations

import argparse
import bisect
import itertools
import pathlib
import random
import sys
import time
from collections import OrderedDict
from collections.abc import Iterator
from typing import Protocol

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from resolver.cache.lasting import Lasting


class Held:
    """An item that weighs 1."""

    __slots__ = ("hits", "settled")

    def __init__(self) -> None:
        self.hits = 0
        self.settled = False

    def weight(self) -> int:
        return 1

    def used(self) -> bool:
        hits, self.hits = self.hits, max(min(self.hits, 3) - 1, 0)
        return hits > 0

    def follow(self, old: Held) -> None:
        self.hits = old.hits


class Cache(Protocol):
    """`ask` says whether a name was held, and holds it from then on."""

    def ask(self, name: int) -> bool: ...


class Ours:
    def __init__(self, room: int) -> None:
        self._held: Lasting[int, Held] = Lasting(room)

    def ask(self, name: int) -> bool:
        found = self._held.get(name)
        if found is None:
            self._held.put(name, Held())
            return False
        found.hits += 1
        return True


class Fifo:
    def __init__(self, room: int) -> None:
        self._held: OrderedDict[int, None] = OrderedDict()
        self._room = room

    def ask(self, name: int) -> bool:
        if name in self._held:
            return True
        self._held[name] = None
        if len(self._held) > self._room:
            self._held.popitem(last=False)
        return False


class Lru(Fifo):
    def ask(self, name: int) -> bool:
        found = super().ask(name)
        if found:
            self._held.move_to_end(name)
        return found


class Oracle:
    """Names are numbered by their popularity."""

    def __init__(self, room: int) -> None:
        self._room = room

    def ask(self, name: int) -> bool:
        return name < self._room


def trace(chance: random.Random, names: int, queries: int, flood: float) -> Iterator[tuple[int, bool]]:
    """Names by number, and whether each is one that people use: those follow Zipf's law with exponent 0.95."""
    sums = list(itertools.accumulate(1 / (rank + 1) ** 0.95 for rank in range(names)))
    fresh = itertools.count(names)
    for _ in range(queries):
        yield bisect.bisect(sums, chance.random() * sums[-1]), True
        while chance.random() < flood:
            yield next(fresh), False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=400_000)
    parser.add_argument("--room", type=int, default=5_000)
    parser.add_argument("--flood", type=float, default=0.5, help="the part of all queries that is a flood")
    options = parser.parse_args()
    for title, flood in (("Zipf alone", 0.0), (f"with a flood of {options.flood:.0%}", options.flood)):
        queries = list(trace(random.Random(5), options.names, options.queries, flood))
        print(f"{title}: {options.names} names, room for {options.room}")
        for make in (Ours, Lru, Fifo, Oracle):
            cache: Cache = make(options.room)
            began = time.perf_counter()
            hits = [cache.ask(name) for name, _ in queries]
            took = (time.perf_counter() - began) / len(queries) * 1e6
            ours = [hit for hit, (_, real) in zip(hits, queries, strict=True) if real]
            print(f"  {make.__name__:8} {sum(ours) / len(ours):6.1%}  {took:5.2f} us")


if __name__ == "__main__":
    main()
