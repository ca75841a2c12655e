"""Sockets that were bound for us."""

from __future__ import annotations

import os
import socket

import pytest

from resolver import activation, serve
from resolver.activation import Given
from resolver.config.encrypted import Encrypted
from resolver.config.schema import Config, Dns
from resolver.config.values import Endpoint


def bound() -> tuple[socket.socket, Endpoint]:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return sock, Endpoint(*sock.getsockname())


def test_they_are_not_passed_on_by_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        endpoint = Endpoint(*sock.getsockname())
        descriptor = os.dup(sock.fileno())
    os.set_inheritable(descriptor, True)
    monkeypatch.setattr(activation, "_FIRST", descriptor)
    monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
    monkeypatch.setenv("LISTEN_FDS", "1")
    taken = Given.take().stream(endpoint)
    assert taken is not None
    with taken:
        assert not taken.get_inheritable()


def test_one_worker_has_the_socket_of_quic() -> None:
    """Whatever datagram of a connection came to another one would be lost."""
    sock, endpoint = bound()
    config = Config(dns=Dns(listen=(Endpoint("127.0.0.1", 0),), workers=2), encrypted=Encrypted(quic=(endpoint,)))
    first, second = serve._bind(config, Given([sock]))
    assert len(first["udp"]) == len(second["udp"]) == 1
    assert (len(first["quic"]), second["quic"]) == (1, [])
    for descriptor in {*first["udp"], *second["udp"], *first["tcp"], *first["quic"]}:
        os.close(descriptor)
