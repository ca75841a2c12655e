"""The other end: frame streams and dnstap's protobuf, read by a decoder of the tests' own; a receiver on a socket."""

from __future__ import annotations

import contextlib
import json
import pathlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import dns.message
import msgspec

TYPE = b"protobuf:dnstap.Dnstap"
ACCEPT, START, STOP, READY, FINISH = 1, 2, 3, 4, 5

Fields = dict[int, Any]


def control(type: int, content: bytes | None = None) -> bytes:
    body = type.to_bytes(4, "big")
    if content is not None:
        body += (1).to_bytes(4, "big") + len(content).to_bytes(4, "big") + content
    return bytes(4) + len(body).to_bytes(4, "big") + body


def frames(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Each frame: 0 and the payload, or the type of a control frame and its fields."""
    while data:
        size, data = int.from_bytes(data[:4], "big"), data[4:]
        if size:
            assert len(data) >= size, "a frame cut short"
            yield 0, data[:size]
        else:
            size, data = int.from_bytes(data[:4], "big"), data[4:]
            yield int.from_bytes(data[:4], "big"), data[4:size]
        data = data[size:]


def fields(data: bytes) -> Fields:
    """The fields of a protobuf message, by their numbers; each once."""
    found: Fields = {}
    while data:
        key, data = _varint(data)
        number, kind = key >> 3, key & 7
        assert number not in found
        if kind == 0:
            found[number], data = _varint(data)
        elif kind == 5:
            found[number], data = int.from_bytes(data[:4], "little"), data[4:]
        else:
            assert kind == 2
            size, data = _varint(data)
            found[number], data = data[:size], data[size:]
    return found


def _varint(data: bytes) -> tuple[int, bytes]:
    number = shift = 0
    for place, byte in enumerate(data):
        number |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return number, data[place + 1 :]
    raise AssertionError("a number without an end")


class Seen(msgspec.Struct, frozen=True):
    """A dnstap message, as far as we send any."""

    identity: str
    version: str
    extra: dict[str, Any]
    address: bytes | None
    asked_at: tuple[int, int]
    answered_at: tuple[int, int]
    query: dns.message.Message
    response: dns.message.Message


def seen(payload: bytes) -> Seen:
    top = fields(payload)
    assert top[15] == 1
    message = fields(top[14])
    assert message[1] == 6
    assert message.get(2) == {4: 1, 16: 2}.get(len(message.get(4, b"")))
    assert set(message) <= {1, 2, 4, 8, 9, 10, 12, 13, 14}
    return Seen(
        top[1].decode(),
        top[2].decode(),
        json.loads(top[3]),
        message.get(4),
        (message[8], message[9]),
        (message[12], message[13]),
        dns.message.from_wire(message[10]),
        dns.message.from_wire(message[14]),
    )


def payloads(data: bytes) -> list[bytes]:
    """The data frames of a whole file: START, data, STOP."""
    found = list(frames(data))
    assert found[0] == (START, control(START, TYPE)[12:])
    assert found[-1] == (STOP, b"")
    assert all(type == 0 for type, _ in found[1:-1])
    return [body for _, body in found[1:-1]]


class Receiver:
    """Listens on a Unix socket, and takes one connection after the other; `got` are the data frames of all. With
    `reads` False it takes a connection and then nothing."""

    def __init__(self, path: pathlib.Path, accepts: bytes = TYPE) -> None:
        self.path = path
        self.got: list[bytes] = []
        self.controls: list[int] = []
        self.connections = 0
        self.reads = True
        self.accepts = accepts
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.bind(str(path))
        self._socket.listen()
        self._open: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Go away at once, as if killed."""
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for one in self._open:
            with contextlib.suppress(OSError):  # one that was ended in peace
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._thread.join(5)
        self.path.unlink()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._take, args=(connection,), daemon=True).start()

    def _take(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as file:
            try:
                while self.reads and (head := file.read(4)):
                    size = int.from_bytes(head, "big")
                    if size:
                        self.got.append(file.read(size))
                        continue
                    body = file.read(int.from_bytes(file.read(4), "big"))
                    type = int.from_bytes(body[:4], "big")
                    self.controls.append(type)
                    if type == READY:
                        connection.sendall(control(ACCEPT, self.accepts))
                    elif type == STOP:
                        connection.sendall(control(FINISH))
                        return
                threading.Event().wait(0 if self.reads else 30)
            except (OSError, ValueError):
                return


def wait_for(condition: Callable[[], object], seconds: float = 5.0) -> None:
    """Wait until something holds; fails if it does not come to."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
