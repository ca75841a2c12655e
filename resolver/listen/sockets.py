"""Binding the listening sockets: in the supervisor, before privileges are dropped and before any worker lives."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import socket
import struct
from collections.abc import Iterator, Sequence

from resolver.errors import LullError

BACKLOG = 512  # connections the kernel accepts before a worker does
_BUFFER = 4 << 20  # bytes asked of the kernel for each direction; it gives what net.core.rmem_max lets it
_SO_ATTACH_REUSEPORT_CBPF = 51

# Classic BPF (linux/filter.h): load a word of the network header, fold words together, remainder by the workers.
_LD_ABS, _LDX_MEM, _ST, _XOR_X, _MOD_K, _RET_A = 0x20, 0x61, 0x02, 0xAC, 0x94, 0x16
_NETWORK_HEADER = 0xFFF00000  # SKF_NET_OFF
_SOURCE = {socket.AF_INET: (12,), socket.AF_INET6: (8, 12, 16, 20)}  # the source address's words in the IP header


def bind(host: str, port: int, workers: int) -> tuple[list[socket.socket], socket.socket]:
    """A UDP socket for each worker and the TCP socket they share, bound to one address.

    TCP is bound first and without SO_REUSEPORT: a second daemon on the same address then fails instead of quietly
    taking half of the queries. Raises LullError that says what to do.
    """
    with contextlib.ExitStack() as opened:
        tcp = opened.enter_context(bind_stream(host, port))
        udp = bind_datagrams(host, tcp.getsockname()[1], workers)
        opened.pop_all()
    return udp, tcp


def bind_stream(host: str, port: int) -> socket.socket:
    """The TCP socket that workers share. Raises LullError that says what to do."""
    with contextlib.ExitStack() as opened, _told(host, port):
        sock = opened.enter_context(socket.socket(_family(host), socket.SOCK_STREAM | socket.SOCK_NONBLOCK))
        _stream(sock, host, port)
        opened.pop_all()
        return sock


def bind_datagrams(host: str, port: int, workers: int) -> list[socket.socket]:
    """A UDP socket for each worker; a client's datagrams all come to one. Raises LullError that says what to do."""
    with contextlib.ExitStack() as opened, _told(host, port):
        udp: list[socket.socket] = []
        for _ in range(workers):
            sock = opened.enter_context(socket.socket(_family(host), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK))
            _datagram(sock, host, udp[0].getsockname()[1] if udp else port)
            udp.append(sock)
        opened.pop_all()
    if workers > 1:
        _steer(udp, _family(host))
    return udp


def _family(host: str) -> int:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


@contextlib.contextmanager
def _told(host: str, port: int) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LullError(f"cannot listen on {host} port {port}: {error.strerror}; {_advice(error)}") from error


def _stream(sock: socket.socket, host: str, port: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _only_v6(sock)
    sock.bind((host, port))
    sock.listen(BACKLOG)


def _datagram(sock: socket.socket, host: str, port: int) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)
    _only_v6(sock)
    sock.bind((host, port))


def _only_v6(sock: socket.socket) -> None:
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)


def _advice(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "ports under 1024 need root or CAP_NET_BIND_SERVICE: start with it, or listen on a higher port"
    if error.errno == errno.EADDRINUSE:
        return "is another resolver running there? Stop it, or change dns.listen (or --listen)"
    return "does this machine have that address? Bring it up first, or change dns.listen (or --listen)"


def _steer(group: Sequence[socket.socket], family: int) -> None:
    """Send all datagrams of one client address to one worker, where the kernel can (socket(7), SO_REUSEPORT).

    Without it the kernel hashes ports as well, and a client's queries wander between workers.
    """
    program = []
    for offset in _SOURCE[socket.AddressFamily(family)]:
        program.append((_LD_ABS, _NETWORK_HEADER + offset))
        if len(program) > 1:
            program += [(_LDX_MEM, 0), (_XOR_X, 0)]
        program.append((_ST, 0))
    program += [(_MOD_K, len(group)), (_RET_A, 0)]
    code = b"".join(struct.pack("HBBI", operation, 0, 0, operand) for operation, operand in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    filter = struct.pack("HL", len(program), ctypes.addressof(buffer))
    try:
        group[0].setsockopt(socket.SOL_SOCKET, _SO_ATTACH_REUSEPORT_CBPF, filter)
    except OSError:
        return  # an old kernel: its own spreading is used, and only per-client memory is less exact
