"""What is not to be kept is not written: the real daemon, and everything that it leaves behind, looked through byte by
byte for names and addresses that were asked."""

from __future__ import annotations

import pathlib
import socket
import time
import urllib.request
from collections.abc import Iterator

import dnslib
import pytest

from tests.daemon.harness import Daemon, running

LEVELS = ("full", "no-client", "no-name", "off")
NETWORKS = {
    **{f"group-{level}": f"127.0.{number}" for number, level in enumerate(LEVELS, 50)},
    **{f"device-{level}": f"127.0.{number}" for number, level in enumerate(LEVELS, 60)},
}
"""Who asks, by who they are and what is kept of them: the first three bytes of their addresses. The config knows these
networks; the addresses nobody knows but who asks."""

HOST = 77


def config(tmp_path: pathlib.Path) -> str:
    groups = [f"  g-{level}: {{clients: ['{NETWORKS[f'group-{level}']}.0/24'], privacy: {level}}}" for level in LEVELS]
    groups += ["  guests: {clients: ['127.0.60.0/22'], privacy: off}", "  loud: {clients: ['127.0.63.0/24']}"]
    devices = [
        f"  d-{level}: {{addresses: ['{NETWORKS[f'device-{level}']}.0/24'], privacy: {level}}}" for level in LEVELS
    ]
    tap = tmp_path / "state" / "tap"
    return "\n".join(["groups:", *groups, "devices:", *devices, f"log: {{write-every: 1s, dnstap: 'file:{tap}'}}", ""])


def marker(who: str) -> str:
    """A label that is asked by these alone."""
    return f"zq{who}qz"


def ask(daemon: Daemon, who: str, type: str = "A", tcp: bool = False) -> None:
    query = dnslib.DNSRecord.question(f"www.{marker(who)}.example.org", type)
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as sock:
        sock.bind((f"{NETWORKS[who]}.{HOST}", 0))
        sock.settimeout(3)
        sock.connect(("127.0.0.1", daemon.dns))
        data = query.pack()
        sock.sendall(len(data).to_bytes(2, "big") + data if tcp else data)
        assert sock.recv(4096)


def everything(*places: pathlib.Path) -> Iterator[tuple[str, bytes]]:
    """What stands in these files, and in all files below these directories, and what they are called."""
    for place in places:
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            yield f"the name of {file.name}", file.name.encode()
            if file.is_file():
                yield str(file), file.read_bytes()


def told(daemon: Daemon) -> Iterator[tuple[str, bytes]]:
    """What the admin says of the log, and of who asks."""
    for path in ("log?limit=1000", "log/export?format=jsonl", "clients", "stats?since=1h", "status", "groups"):
        request = urllib.request.Request(
            f"http://127.0.0.1:{daemon.admin}/api/v1/{path}", headers={"Authorization": f"Bearer {daemon.token}"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            yield path, response.read()


def found(wanted: str, texts: list[tuple[str, bytes]]) -> list[str]:
    """Where something is, as text, as the labels of a name, or as four bytes."""
    forms = [wanted.encode(), wanted.encode()[::-1]]
    if wanted.replace(".", "").isdigit():
        forms += [socket.inet_aton(wanted), socket.inet_aton(wanted)[::-1]]
    return [place for place, text in texts if any(form in text for form in forms)]


@pytest.fixture
def looked(tmp_path: pathlib.Path) -> list[tuple[str, bytes]]:
    """All there is after everybody asked: while the daemon runs, and when it has ended."""
    with running(tmp_path, config(tmp_path)) as daemon:
        daemon.wait(daemon.up, 20)
        for _ in range(2):  # the second time from the packet cache
            for who in NETWORKS:
                for type in ("A", "AAAA", "ANY"):
                    ask(daemon, who, type)
                ask(daemon, who, tcp=True)
            time.sleep(1.1)
        last = marker("device-full")
        daemon.wait(lambda: daemon.api("GET", f"log?part={last}&type=AAAA")["entries"], 20)
        time.sleep(0.5)
        texts = [*everything(daemon.state, daemon.log), *told(daemon)]
        assert any(place.endswith("-wal") for place, _ in texts)
        daemon.stop()
        return [*texts, *everything(daemon.state, daemon.log)]


def test_what_is_kept_is_what_privacy_says(looked: list[tuple[str, bytes]]) -> None:
    for who, network in NETWORKS.items():
        level = who.partition("-")[2]
        name, address = found(marker(who), looked), found(f"{network}.{HOST}", looked)
        assert bool(name) is (level in {"full", "no-client"}), (who, name)
        assert bool(address) is (level == "full"), (who, address)
    kept = {place.rpartition("/")[2] for place in found(marker("group-full"), looked)}
    assert {"lull.db", "tap", "log?limit=1000"} <= kept, "this test can fail"
    entries = next(text for place, text in looked if place.startswith("log/export"))
    lines = [line for line in entries.splitlines() if marker("device-no-client").encode() in line]
    assert len(lines) >= 2
    assert all(b'"client":"~' in line for line in lines)


def test_networks_instead_of_addresses(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, "log: {write-every: 1s, prefix-v4: 24, prefix-v6: 56}") as daemon:
        daemon.wait(daemon.up, 20)
        ask(daemon, "group-full")
        entries = f"log?part={marker('group-full')}"
        daemon.wait(lambda: daemon.api("GET", entries)["entries"], 20)
        (one,) = daemon.api("GET", entries)["entries"]
        assert one["client"] == f"{NETWORKS['group-full']}.0/24"
        assert daemon.api("GET", f"{entries}&client={one['client']}")["entries"] == [one]
        texts = [*everything(daemon.state, daemon.log), *told(daemon)]
        daemon.stop()
        assert found(f"{NETWORKS['group-full']}.{HOST}", [*texts, *everything(daemon.state, daemon.log)]) == []


def test_the_salt_is_private_and_the_days_own(tmp_path: pathlib.Path) -> None:
    """And the same after a restart of control on the same day: a device keeps its name for the day."""
    text = "log: {write-every: 1s, privacy: no-client}"
    with running(tmp_path, text) as daemon:
        daemon.wait(daemon.up, 20)
        salt = daemon.state / "run" / "salt"
        daemon.wait(salt.exists, 10)
        assert salt.stat().st_mode & 0o777 == 0o600

        def called() -> set[str]:
            ask(daemon, "group-full")
            found: list[dict[str, str]] = daemon.api("GET", "log?limit=1000&part=zq")["entries"]
            return {one["client"] for one in found}

        daemon.wait(lambda: any(called()), 20)
        before = {one for one in called() if one}
        daemon.kill("control")
        daemon.wait(daemon.up, 20)
        count = len(daemon.api("GET", "log?limit=1000&part=zq")["entries"])
        daemon.wait(lambda: called() and len(daemon.api("GET", "log?limit=1000&part=zq")["entries"]) > count + 1, 20)
        assert {one for one in called() if one} == before
        assert len(before) == 1
