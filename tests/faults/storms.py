"""Too much of the same: reloads, stops, new lists, while queries go on."""

from __future__ import annotations

import pathlib
import signal
import time
from collections.abc import Sequence

from tests.daemon.harness import running
from tests.faults.load import loaded
from tests.faults.probe import Probe, probed
from tests.faults.told import Scale, Told

NAMES = [f"host{number}.example" for number in range(20)]
SWAPS = 1000
HANGUPS = 1000
STOPS = 100


def swaps(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """A list has another version every second, while much is asked."""
    own = directory / "own.txt"
    own.write_text("one.example\n")
    rounds, rate = max(3, int(SWAPS * scale)), 10_000 if scale >= 0.1 else 1_000
    with running(directory, f"lists: [starter, {{id: own, file: {own}}}]\n") as daemon:
        daemon.wait(daemon.up, 30)
        calm = probed(daemon.dns, NAMES, min(5, rounds))
        with loaded(daemon.dns, directory, rate) as load:
            before = probed(daemon.dns, NAMES, min(5, rounds))
            with Probe(daemon.dns, NAMES) as probe:
                for turn in range(rounds):
                    began = time.monotonic()
                    own.write_text(f"one.example\nnumber{turn}.example\n")
                    daemon.api("POST", "lists/refresh", {}, timeout=30)
                    time.sleep(max(0.0, began + 1 - time.monotonic()))
            newest = daemon.blocked(f"number{rounds - 1}.example") and not daemon.blocked("number0.example")
    during, lost = probe.fared, load.lost + probe.fared.lost
    return [
        Told(
            f"a new version of a list every second, {rounds:,} times",
            f"{load.rate:,.0f} q/s",
            f"{lost:,} of {load.sent + during.sent:,} queries",
            f"p99 {before.at(0.99):.1f} ms before, {during.at(0.99):.1f} ms meanwhile (idle {calm.at(0.99):.1f})",
            lost == 0 and newest,
        )
    ]


def hangups(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """SIGHUP as fast as it can be sent, then SIGTERM many times."""
    rounds, stops = max(50, int(HANGUPS * scale)), max(2, int(STOPS * scale))
    with running(directory) as daemon:
        daemon.wait(daemon.up, 30)
        with Probe(daemon.dns, NAMES) as probe:
            for _ in range(rounds):
                daemon.hang_up()
                time.sleep(0.005)
            daemon.wait(daemon.up, 30)
            time.sleep(1)
        assert daemon.process is not None
        codes, slowest = [], 0.0
        for _ in range(stops):
            began = time.monotonic()
            for _ in range(50):
                daemon.process.send_signal(signal.SIGTERM)
            codes.append(daemon.process.wait(20))
            slowest = max(slowest, time.monotonic() - began)
            daemon.start()
        clean = "Traceback" not in daemon.log.read_text()
    fared = probe.fared
    return [
        Told(
            f"SIGHUP {rounds:,} times, one every 5 ms",
            fared.rate,
            fared.loss,
            f"p99 meanwhile {fared.at(0.99):.1f} ms",
            fared.lost == 0 and clean,
        ),
        Told(
            f"SIGTERM 50 times at once, {stops:,} times",
            "none",
            "nothing",
            f"ended with code 0 {codes.count(0):,} times, after {slowest:.1f} s at the latest",
            set(codes) == {0} and clean,
        ),
    ]
