"""After a restart what people often ask is known before they ask it."""

from __future__ import annotations

import pathlib
import time

from tests.daemon.harness import Daemon, Upstream

_NAMES = [f"often{n}.example" for n in range(5)]


def _logged(daemon: Daemon) -> int:
    entries = daemon.api("GET", "log?limit=100")["entries"]
    return sum(entry["count"] for entry in entries if entry["name"] in _NAMES)


def test_a_worker_that_starts_is_warmed_by_the_log(tmp_path: pathlib.Path) -> None:
    upstream = Upstream()
    daemon = Daemon(tmp_path, [f"udp://127.0.0.1:{upstream.port}"])
    try:
        daemon.start()
        daemon.wait(daemon.up, 10)
        for _ in range(4):
            for name in (*_NAMES, "doubleclick.net"):
                assert daemon.ask(name) is not None
        assert daemon.ask("once.example") is not None
        daemon.wait(lambda: _logged(daemon) == 4 * len(_NAMES), 5)
        daemon.stop()
        daemon.start()
        daemon.wait(lambda: sum(worker["rrsets"] for worker in daemon.api("GET", "status")["workers"]) == 5, 10)
        time.sleep(1.1)  # what is aged was not asked just now
        for name in _NAMES:
            answer = daemon.ask(name)
            assert answer is not None
            assert answer.rr[0].ttl < 60
    finally:
        daemon.stop()
        upstream.close()
