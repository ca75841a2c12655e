"""A network of a test's own: a namespace for one thread, and those that it starts, with the real kernel's tables."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import threading
from collections.abc import Callable

import pytest

_NEWNET = 0x40000000  # CLONE_NEWNET
MAC, OTHER = "02:00:5e:10:00:01", "02:00:5e:10:00:02"


def ip(*words: str) -> None:
    """What `ip` does, in the namespace of this thread."""
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=10)


def wire(address: str = "192.0.2.1/24") -> None:
    """A pair of interfaces, w0 with an address, and nobody at the other end."""
    ip("link", "add", "w0", "type", "veth", "peer", "name", "w1")
    for name in ("lo", "w0", "w1"):
        ip("link", "set", name, "up")
    ip("addr", "add", address, "dev", "w0", *(["nodad"] if ":" in address else []))


def meet(address: str, mac: str, state: str = "reachable", dev: str = "w0") -> None:
    """Have the kernel know a neighbour."""
    ip("neigh", "replace", address, "lladdr", mac, "dev", dev, "nud", state)


def apart(work: Callable[[], None]) -> None:
    """Do `work` in a network namespace of its own; its failure is the test's."""
    if shutil.which("ip") is None:
        pytest.skip("needs ip (iproute2)")
    failures: list[BaseException] = []

    def run() -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(_NEWNET) != 0:
            failures.append(pytest.skip.Exception("needs the right to make a network namespace"))
            return
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - handed on to the test's own thread
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()
    if failures:
        raise failures[0]
