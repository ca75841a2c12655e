"""The load generator against a server that answers as it is told."""

from __future__ import annotations

import pathlib
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from benchmarks.bench import programs
from benchmarks.bench.load import Load, build

pytestmark = pytest.mark.skipif(
    shutil.which("gcc") is None or shutil.which("taskset") is None, reason="gcc and taskset are not installed"
)


class Answering:
    """Answers what `what` makes of a query; nothing where that is None. Keeps who asked."""

    def __init__(self, what: Callable[[bytes], bytes | None]) -> None:
        self._sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._sock.bind(("127.0.0.1", 0))
        self._sock.settimeout(0.05)
        self._what, self._over = what, False
        self.port: int = self._sock.getsockname()[1]
        self.clients: set[str] = set()
        self.names: list[bytes] = []
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while not self._over:
            try:
                query, address = self._sock.recvfrom(512)
            except TimeoutError:
                continue
            self.clients.add(address[0])
            self.names.append(query[12:])
            if (answer := self._what(query)) is not None:
                self._sock.sendto(answer, address)

    def close(self) -> None:
        self._over = True
        self._thread.join()
        self._sock.close()


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    return build(tmp_path_factory.mktemp("built"), "load")


@pytest.fixture
def queries(tmp_path: pathlib.Path) -> pathlib.Path:
    path = tmp_path / "queries"
    path.write_text("".join(f"n{number}.example A\n" for number in range(100)))
    return path


def reply(code: int) -> Callable[[bytes], bytes]:
    return lambda query: query[:2] + bytes((0x81, 0x80 | code)) + query[4:]


def third() -> Callable[[bytes], bytes | None]:
    counted = iter(range(1_000_000))
    return lambda query: None if next(counted) % 3 == 0 else reply(0)(query)


@pytest.fixture
def answering() -> Iterator[Callable[[Callable[[bytes], bytes | None]], Answering]]:
    made: list[Answering] = []

    def make(what: Callable[[bytes], bytes | None]) -> Answering:
        made.append(Answering(what))
        return made[-1]

    yield make
    for each in made:
        each.close()


Answer = Callable[[Callable[[bytes], bytes | None]], Answering]


def test_every_query_is_asked_once(program: pathlib.Path, queries: pathlib.Path, answering: Answer) -> None:
    server = answering(reply(3))
    seen = Load(program, server.port, shares=True).once(queries, 100)
    assert (seen.sent, seen.answered, seen.lost, seen.failed) == (100, 100, 0, 0)
    assert len(set(server.names)) == 100
    assert b"\x02n7\x07example\0\0\1\0\1" in server.names
    assert 0 < seen.p50 <= seen.p99 <= seen.p999


def test_a_rate_is_kept(program: pathlib.Path, queries: pathlib.Path, answering: Answer) -> None:
    seen = Load(program, answering(reply(0)).port, shares=True).paced(queries, 0.5, 400)
    assert 150 <= seen.sent <= 201
    assert seen.missing == 0


def test_clients_have_addresses_of_their_own(program: pathlib.Path, queries: pathlib.Path, answering: Answer) -> None:
    server = answering(reply(0))
    Load(program, server.port, shares=True).closed(queries, 0.3, clients=10)
    assert server.clients == {f"127.1.0.{number}" for number in range(1, 11)}


def test_what_is_refused_has_failed(program: pathlib.Path, queries: pathlib.Path, answering: Answer) -> None:
    seen = Load(program, answering(reply(5)).port, shares=True).once(queries, 50)
    assert (seen.answered, seen.failed) == (0, 50)
    assert seen.missing == 1


def test_what_is_not_answered_is_lost(program: pathlib.Path, queries: pathlib.Path, answering: Answer) -> None:
    seen = Load(program, answering(third()).port, shares=True).paced(queries, 0.3, 300)
    assert 0.3 < seen.missing < 0.37
    assert seen.sent == seen.answered + seen.lost


def test_queries_meanwhile_end_with_it(program: pathlib.Path, queries: pathlib.Path, answering: Answer) -> None:
    began = time.monotonic()
    with Load(program, answering(reply(0)).port, shares=True).meanwhile(queries, 200) as seen:
        time.sleep(0.3)
    assert time.monotonic() - began < 5
    assert seen[0].answered == seen[0].sent > 20


def test_the_floor_blocks(tmp_path: pathlib.Path) -> None:
    port = programs.free_port()
    echo = programs.Program([str(build(tmp_path, "echo")), str(port)], tmp_path / "log", programs.SERVER_CORE)
    try:
        until = time.monotonic() + 5
        while (answer := programs.ask(port, "name.example")) is None:
            assert time.monotonic() < until
        assert programs.blocks(answer)
    finally:
        echo.end()
    assert echo.ended
