"""Lull beside its peers: python -m benchmarks.bench [--short] [--report] [options]; `make bench` is the same.

Measures Lull, its peers as far as they are installed and the floor, and writes docs/benchmark/results.json; then, or
with --report at once, docs/benchmark.md with its charts, and the table in README. Half an hour at most, and some three
minutes with --short. Needs gcc and nsd; peers are dnsmasq, unbound, dnsdist, pdns-recursor, knot-resolver and bind9
(Debian's packages, of which only the programs are used: their services may be off). Loopback only, on free ports; it
ends what it started.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import signal
import sys
import tempfile
from collections.abc import Sequence

import msgspec

from benchmarks.bench import report, results
from benchmarks.bench.peers import PEERS
from benchmarks.bench.programs import LOAD_CORE
from benchmarks.bench.run import PARTS, SHORT, Options, run
from benchmarks.bench.servers import NotRunning

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_BINARIES = [kind.binary for kind in PEERS]


def options(given: Sequence[str]) -> tuple[Options, argparse.Namespace]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="one round of short looks at fewer rules")
    parser.add_argument("--report", action="store_true", help="measure nothing: write the report of the last run anew")
    parser.add_argument("--dry", action="store_true", help="write no report: the results go to standard output")
    parser.add_argument("--rounds", type=int, help="3, unless given")
    parser.add_argument("--seconds", type=float, help="of each look; 2, unless given")
    parser.add_argument("--limit", type=float, help="minutes that all may take; 32, unless given")
    parser.add_argument("--rules", type=int, help="names that are made up to be blocked; 800,000, unless given")
    parser.add_argument("--most", type=int, help="rules up to which growth is looked at; 10,000,000, unless given")
    parser.add_argument("--parts", type=_words(PARTS), help=f"with commas between them: {','.join(PARTS)}")
    parser.add_argument("--peers", type=_words(_BINARIES), help=f"likewise: {','.join(_BINARIES)}")
    parser.add_argument("--lists", type=pathlib.Path, help="a folder of block lists, in place of names made up")
    parser.add_argument("--popular", type=pathlib.Path, help="a file of names to ask for, the most popular first")
    chosen = parser.parse_args(given)
    base = SHORT if chosen.short else Options()
    changed = {name: value for name in Options.__struct_fields__ if (value := getattr(chosen, name)) is not None}
    return msgspec.structs.replace(base, **changed), chosen


def _words(known: Sequence[str]) -> argparse._ActionType:
    def words(text: str) -> tuple[str, ...]:
        chosen = tuple(word for word in text.replace(",", " ").split() if word)
        if strange := [word for word in chosen if word not in known]:
            raise argparse.ArgumentTypeError(f"{strange[0]} is none of {', '.join(known)}")
        return chosen

    return words


def _end(number: int, frame: object) -> None:
    """End everything that was started, and let nothing end that."""
    for each in _ENDING:
        signal.signal(each, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    chosen, how = options(sys.argv[1:])
    if how.report:
        report.write(results.load())
        return 0
    for each in _ENDING:
        signal.signal(each, _end)
    os.sched_setaffinity(0, {int(LOAD_CORE)})
    with tempfile.TemporaryDirectory(prefix="lull-bench-") as folder:
        out = pathlib.Path(folder) / "results.json" if how.dry else results.FILE
        try:
            found = run(chosen, pathlib.Path(folder), out)
        except (NotRunning, LookupError, ValueError) as error:
            print(f"bench: {error}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print("bench: ended before its time", file=sys.stderr)
            return 130
        if how.dry:
            print(out.read_text())
            return 0
    report.write(found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
