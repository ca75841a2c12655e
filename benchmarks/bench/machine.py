"""Where a run takes place: the machine, and the version of every program in it."""

from __future__ import annotations

import os
import pathlib
import platform
import re
import shutil
import subprocess

import msgspec

from benchmarks.bench.names import ROOT
from benchmarks.bench.programs import CORES
from resolver import __version__

_VERSION = re.compile(r"\d+\.\d+[\w.+~-]*")
_ASK = {
    "dnsmasq": ("dnsmasq", "--version"),
    "Unbound": ("unbound", "-V"),
    "dnsdist": ("dnsdist", "--version"),
    "PowerDNS Recursor": ("pdns_recursor", "--version"),
    "Knot Resolver": ("kresd", "--version"),
    "BIND": ("named", "-v"),
    "NSD": ("nsd", "-v"),
    "gcc": ("gcc", "-dumpfullversion"),
}


class Machine(msgspec.Struct, frozen=True):
    """The processor's name, its cores that may be used, memory in GiB, the kernel, and what Python that is."""

    processor: str
    cores: int
    memory: float
    kernel: str
    python: str


def here() -> Machine:
    text = pathlib.Path("/proc/cpuinfo").read_text()
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / (1 << 30)
    python = f"{platform.python_implementation()} {platform.python_version()}"
    processor = found[1].strip() if found else platform.machine()
    return Machine(processor, len(CORES), round(memory, 1), platform.release(), python)


def available() -> float:
    """MiB of memory that programs can still have."""
    found = re.search(r"^MemAvailable:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE)
    return int(found[1]) / 1024 if found else float("inf")


def versions() -> dict[str, str]:
    """Of Lull and of each other program that is installed."""
    return {"Lull": _ours(), **{name: version for name, command in _ASK.items() if (version := _version(*command))}}


def _ours() -> str:
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return __version__
    return f"{__version__} ({done.stdout.strip()})"


def _version(binary: str, option: str) -> str:
    if shutil.which(binary) is None:
        return ""
    done = subprocess.run([binary, option], capture_output=True, text=True, check=False)
    found = _VERSION.search(done.stdout + done.stderr)
    return found[0] if found else "?"
