"""An hour of work: whether memory and descriptors stay what they are."""

from __future__ import annotations

import pathlib
import time
from collections.abc import Sequence

from tests.daemon.harness import Daemon, running
from tests.faults.load import loaded
from tests.faults.told import SHORT, Scale, Told

SECONDS = 3600
WARM = 0.25  # of it, until caches are full
RATE = 10_000
_DRIFT = 0.02


def faults(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """Resident memory and descriptors of each process, from when caches are full to the end."""
    seconds = max(10, SECONDS * scale)
    rate = RATE if scale >= 0.1 else 1000
    with running(directory) as daemon:
        daemon.wait(daemon.up, 30)
        with loaded(daemon.dns, directory, rate, names=20_000) as load:
            time.sleep(WARM * seconds)
            before = _sizes(daemon)
            time.sleep((1 - WARM) * seconds)
            after = _sizes(daemon)
    drift = {name: after[name][0] / before[name][0] - 1 for name in before}
    opened = {name: after[name][1] - before[name][1] for name in before}
    told = ", ".join(f"{name} {before[name][0] / 1e6:.0f} MB {100 * drift[name]:+.1f} %" for name in before)
    return [
        Told(
            f"soak of {seconds / 60:.0f} minutes",
            f"{load.rate:,.0f} q/s",
            f"{load.lost:,} of {load.sent:,} queries",
            f"memory: {told}; descriptors {sum(opened.values()):+d}",
            load.lost == 0
            and (scale < SHORT or max(drift.values()) < _DRIFT)
            and all(one <= 0 for one in opened.values()),
        )
    ]


def _sizes(daemon: Daemon) -> dict[str, tuple[int, int]]:
    """Bytes that each process alone has (PSS), and its descriptors; the smallest of some looks, as some come and go."""
    looks = []
    for _ in range(10):
        looks.append({role: _size(daemon.child(role)) for role in ("worker", "control")})
        time.sleep(0.3)
    return {role: (min(one[role][0] for one in looks), min(one[role][1] for one in looks)) for role in looks[0]}


def _size(pid: int) -> tuple[int, int]:
    rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    pss = next(line for line in rollup.splitlines() if line.startswith("Pss:"))
    return int(pss.split()[1]) * 1024, len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
