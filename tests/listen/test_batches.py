"""Batches of datagrams: every size comes out whole, and an address is what the standard library calls it."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from resolver.listen.batches import NEAR, Batch
from resolver.listen.drain import DRAIN, MAX_SIZE
from resolver.listen.draining import BatchDrain
from tests.listen.drain.naive import NAIVE
from tests.listen.drain.rig import rigged


def pair() -> tuple[socket.socket, socket.socket]:
    ours, theirs = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    ours.bind(("127.0.0.1", 0))
    theirs.connect(ours.getsockname())
    return ours, theirs


def test_every_size_comes_out_whole_up_to_the_most() -> None:
    ours, theirs = pair()
    batch = Batch(ours, 0)
    for size in (0, 1, NEAR - 1, NEAR, NEAR + 1, MAX_SIZE - 1, MAX_SIZE, MAX_SIZE + 1, 9000):
        data = bytes(n % 251 for n in range(size))
        theirs.send(data)
        (taken,) = batch.receive()
        assert taken == min(size, MAX_SIZE)
        assert batch.whole(0, taken) == data[:MAX_SIZE]
        assert batch.taken(1)[:taken] == data[:NEAR]
    assert batch.receive() == []
    ours.close()
    theirs.close()


def test_no_more_than_a_batch_comes_at_once_and_each_answer_goes_where_it_belongs() -> None:
    ours, first = pair()
    second = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    second.connect(ours.getsockname())
    batch = Batch(ours, 0)
    for n in range(DRAIN + 5):
        (first, second)[n % 2].send(b"%d" % n)
    sizes = batch.receive()
    assert len(sizes) == DRAIN
    for n, size in enumerate(sizes):
        batch.out[n * 1536 : n * 1536 + size] = batch.whole(n, size)
        batch.out_sizes[2 * n + 1] = size
    assert batch.send(0, DRAIN) == 0
    assert [(first, second)[n % 2].recv(100) for n in range(DRAIN)] == [b"%d" % n for n in range(DRAIN)]
    assert len(batch.receive()) == 5
    for sock in (ours, first, second):
        sock.close()


def test_what_goes_back_with_an_answer_is_the_address_that_was_asked_and_no_interface() -> None:
    ours, theirs = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
    ours.bind(("0.0.0.0", 0))
    ours.setsockopt(socket.IPPROTO_IP, 8, 1)
    theirs.connect(("127.0.0.3", ours.getsockname()[1]))
    batch = Batch(ours, socket.CMSG_SPACE(12))
    for _ in range(3):
        for _ in range(2):
            theirs.send(b"x")
        assert len(batch.receive()) == 2
        for n in range(2):
            assert batch.control(n, 12) == bytes(4) + socket.inet_aton("127.0.0.3") * 2
    ours.close()
    theirs.close()


@pytest.mark.parametrize("host", ["::1", "2001:db8::1", "fe80::1"])
def test_an_address_is_called_as_the_standard_library_does(host: str) -> None:
    """Without its scope, which belongs to this machine: over TCP it has none either."""

    async def main() -> None:
        async with rigged(NAIVE._replace(drain=BatchDrain), "::1") as rig:
            assert isinstance(rig.drain, BatchDrain)
            scope = socket.if_nametoindex("lo") if host.startswith("fe80") else 0
            name = struct.pack("@H", socket.AF_INET6) + bytes(6) + socket.inet_pton(socket.AF_INET6, host)
            name += struct.pack("@I", scope) + bytes(4)
            address = name[rig.drain._family.address]
            assert [rig.drain._text(address) for _ in range(2)] == [host, host]
            assert rig.drain._origin(host, name, 0) == ((host, 0, 0, scope), None)

    asyncio.run(main())
