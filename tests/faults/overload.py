"""Twice as much is asked as can be answered."""

from __future__ import annotations

import pathlib
import re
import subprocess
import time
from collections.abc import Sequence

from tests.daemon.harness import Daemon, running
from tests.faults.probe import probed
from tests.faults.told import ROOT, Scale, Told

NAMES = [f"host{number}.example" for number in range(20)]
SECONDS = 60
_WELL = 0.95  # of its capacity it answers even then
_RECOVERED = 5  # seconds
_NEW = 1_000_000


def faults(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """Its capacity, then twice that much; how much it answers, and how soon all is as before."""
    seconds = max(3, int(SECONDS * scale))
    with running(directory, "limits: {client: 0}\nlog: {privacy: full}\n") as daemon:
        daemon.wait(daemon.up, 30)
        probed(daemon.dns, NAMES, 1)
        calm = probed(daemon.dns, NAMES, 3)
        capacity = max(_blasted(daemon, directory, 0, seconds)[1] for _ in range(2))
        offered, answered = _blasted(daemon, directory, int(2 * capacity), seconds)
        began = time.monotonic()
        late = 0.0
        while time.monotonic() - began < 30:
            fared = probed(daemon.dns, NAMES, 1)
            if fared.lost == 0 and fared.at(0.99) <= max(5.0, 3 * calm.at(0.99)):
                break
            late = time.monotonic() - began
        well = daemon.api("GET", "status")["well"]
    return [
        Told(
            "overload: twice the capacity",
            f"{offered:,.0f} q/s offered, capacity {capacity:,.0f}",
            f"{100 * (1 - answered / max(1.0, offered)):.0f} % of what was offered",
            f"answered {answered:,.0f} q/s: {100 * answered / capacity:.0f} % of capacity; "
            f"as before {late:.1f} s after it",
            answered >= _WELL * capacity and late <= _RECOVERED and well,
        )
    ]


def _blasted(daemon: Daemon, directory: pathlib.Path, rate: int, seconds: int) -> tuple[float, float]:
    """Queries a second that are offered and answered; a rate of 0 is as many as can be answered."""
    data = directory / "queries.txt"
    # No two are alike, so that each costs a decision: what is finished already is answered faster than it can be asked.
    data.write_text("".join(f"x{number}.doubleclick.net A\n" for number in range(_NEW)))
    command = ["dnsperf", "-s", "127.0.0.1", "-p", str(daemon.dns), "-d", str(data), "-l", str(seconds)]
    command += ["-c", "16", "-T", "1", "-t", "1", "-q", "1000" if rate == 0 else "60000"]
    command += ["-Q", str(rate)] if rate else []
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    found = dict(re.findall(r"^ *([A-Z][^:]*?): +(\d[\d.]*)", done.stdout, re.MULTILINE))
    return int(found["Queries sent"]) / float(found["Run time (s)"]), int(found["Queries completed"]) / seconds
