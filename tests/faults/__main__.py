"""Every fault in turn, told in docs/reliability.md: python -m tests.faults [--scale 1.0] [FAULT …]

A scale of 1.0 takes some three hours, of which the soak is one. Needs dnsperf, strace and libfaketime (Debian: dnsperf,
strace, libfaketime). Loopback only; ends what it started.
"""

from __future__ import annotations

import argparse
import pathlib
import sys
import tempfile
import time

from tests.faults import crowds, deaf, floods, kills, overload, scarce, soak, storms
from tests.faults.told import Fault, write

FAULTS: dict[str, Fault] = {
    "kills": kills.faults,
    "swaps": storms.swaps,
    "hangups": storms.hangups,
    "overload": overload.faults,
    "crowds": crowds.faults,
    "deaf": deaf.faults,
    "subdomains": floods.subdomains,
    "amplification": floods.amplification,
    "descriptors": scarce.descriptors,
    "memory": scarce.memory,
    "clocks": scarce.clocks,
    "broken-disk": scarce.broken_disk,
    "soak": soak.faults,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--dry", action="store_true", help="write no report")
    parser.add_argument("faults", nargs="*", choices=[*FAULTS, []])
    options = parser.parse_args()
    good = True
    for name in options.faults or FAULTS:
        began = time.monotonic()
        with tempfile.TemporaryDirectory() as directory:
            told = FAULTS[name](pathlib.Path(directory), options.scale)
        print(f"{name}, {time.monotonic() - began:.0f} s")
        for row in told:
            print(" ", row.row, end="", flush=True)
            good &= row.good
        if not options.dry:
            write(told)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
