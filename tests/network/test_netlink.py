import errno
import socket
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.network import netlink
from tests.network.apart import MAC, apart, meet, wire

GET_LINKS, GET_ADDRESSES, GET_NEIGHBOURS = 18, 22, 30


def message(kind: int, body: bytes) -> bytes:
    return struct.pack("=LHHLL", 16 + len(body), kind, 0, 1, 0) + body + bytes(-len(body) % 4)


def test_messages_of_a_datagram() -> None:
    data = message(28, b"first") + message(29, b"") + message(28, b"last")
    assert list(netlink.messages(data)) == [(28, b"first"), (29, b""), (28, b"last")]


def test_what_is_cut_short_is_left_out() -> None:
    data = message(28, b"first") + message(28, b"lost in part")[:-6]
    assert list(netlink.messages(data)) == [(28, b"first")]
    assert list(netlink.messages(struct.pack("=LHHLL", 4, 28, 0, 1, 0))) == []


def test_attributes() -> None:
    body = b"head" + struct.pack("=HH", 8, 1) + b"\1\2\3\4" + struct.pack("=HH", 5, 2 | 0x8000) + b"\7\0\0\0"
    assert netlink.attributes(body, 4) == {1: b"\1\2\3\4", 2: b"\7"}
    assert netlink.attributes(body[:-6], 4) == {1: b"\1\2\3\4"}


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(data: bytes) -> None:
    for one in netlink.messages(data):
        netlink.attributes(one.body, 0)
    netlink.attributes(data, 12)


def test_a_real_table_is_read_whole() -> None:
    def work() -> None:
        wire()
        for number in range(2, 202):  # more than one datagram holds
            meet(f"192.0.2.{number}", MAC)
        found = netlink.dump(GET_NEIGHBOURS, 12)
        assert sum(socket.inet_aton("192.0.2.9") in one.body for one in found) == 1
        assert len(found) >= 200
        assert {one.type for one in found} == {28}

    apart(work)


def test_the_kernels_refusal_is_an_error() -> None:
    with pytest.raises(OSError, match=r"."):
        netlink.dump(0xFFF, 12)


def test_what_others_send_is_no_news() -> None:
    """Datagrams are looked at only when they are the kernel's."""
    with netlink.connect() as ours, netlink.connect() as theirs:
        ours.settimeout(2)
        try:
            theirs.sendto(message(28, b"forged"), (ours.getsockname()[0], 0))
        except OSError as error:
            assert error.errno in {errno.EPERM, errno.ECONNREFUSED}
            return
        assert netlink.receive(ours) == []


def test_addresses_need_no_privilege_to_be_read() -> None:
    assert any(b"\x7f\0\0\1" in one.body for one in netlink.dump(GET_ADDRESSES, 8))
