"""Datagrams by the batch: recvmmsg(2) and sendmmsg(2), which the standard library does not have, over buffers that are
made once."""

from __future__ import annotations

import ctypes
import errno
import socket

from resolver.listen.drain import DRAIN, MAX_SIZE

NEAR = 512  # bytes of a datagram that are taken out with those of all others; hardly a query has more
ANSWER = 1536  # bytes from one answer to the next; none of those that are given again has as many (`wire.edns.PAYLOAD`)
NAME = 32  # bytes from one socket address to the next
_INTERFACE = socket.CMSG_LEN(0) // 4  # words of ancillary data before the number of an interface in in_pktinfo (ip(7))
CONTROL = 128  # bytes from one datagram's ancillary data to the next's
_NAME_SIZES = {socket.AF_INET: 16, socket.AF_INET6: 28}  # struct sockaddr_in, sockaddr_in6

_libc = ctypes.CDLL(None, use_errno=True)


class _Part(ctypes.Structure):
    """struct iovec."""

    _fields_ = (("base", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Head(ctypes.Structure):
    """struct msghdr."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_size", ctypes.c_uint32),
        ("parts", ctypes.c_void_p),
        ("count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_size", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Message(ctypes.Structure):
    """struct mmsghdr."""

    _fields_ = (("head", _Head), ("size", ctypes.c_uint))


def _at(buffer: bytearray) -> int:
    return ctypes.addressof(ctypes.c_char.from_buffer(buffer))


class Batch:
    """Room for DRAIN datagrams of one socket, and for the answer to each, which goes where it came from. With `control`
    bytes of ancillary data (none: 0), which goes back with it: it is the address that was asked. Over IPv4 it is that
    alone, and not by which interface: routes tell how an answer goes, which may not be how the query came.

    Datagram `n` begins at `n * NEAR` of what `taken` gives, its address at `n * NAME` of what `taken_names` does. Its
    answer is to be put at `n * ANSWER` of `out`, and its size into `out_sizes[2 * n + 1]`.
    """

    def __init__(self, sock: socket.socket, control: int) -> None:
        self._descriptor = sock.fileno()
        far = MAX_SIZE - NEAR
        self._near, self._far = bytearray(DRAIN * NEAR), bytearray(DRAIN * far)
        self._names, self._controls = bytearray(DRAIN * NAME), bytearray(DRAIN * CONTROL)
        out = bytearray(DRAIN * ANSWER)
        self.out = memoryview(out)  # what is put into it is copied once, and cannot make it longer
        self._parts, self._outs = (_Part * (2 * DRAIN))(), (_Part * DRAIN)()
        self._come, self._go = (_Message * DRAIN)(), (_Message * DRAIN)()
        at_near, at_far, at_names = _at(self._near), _at(self._far), _at(self._names)
        at_controls, at_out = _at(self._controls), _at(out)
        for n in range(DRAIN):
            self._parts[2 * n] = _Part(at_near + n * NEAR, NEAR)
            self._parts[2 * n + 1] = _Part(at_far + n * far, far)
            self._outs[n] = _Part(at_out + n * ANSWER, 0)
            name, more = at_names + n * NAME, at_controls + n * CONTROL if control else None
            parts, outs = ctypes.addressof(self._parts[2 * n]), ctypes.addressof(self._outs[n])
            self._come[n] = _Message(_Head(name, NAME, parts, 2, more, CONTROL if control else 0))
            self._go[n] = _Message(_Head(name, _NAME_SIZES[sock.family], outs, 1, more, control))
        step = ctypes.sizeof(_Message)
        self._fresh = bytes(self._come)  # the kernel writes into it how long names and the like are
        self._coming = memoryview(self._come).cast("B")
        self._sizes = self._coming.cast("I")[_Message.size.offset // 4 :: step // 4]
        self.out_sizes = memoryview(self._outs).cast("B").cast("L")  # size_t, as the kernel has it
        words = memoryview(self._controls).cast("I")
        self._interfaces = words[_INTERFACE :: CONTROL // 4] if control and sock.family == socket.AF_INET else words[:0]
        self._no_interfaces = memoryview(bytes(self._interfaces.nbytes)).cast("I")
        self._at_come, self._at_go, self._step = ctypes.addressof(self._come), ctypes.addressof(self._go), step

    def receive(self) -> list[int]:
        """The sizes of the datagrams that are there now. Raises OSError."""
        self._coming[:] = self._fresh
        count = _libc.recvmmsg(
            self._descriptor, ctypes.c_void_p(self._at_come), DRAIN, socket.MSG_DONTWAIT, ctypes.c_void_p()
        )
        if count < 0:
            code = ctypes.get_errno()
            if code == errno.EAGAIN:
                return []
            raise OSError(code, "recvmmsg")
        self._interfaces[:] = self._no_interfaces
        return self._sizes[:count].tolist()

    def taken(self, count: int) -> bytes:
        """The first bytes of so many datagrams."""
        return bytes(memoryview(self._near)[: count * NEAR])

    def taken_names(self, count: int) -> bytes:
        """Their socket addresses."""
        return bytes(memoryview(self._names)[: count * NAME])

    def whole(self, n: int, size: int) -> bytes:
        """All of a datagram."""
        far = MAX_SIZE - NEAR
        rest = self._far[n * far : n * far + max(size - NEAR, 0)]
        return bytes(self._near[n * NEAR : n * NEAR + min(size, NEAR)] + rest)

    def control(self, n: int, size: int) -> bytes:
        """The value of so many bytes that came along with a datagram (cmsg(3))."""
        at = n * CONTROL + socket.CMSG_LEN(0)
        return bytes(self._controls[at : at + size])

    def send(self, first: int, end: int) -> int:
        """Send the answers to these datagrams; how many could not be sent."""
        failed = 0
        while first < end:
            at = ctypes.c_void_p(self._at_go + first * self._step)
            sent = _libc.sendmmsg(self._descriptor, at, end - first, socket.MSG_DONTWAIT)
            if sent < 0:
                if ctypes.get_errno() == errno.EAGAIN:
                    return failed + end - first
                sent, failed = 1, failed + 1
            first += sent
        return failed
