"""The upstream of everyone: NSD, which knows an address for every name there is. It has the load's core."""

from __future__ import annotations

import contextlib
import pathlib
import shutil
import time
from collections.abc import Iterator

from benchmarks.bench.programs import LOAD_CORE, Program, ask, free_port
from benchmarks.bench.servers import NotRunning

_ZONE = """$ORIGIN .
$TTL 3600
@ IN SOA a.root. h.root. 1 3600 600 86400 300
@ IN NS a.root.
* IN A 192.0.2.1
* IN AAAA 2001:db8::1
"""


@contextlib.contextmanager
def answering(folder: pathlib.Path) -> Iterator[int]:
    """NSD while it runs: its port."""
    if shutil.which("nsd") is None:
        raise NotRunning("nsd is needed, which all servers ask (Debian: nsd)")
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    (folder / "root.zone").write_text(_ZONE)
    (folder / "nsd.conf").write_text(
        f'server:\n ip-address: 127.0.0.1@{port}\n username: ""\n chroot: ""\n zonesdir: "{folder}"\n database: ""\n'
        f' pidfile: ""\n xfrdfile: "{folder}/xfrd"\n zonelistfile: "{folder}/zones"\n xfrdir: "{folder}"\n'
        " rrl-ratelimit: 0\n server-count: 1\nremote-control:\n control-enable: no\n"
        'zone:\n name: "."\n zonefile: "root.zone"\n'
    )
    program = Program(["nsd", "-d", "-c", str(folder / "nsd.conf")], folder / "output.log", LOAD_CORE)
    try:
        until = time.monotonic() + 10
        while ask(port, "name.example") is None:
            if program.ended or time.monotonic() > until:
                raise NotRunning(f"nsd did not start: {program.last_words()}")
            time.sleep(0.05)
        yield port
    finally:
        program.end()
