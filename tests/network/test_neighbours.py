import asyncio
import errno
import ipaddress
import os
import pathlib
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.network import neighbours, netlink
from resolver.network.neighbours import Neighbour, Watch, table
from tests.network.apart import MAC, OTHER, apart, ip, meet, wire
from tests.support import until


def test_both_families_of_the_real_kernel() -> None:
    def work() -> None:
        wire()
        ip("addr", "add", "fd00::1/64", "dev", "w0", "nodad")
        meet("192.0.2.7", MAC)
        meet("fd00::7", MAC, "stale")
        meet("192.0.2.8", OTHER, "permanent")
        assert set(table()) == {
            Neighbour("192.0.2.7", MAC, alive=True),
            Neighbour("fd00::7", MAC, alive=False),
            Neighbour("192.0.2.8", OTHER, alive=True),
        }

    apart(work)


def test_entries_that_say_nothing_are_left_out() -> None:
    def work() -> None:
        wire()
        ip("neigh", "add", "192.0.2.7", "dev", "w0", "nud", "failed")
        meet("192.0.2.8", "01:00:5e:00:00:01")  # of many
        meet("192.0.2.9", "00:00:00:00:00:00")
        meet("224.0.0.9", OTHER)
        meet("192.0.2.10", MAC, "noarp")
        assert table() == []

    apart(work)


@given(
    st.integers(0, 255), st.integers(0, 0xFFFF), st.binary(max_size=20), st.binary(max_size=8), st.binary(max_size=9)
)
def test_any_entry_is_survived(family: int, state: int, address: bytes, mac: bytes, more: bytes) -> None:
    def attribute(kind: int, value: bytes) -> bytes:
        return struct.pack("=HH", 4 + len(value), kind) + value + bytes(-len(value) % 4)

    body = struct.pack("=BBHiHBB", family, 0, 0, 1, state, 0, 1) + attribute(1, address) + attribute(2, mac) + more
    for size in (len(body), len(body) // 2):
        found = neighbours._neighbour(body[:size])
        assert found is None or (len(found.mac) == 17 and ipaddress.ip_address(found.address).packed == address)


class Heard:
    def __init__(self) -> None:
        self.met: list[Neighbour] = []
        self.readdressed = 0
        self.lost = 0
        self.watch = Watch(self.met.append, self._readdressed, self._lost)

    def _readdressed(self) -> None:
        self.readdressed += 1

    def _lost(self) -> None:
        self.lost += 1


def test_news_as_they_come() -> None:
    async def run() -> None:
        heard = Heard()
        heard.watch.start()
        heard.watch.start()  # which is once
        meet("192.0.2.7", MAC)
        await until(lambda: heard.met)
        assert heard.met == [Neighbour("192.0.2.7", MAC, alive=True)]
        meet("192.0.2.7", OTHER)
        await until(lambda: heard.met[-1].mac == OTHER)
        assert heard.readdressed == 0
        ip("addr", "add", "192.0.2.99/24", "dev", "w0")
        await until(lambda: heard.readdressed)
        ip("neigh", "del", "192.0.2.7", "dev", "w0")
        await asyncio.sleep(0.05)
        assert heard.met[-1] == Neighbour("192.0.2.7", OTHER, alive=True)  # one that went away says nothing
        heard.watch.stop()
        meet("192.0.2.8", MAC)
        await asyncio.sleep(0.05)
        assert {one.address for one in heard.met} == {"192.0.2.7"}
        assert heard.lost == 0

    def work() -> None:
        wire()
        asyncio.run(run())

    apart(work)


def test_news_that_are_lost_in_a_flood_are_told(tmp_path: pathlib.Path) -> None:
    lines = [f"neigh replace 192.0.{2 + n // 250}.{1 + n % 250} lladdr {MAC} dev w0" for n in range(900)]
    (tmp_path / "flood").write_text("\n".join(lines))

    async def run() -> None:
        heard = Heard()
        heard.watch.start()
        assert heard.watch._sock is not None
        heard.watch._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        ip("-force", "-batch", str(tmp_path / "flood"))  # the loop is busy meanwhile
        await until(lambda: heard.lost)
        heard.met.clear()
        meet("192.0.9.9", OTHER)
        await until(lambda: heard.met)
        assert len(table()) > 500  # nothing is lost for who looks again
        heard.watch.stop()

    def work() -> None:
        wire("192.0.2.1/16")
        asyncio.run(run())

    apart(work)


def test_a_socket_that_fails_for_good_is_closed_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run(number: int, stopped: bool) -> None:
        heard = Heard()
        heard.watch.start()

        def fail(_: object) -> list[netlink.Message]:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(netlink, "receive", fail)
        heard.watch._readable()
        monkeypatch.undo()
        assert heard.lost == 1
        assert (heard.watch._sock is None) is stopped
        heard.watch.stop()

    asyncio.run(run(errno.ENOBUFS, stopped=False))
    asyncio.run(run(errno.EBADF, stopped=True))
