"""One question over real sockets: UDP, and TCP when that is asked for or the answer was cut short (RFC 7766)."""

from __future__ import annotations

import secrets
import socket
import time
from typing import Any

import msgspec

from resolver.config.values import Endpoint
from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable
from resolver.model import Question
from resolver.wire import reply

TRIES = (1.0, 1.5, 2.5)
"""How long each UDP datagram is waited for, in seconds; TCP gets as long as all of them."""
_LARGEST = 65_535
_Address = tuple[Any, ...]  # as socket.connect() takes it: of two items or of four


class Answer(msgspec.Struct, frozen=True):
    """The bytes of an answer that belongs to its question, how it came, and after how many milliseconds."""

    data: bytes
    transport: str
    ms: float


def ask(server: Endpoint, question: Question, *, tcp: bool, dnssec: bool) -> Answer:
    """The answer of a server. Raises UpstreamTimeout, UpstreamUnreachable, or UpstreamError for bytes of no use."""
    query = reply.build(question, secrets.randbelow(1 << 16), do=dnssec, cd=False)
    refusal: OSError | None = None
    try:
        for family, address in _addresses(server):
            try:
                return _at(family, address, query, tcp=tcp)
            except ConnectionRefusedError as error:
                refusal = error
    except TimeoutError as error:
        raise UpstreamTimeout(f"{server} did not answer in {sum(TRIES):g} seconds") from error
    except OSError as error:
        refusal = error
    assert refusal is not None  # there is an address, or getaddrinfo has said why not
    raise UpstreamUnreachable(f"{server} does not answer: {refusal.strerror or refusal}") from refusal


def _addresses(server: Endpoint) -> list[tuple[socket.AddressFamily, _Address]]:
    """Where the server is: more than one place if it is a name. As bytes, names are not put through IDNA again."""
    found = socket.getaddrinfo(server.host.encode(), server.port, type=socket.SOCK_DGRAM)
    return [(family, address) for family, _, _, _, address in found]


def _at(family: socket.AddressFamily, address: _Address, query: bytes, *, tcp: bool) -> Answer:
    began = time.monotonic()
    data, transport = b"", "tcp"
    if not tcp:
        data, transport = _udp(family, address, query), "udp"
    if not data or data[2] & 2:
        data, transport = _tcp(family, address, query), "tcp"
    return Answer(data, transport, round((time.monotonic() - began) * 1000, 1))


def _udp(family: socket.AddressFamily, address: _Address, query: bytes) -> bytes:
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.connect(address)
        for patience in TRIES:
            sock.send(query)
            deadline = time.monotonic() + patience
            while (left := deadline - time.monotonic()) > 0:
                sock.settimeout(left)
                try:
                    data = sock.recv(_LARGEST)
                except TimeoutError:
                    break
                if _belongs(data, query):
                    return data
    raise TimeoutError


def _tcp(family: socket.AddressFamily, address: _Address, query: bytes) -> bytes:
    deadline = time.monotonic() + sum(TRIES)
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.settimeout(sum(TRIES))
        sock.connect(address)
        sock.sendall(len(query).to_bytes(2, "big") + query)
        data = _exactly(sock, int.from_bytes(_exactly(sock, 2, deadline), "big"), deadline)
    if not _belongs(data, query):
        raise UpstreamError(f"{address[0]} port {address[1]} answered over TCP, but not this question")
    return data


def _exactly(sock: socket.socket, count: int, deadline: float) -> bytes:
    data = b""
    while len(data) < count:
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)
        part = sock.recv(count - len(data))
        if not part:
            raise ConnectionError("the connection was closed before the answer was whole")
        data += part
    return data


def _belongs(data: bytes, query: bytes) -> bool:
    """Whether bytes answer the query: its ID and question; an error may come without the question (RFC 1035 4.1.1)."""
    if reply.matches(data, query):
        return True
    bare = len(data) >= 12 and data[:2] == query[:2] and data[2] & 0xF8 == 0x80 and data[4:6] == b"\0\0"
    return bare and bool(data[3] & 15)
