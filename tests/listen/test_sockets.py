"""Binding: one port for both, clear errors, and datagrams of one client always to one worker."""

from __future__ import annotations

import contextlib
import gc
import socket
from collections import Counter, defaultdict
from collections.abc import Iterator

import pytest

from resolver.errors import LullError
from resolver.listen.sockets import _advice, bind
from tests.listen.service import free
from tests.upstream.servers import descriptors


@contextlib.contextmanager
def bound(host: str, workers: int) -> Iterator[tuple[list[socket.socket], socket.socket]]:
    datagrams, stream = free(host, workers)
    try:
        yield datagrams, stream
    finally:
        for sock in (*datagrams, stream):
            sock.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1", "::"])
@pytest.mark.parametrize("workers", [1, 3])
def test_every_worker_has_a_datagram_socket_and_all_share_one_port(host: str, workers: int) -> None:
    with bound(host, workers) as (datagrams, stream):
        assert len(datagrams) == workers
        assert {sock.getsockname()[:2] for sock in (*datagrams, stream)} == {(host, stream.getsockname()[1])}
        assert not any(sock.getblocking() for sock in (*datagrams, stream))


@pytest.mark.parametrize(("first", "second"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("::", "::1")])
def test_a_second_one_on_the_same_port_is_refused_and_leaves_nothing_open(first: str, second: str) -> None:
    with bound(first, 2) as (_, stream):
        port = stream.getsockname()[1]
        gc.collect()  # what other tests left would go meanwhile
        before = descriptors()
        with pytest.raises(LullError) as caught:
            bind(second, port, 2)
        assert str(caught.value) == (
            f"cannot listen on {second} port {port}: Address already in use; "
            "is another resolver running there? Stop it, or change dns.listen (or --listen)"
        )
        assert descriptors() == before


def test_a_port_taken_for_udp_alone_is_refused_and_leaves_nothing_open() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        gc.collect()  # what other tests left would go meanwhile
        before = descriptors()
        with pytest.raises(LullError, match="already in use; is another resolver"):
            bind("127.0.0.1", other.getsockname()[1], 2)
        assert descriptors() == before


def test_both_families_can_have_the_same_port() -> None:
    for _ in range(5):  # other processes take ports too
        with bound("::", 1) as (_, stream), contextlib.suppress(LullError):
            datagrams, other = bind("0.0.0.0", stream.getsockname()[1], 1)
            for sock in (*datagrams, other):
                sock.close()
            return
    raise AssertionError("no port was free for both")


@pytest.mark.parametrize("host", ["203.0.113.77", "2001:db8::77"])
def test_an_address_that_is_not_here(host: str) -> None:
    with pytest.raises(LullError, match=r"Cannot assign requested address; does this machine have that address\?"):
        bind(host, 0, 1)


def test_what_to_do_about_low_ports() -> None:
    assert "CAP_NET_BIND_SERVICE" in _advice(PermissionError(13, "Permission denied"))


def _landed(datagrams: list[socket.socket]) -> dict[str, Counter[int]]:
    """How many datagrams of each source address each socket has."""
    found: dict[str, Counter[int]] = defaultdict(Counter)
    for number, sock in enumerate(datagrams):
        with contextlib.suppress(BlockingIOError):
            while True:
                _, source = sock.recvfrom(100)
                found[source[0]][number] += 1
    return found


@pytest.mark.parametrize("workers", [2, 3])
def test_one_client_is_one_workers(workers: int) -> None:
    with bound("127.0.0.1", workers) as (datagrams, stream):
        port = stream.getsockname()[1]
        for last in range(1, 21):
            for _ in range(8):
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                    client.bind((f"127.0.1.{last}", 0))
                    client.sendto(b"x", ("127.0.0.1", port))
        found = _landed(datagrams)
        assert {address: counts.total() for address, counts in found.items()} == {
            f"127.0.1.{n}": 8 for n in range(1, 21)
        }
        assert all(len(counts) == 1 for counts in found.values())
        assert len({next(iter(counts)) for counts in found.values()}) == workers


_IPV6_FREEBIND = 78  # linux/in6.h: to send from addresses that are not here


def test_one_client_is_one_workers_over_ipv6() -> None:
    """Every word of the address counts: these differ in their networks only."""
    with bound("::1", 2) as (datagrams, stream):
        for network in range(20):
            for _ in range(4):
                with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as client:
                    client.setsockopt(socket.IPPROTO_IPV6, _IPV6_FREEBIND, 1)
                    client.bind((f"fd00:0:0:{network:x}::1", 0))
                    client.sendto(b"x", ("::1", stream.getsockname()[1]))
        found = _landed(datagrams)
        assert len(found) == 20
        assert all(list(counts.values()) == [4] for counts in found.values())
        assert len({next(iter(counts)) for counts in found.values()}) == 2
