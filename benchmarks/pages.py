#!/usr/bin/env python3
"""How soon every page begins, and how heavy it is: pages.py DATABASE [--config FILE] [--rounds 10]

Starts the daemon over a copy of a database (a file, such as `benchmarks/store.py --straight` makes), every client of
whose log is a device, signs in, and gets each page that there is, over a connection that is kept. Prints of each the
milliseconds to the first byte (the first time, the median and the worst of the rounds), the bytes of its HTML, and
those with all that it loads. `--config` is a config whose lists and other settings are used. Loopback only; it ends
what it started.
"""

from __future__ import annotations

import argparse
import http.client
import pathlib
import re
import shutil
import statistics
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from sqlalchemy import select

from resolver.store.database import Database
from resolver.store.devices import DeviceStore
from resolver.store.sightings import Seen
from resolver.store.tables import clients, names
from tests.admin.household import ADMIN
from tests.browser.examples import every
from tests.daemon.harness import Daemon, Upstream

PASSWORD = "a password of this benchmark"
_LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


class Visitor:
    """A browser that is signed in, as far as that matters here."""

    def __init__(self, port: int) -> None:
        self._http = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookie = ""
        self._files: dict[str, int] = {}

    def sign_in(self) -> None:
        form = urllib.parse.urlencode({"name": "anna", "password": PASSWORD})
        self._http.request("POST", "/login", form, {"Content-Type": "application/x-www-form-urlencoded"})
        response = self._http.getresponse()
        response.read()
        self._cookie = (response.getheader("Set-Cookie") or "").partition(";")[0]

    def get(self, path: str) -> tuple[int, float, bytes]:
        """The status, the seconds to the first byte, and the body."""
        began = time.perf_counter()
        self._http.request("GET", path, headers={"Cookie": self._cookie, "Accept": "text/html"})
        response = self._http.getresponse()
        took = time.perf_counter() - began
        return response.status, took, response.read()

    def whole(self, body: bytes) -> int:
        """The bytes of a page with all that it loads."""
        for path in _LINKED.findall(body.decode()):
            if path not in self._files:
                self._files[path] = len(self.get(path)[2])
        return len(body) + sum(self._files[path] for path in set(_LINKED.findall(body.decode())))


def furnish(path: pathlib.Path) -> tuple[str, str]:
    """Have a device for every client of the log; the first of them, and a name that was asked for."""
    database = Database.open(path)
    try:
        known = database.read(lambda c: list(c.execute(select(clients.c.client)).scalars()))
        name = database.read(lambda c: c.execute(select(names.c.name).limit(1).offset(1000)).scalar_one())
        now = time.time()
        addresses = [one for one in known if one and not one.startswith("~")]
        store = DeviceStore(database)
        for start in range(0, len(addresses), 500):
            store.note([Seen(one, at=now) for one in addresses[start : start + 500]], {}, now, lambda _: True)
        print(f"{len(addresses):,} devices")
    finally:
        database.close()
    return addresses[0], name


def addresses(client: str, name: str) -> list[str]:
    """Every page that there is, as the tests of the browser look at it; and those about this client and name."""
    about = urllib.parse.urlencode({"client": client, "name": name})
    mine = [f"/log?{about}", f"/log?client={client}", f"/log?part={name[:6]}", f"/why?{about}", f"/devices/{client}"]
    return [*(one.address for one in every() if one.who == ADMIN), *mine, f"/repair?client={client}&site={name}"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", type=pathlib.Path)
    parser.add_argument("--config", type=pathlib.Path)
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    upstream = Upstream()
    with tempfile.TemporaryDirectory(dir=options.database.parent) as directory:
        place = pathlib.Path(directory)
        (place / "state").mkdir()
        shutil.copy(options.database, place / "state" / "lull.db")
        client, name = furnish(place / "state" / "lull.db")
        more = options.config.read_text() if options.config else ""
        daemon = Daemon(place, [f"udp://127.0.0.1:{upstream.port}"], more)
        try:
            daemon.start()
            daemon.wait(lambda: daemon.up() and daemon.api("GET", "status")["compiling"] is None, 120)
            daemon.api("POST", "users", {"name": "anna", "password": PASSWORD, "role": "admin"})
            visitor = Visitor(daemon.admin)
            visitor.sign_in()
            measure(visitor, addresses(client, name), options.rounds)
        finally:
            daemon.stop()
            upstream.close()
        if "Traceback" in (said := daemon.log.read_text()):
            print(said)


def measure(visitor: Visitor, paths: list[str], rounds: int) -> None:
    print(f"{'first byte, ms':>26}   {'bytes':>16}")
    print(f"{'first':>8} {'median':>8} {'worst':>8}   {'HTML':>7} {'with all':>8}  page")
    first = {path: visitor.get(path) for path in paths}
    times: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(rounds):
        for path in paths:
            times[path].append(visitor.get(path)[1])
    for path in paths:
        status, took, body = first[path]
        each = [1000 * one for one in (took, statistics.median(times[path]), max(times[path]))]
        shown = f"{path[:70]}{'' if status == 200 else f' ({status})'}"
        print(f"{each[0]:8.1f} {each[1]:8.1f} {each[2]:8.1f}   {len(body):7,} {visitor.whole(body):8,}  {shown}")


if __name__ == "__main__":
    main()
