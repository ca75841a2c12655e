"""Results of a run that never was."""

from __future__ import annotations

from benchmarks.bench.machine import Machine
from benchmarks.bench.results import FLOOR, LULL, LULL_ON_TWO, Results


def some() -> Results:
    """Two peers: each is the best in something."""
    found = Results(
        date="2026-01-02 03:04 UTC",
        machine=Machine("a processor", 2, 8.0, "6.1", "CPython 3.11"),
        versions={"Lull": "1", "Unbound": "2"},
        workload="some names",
        digests={"rules": "00"},
        options={"rounds": "3"},
        servers=[LULL, LULL_ON_TWO, "dnsmasq", "Unbound", FLOOR],
    )
    some = ((LULL, 8.0, 1000), ("dnsmasq", 6.0, 900), ("Unbound", 2.0, 4000), (FLOOR, 1.0, 9000))
    for server, cached, capacity in some:
        for value in (cached + 5, cached, cached - 1):
            found.put(server, "cost.cached.part", value)
        found.put(server, "capacity.cached", capacity)
        found.put(server, "capacity.mixed", capacity)
        found.put(server, "start", 0.5)
        found.put(server, "memory.tree", 100)
        for size in (10_000, 100_000):
            found.put(server, f"growth.{size}.part", 10 + size / (1 << 18))
            found.put(server, f"growth.{size}.tree", 10 + size / (1 << 18))
    found.put(LULL_ON_TWO, "capacity.cached", 1800)
    return found
