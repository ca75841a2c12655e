"""A daemon in which everything is set that the API can set, and what it says of all that."""

from __future__ import annotations

import json
import pathlib
import subprocess
import sys
import time
import urllib.request
from typing import Any

from tests.daemon.harness import Daemon

LISTS = """lists: [starter, {{id: mine, file: {mine}}}]
groups: {{default: {{}}, kids: {{clients: ["192.0.2.20"], schedules: [bedtime]}}}}
schedules: {{bedtime: {{days: [mon, tue], from: "21:00", to: "06:30", zone: UTC, only: [school.example]}}}}
"""
NAMES = [f"host{n}.example" for n in range(50)]


def get(daemon: Daemon, path: str) -> bytes:
    request = urllib.request.Request(f"http://127.0.0.1:{daemon.admin}/api/v1/{path}", headers=token(daemon))
    with urllib.request.urlopen(request, timeout=30) as response:
        data: bytes = response.read()
        return data


def post(daemon: Daemon, path: str, data: bytes, type: str = "application/gzip") -> Any:
    headers = {**token(daemon), "Content-Type": type}
    url = f"http://127.0.0.1:{daemon.admin}/api/v1/{path}"
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method="POST"), timeout=30) as response:
        return json.loads(response.read())


def token(daemon: Daemon) -> dict[str, str]:
    return {"Authorization": f"Bearer {daemon.token}"}


def lull(daemon: Daemon, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "resolver", *words, "--config", str(daemon.config)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def furnish(daemon: Daemon) -> None:
    """Set what the API can set."""
    api = daemon.api
    api("POST", "rules", {"action": "deny", "name": "games.example", "group": "kids"})
    api("POST", "rules", {"action": "allow", "name": "cdn.example", "for": "2h", "comment": "ünïcödé"})
    api("POST", "rules", {"action": "deny", "text": "||x.example^$dnstype=AAAA"})
    gone = api("POST", "rules", {"action": "deny", "name": "gone.example"})["rule"]["id"]
    api("DELETE", f"rules/{gone}")
    api("PUT", "sites/news.example", {"allow": ["player.example"], "window": "10m"})
    api("POST", "pause", {"for": "30m", "client": "192.0.2.9"})
    api("PUT", "clients/127.0.0.1", {"name": "desk", "group": "kids"})
    api("POST", "tokens", {"name": "grafana", "scopes": ["read"]})
    api("POST", "users", {"name": "ada", "role": "admin", "password": "a long enough password"})


def quiet(daemon: Daemon) -> bool:
    """Whether all that was asked is written down."""
    status = daemon.api("GET", "status")
    return not status["store"]["rows_waiting"] and not any(one["journal_waiting"] for one in status["workers"])


def told(daemon: Daemon) -> dict[str, Any]:
    """Everything that the API says of what people made, and of lists and figures, but for what goes on meanwhile."""
    time.sleep(1.2)  # for the second of the last query to end
    daemon.wait(lambda: quiet(daemon), 15)
    places = ("rules", "sites", "pause", "schedules", "tokens", "users", "changes", "lists", "log?limit=1000", "groups")
    found = {place: daemon.api("GET", place) for place in places}
    for one in found["lists"]:
        for word in ("checked", "next_check", "fetched", "quality"):
            one.pop(word)
    found["clients"] = [
        {key: one[key] for key in ("name", "group", "addresses", "mac") if key in one}
        for one in daemon.api("GET", "clients")
    ]
    stats = daemon.api("GET", "stats?since=24h")
    found["stats"] = {key: stats[key] for key in ("queries", "verdicts", "origins", "names", "clients")}
    return found


def without_newer(found: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    """What was told, less queries that came after."""
    log, last = "log?limit=1000", before["log?limit=1000"]["entries"][0]["id"]
    entries = [one for one in found[log]["entries"] if one["id"] <= last]
    return {**found, log: entries, "stats": None}


def config_of(directory: pathlib.Path) -> str:
    (directory / "mine.txt").write_text("||mine.example^\n")
    return LISTS.format(mine=directory / "mine.txt")


def settled(daemon: Daemon, queries: int) -> None:
    """Wait until so many queries are counted."""
    daemon.wait(lambda: daemon.api("GET", "stats?since=1h")["queries"] >= queries, 15)
