"""New versions of a list on the running daemon: refused, accepted, taken back by hand and by the watchdog."""

from __future__ import annotations

import contextlib
import http.server
import pathlib
import re
import threading
import time
from collections.abc import Iterator
from typing import Any

from tests.daemon.harness import Daemon, running

ADS = "".join(f"||ads{number}.example^\n" for number in range(100))
SITES = [f"site{number}.example" for number in range(100)]


class Source:
    """A server that gives `text` for every path."""

    def __init__(self, port: int) -> None:
        self.text = ADS
        self.config = f"lists: [starter, {{id: ads, url: 'http://127.0.0.1:{port}/ads'}}]\n"


@contextlib.contextmanager
def serving() -> Iterator[Source]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = source.text.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        source = Source(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield source
        finally:
            server.shutdown()
            thread.join()


def ads(daemon: Daemon) -> Any:
    return daemon.api("GET", "lists/ads")


def begun(daemon: Daemon) -> None:
    daemon.wait(daemon.up, 10)
    daemon.wait(lambda: daemon.blocked("ads1.example"), 20)


def refreshed(daemon: Daemon) -> Any:
    daemon.api("POST", "lists/ads/refresh", {}, timeout=30)
    return ads(daemon)


def test_a_version_that_blocks_google_is_refused_accepted_and_taken_back(tmp_path: pathlib.Path) -> None:
    with serving() as source, running(tmp_path, source.config) as daemon:
        begun(daemon)
        source.text = ADS + "||google.com^\n||new.example^\n"
        said = "it would block google.com (||google.com^), one of the most popular names"
        assert refreshed(daemon)["refused"]["reason"].startswith(said)
        assert any(said in trouble for trouble in daemon.api("GET", "status")["troubles"])
        assert (daemon.blocked("ads1.example"), daemon.blocked("google.com")) == (True, False)
        daemon.stop()
        daemon.start()
        daemon.wait(daemon.up, 10)
        assert ads(daemon)["refused"]["reason"].startswith(said)
        assert (daemon.blocked("ads1.example"), daemon.blocked("google.com")) == (True, False)
        daemon.api("POST", "lists/ads/accept", {}, timeout=30)
        assert (daemon.blocked("new.example"), daemon.blocked("google.com")) == (True, True)
        daemon.api("POST", "lists/ads/rollback", {}, timeout=30)
        refreshed(daemon)
        assert (daemon.blocked("ads1.example"), daemon.blocked("google.com")) == (True, False)
        assert [version["current"] for version in ads(daemon)["versions"]] == [False, True]


def test_the_watchdog_takes_back_what_blocks_much_of_what_was_answered(tmp_path: pathlib.Path) -> None:
    with serving() as source, running(tmp_path, source.config) as daemon:
        begun(daemon)
        for name in SITES:
            assert not daemon.blocked(name)
        time.sleep(2)  # the journal tells control once a second
        source.text = ADS + "".join(f"||{name}^\n" for name in SITES[:40])
        assert refreshed(daemon)["refused"] is None
        assert daemon.blocked(SITES[0])
        time.sleep(2.5)  # a batch of before and after counts for neither
        for name in SITES:
            daemon.ask(name)
        daemon.wait(lambda: not daemon.blocked(SITES[0]), 10)
        note = ads(daemon)["note"]
        assert re.match(r"it blocked [45]\d % of the queries for names that were answered before, such as site\d", note)
        assert any(note in trouble for trouble in daemon.api("GET", "status")["troubles"])
        assert note in daemon.log.read_text()
        refreshed(daemon)
        assert not daemon.blocked(SITES[0])
        daemon.api("POST", "lists/ads/accept", {}, timeout=30)
        assert daemon.blocked(SITES[0])
