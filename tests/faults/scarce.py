"""Too little of what a process needs: descriptors, memory, a clock that can be believed, a disk that works."""

from __future__ import annotations

import pathlib
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence

from tests.daemon.harness import Daemon, Upstream
from tests.faults.crowds import crowd
from tests.faults.probe import Fared, Probe
from tests.faults.told import Scale, Told

NAMES = [f"host{number}.example" for number in range(20)]
SECONDS = 30
DESCRIPTORS = 64
MEMORY = 700 << 20  # bytes of address space a process


def descriptors(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """A process may have 64 descriptors, and 200 connections want one each."""

    def harm(daemon: Daemon, seconds: float) -> None:
        with crowd("tcp", daemon.dns, 200), crowd("admin", daemon.admin, 200):
            time.sleep(seconds)

    fared, fine = _under(directory, ["prlimit", f"--nofile={DESCRIPTORS}:{DESCRIPTORS}"], harm, scale)
    return [_told(f"at most {DESCRIPTORS} descriptors a process, and 200 slow connections to each door", fared, fine)]


def memory(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """A process may have so much address space, and is asked for very many names."""

    def harm(daemon: Daemon, seconds: float) -> None:
        end = time.monotonic() + seconds
        number = 0
        while time.monotonic() < end:
            for _ in range(100):
                daemon.ask(f"filling{number}.example", timeout=0.05)
                number += 1

    fared, fine = _under(directory, ["prlimit", f"--as={MEMORY}:{MEMORY}"], harm, scale)
    return [_told(f"at most {MEMORY >> 20} MiB of address space a process, and new names without end", fared, fine)]


def clocks(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """The wall clock jumps by years, to and fro (libfaketime)."""
    found = sorted(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    if not found:
        raise FileNotFoundError("libfaketime is missing (Debian: libfaketime)")
    stamp = directory / "stamp"
    stamp.write_text("+0")
    jumps = ("+3y", "-5y", "+0", "+1d", "-1h", "+30y", "+0")

    def harm(daemon: Daemon, seconds: float) -> None:
        for jump in jumps:
            stamp.write_text(jump)
            time.sleep(max(1.5, seconds / len(jumps)))
            assert daemon.blocked("doubleclick.net")

    prefix = ["env", f"LD_PRELOAD={found[0]}", f"FAKETIME_TIMESTAMP_FILE={stamp}", "FAKETIME_DONT_FAKE_MONOTONIC=1"]
    fared, fine = _under(directory, [*prefix, "FAKETIME_CACHE_DURATION=1"], harm, scale)
    return [_told(f"the clock jumps: {', '.join(jumps)}", fared, fine)]


def broken_disk(directory: pathlib.Path, scale: Scale) -> Sequence[Told]:
    """Every write of control to a file fails with EIO for a while (strace)."""
    if shutil.which("strace") is None:
        raise FileNotFoundError("strace is missing (Debian: strace)")

    def harm(daemon: Daemon, seconds: float) -> None:
        time.sleep(1)
        inject = "inject=pwrite64,fsync,fdatasync,ftruncate:error=EIO"
        command = ["strace", "-f", "-q", "-e", "trace=pwrite64,fsync,fdatasync,ftruncate", "-e", inject]
        tracer = subprocess.Popen(
            [*command, "-p", str(daemon.child("control"))], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(seconds)
        tracer.terminate()
        tracer.wait(10)

    fared, fine = _under(directory, [], harm, scale)
    return [_told("the disk fails: EIO to every write and sync of control", fared, fine)]


def _under(
    directory: pathlib.Path, prefix: Sequence[str], harm: Callable[[Daemon, float], None], scale: Scale
) -> tuple[Fared, bool]:
    """How somebody fares while harm is done to a daemon for so many seconds, and whether all is well afterwards."""
    upstream = Upstream()
    daemon = Daemon(directory, [f"udp://127.0.0.1:{upstream.port}"], prefix=prefix)
    try:
        daemon.start()
        daemon.wait(daemon.up, 60)
        with Probe(daemon.dns, NAMES) as probe:
            harm(daemon, max(4.0, SECONDS * scale))
        daemon.wait(daemon.up, 60)
        daemon.wait(lambda: daemon.api("GET", "status")["store"]["state"] == "ok", 60)
        return probe.fared, daemon.blocked("doubleclick.net") and daemon.stop() == 0
    finally:
        if daemon.process is not None and daemon.process.poll() is None:
            daemon.stop()
        upstream.close()


def _told(fault: str, fared: Fared, fine: bool) -> Told:
    return Told(
        fault,
        fared.rate,
        fared.loss,
        f"p99 meanwhile {fared.at(0.99):.1f} ms; afterwards all is well: {'yes' if fine else 'no'}",
        fine and fared.lost == 0,
    )
