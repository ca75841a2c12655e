"""Where frames go: a Unix socket whose other end is a dnstap receiver, or a file. Each call may block for some seconds,
and raises OSError, or WireError for a receiver that speaks something else."""

from __future__ import annotations

import contextlib
import os
import pathlib
import socket
import stat
from typing import Protocol

from resolver.dnstap.streams import CONTENT_TYPE, LONGEST_CONTROL, Control, control_frame, read_control
from resolver.errors import WireError
from resolver.paths import unix_address

LARGEST = 256 << 20
"""Bytes at which a file is put aside and a new one begun."""

OLD = 4
"""Files put aside that are kept: PATH.1, which is the newest, to PATH.4."""

_PATIENCE = 5.0  # seconds for a receiver to say something, or to take something
_FAREWELL = 1.0
_FILE = "file:"


class Outlet(Protocol):
    """Open from the beginning. What was written counts as told."""

    def write(self, frames: bytes) -> None:
        """Whole frames."""
        ...

    def close(self) -> None:
        """Say that this was all. Raises nothing."""
        ...


def open_outlet(place: str) -> Outlet:
    """The outlet at a place as the config has it: the path of a socket, or file: and a path."""
    if place.startswith(_FILE):
        return FileOutlet(pathlib.Path(place.removeprefix(_FILE)))
    return SocketOutlet(pathlib.Path(place))


class SocketOutlet:
    """A connection to a receiver."""

    def __init__(self, path: pathlib.Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.settimeout(_PATIENCE)
            self._connect(path)
            self._socket.sendall(control_frame(Control.READY, CONTENT_TYPE))
            self._expect(Control.ACCEPT)
            self._socket.sendall(control_frame(Control.START, CONTENT_TYPE))
        except BaseException:
            self._socket.close()
            raise

    def write(self, frames: bytes) -> None:
        self._socket.sendall(frames)

    def close(self) -> None:
        with self._socket, contextlib.suppress(OSError, WireError):
            self._socket.settimeout(_FAREWELL)
            self._socket.sendall(control_frame(Control.STOP))
            self._expect(Control.FINISH)

    def _connect(self, path: pathlib.Path) -> None:
        address, directory = unix_address(path)
        try:
            self._socket.connect(address)
        finally:
            if directory is not None:
                os.close(directory)

    def _expect(self, wanted: Control) -> None:
        if self._read(4) != b"\0\0\0\0":
            raise WireError("it sends something that is no control frame: is it a dnstap receiver?")
        size = int.from_bytes(self._read(4), "big")
        if size > LONGEST_CONTROL:
            raise WireError(f"it sends a control frame of {size} bytes")
        frame = read_control(self._read(size))
        if frame.type != wanted:
            raise WireError(f"it sends a control frame of type {frame.type}, not {wanted.name}")
        if wanted == Control.ACCEPT and frame.content_types and CONTENT_TYPE not in frame.content_types:
            raise WireError(f"it does not take {CONTENT_TYPE.decode()}")

    def _read(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self._socket.recv(size - len(found))
            if not part:
                raise WireError("it ended the connection before it took anything")
            found += part
        return found


class FileOutlet:
    """A file, private to the user of the daemon, begun anew with each start. What was there is put aside. A write that
    fails leaves whole frames."""

    def __init__(self, path: pathlib.Path) -> None:
        self._path = path
        self._descriptor = -1
        self._size = 0
        self._begin()

    def write(self, frames: bytes) -> None:
        if self._size + len(frames) > LARGEST:
            self.close()
            self._begin()
        self._append(frames)

    def close(self) -> None:
        if self._descriptor >= 0:
            with contextlib.suppress(OSError):
                self._append(control_frame(Control.STOP))
            os.close(self._descriptor)
            self._descriptor = -1

    def _begin(self) -> None:
        _put_aside(self._path)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor, self._size = os.open(self._path, flags, 0o600), 0
        try:
            self._append(control_frame(Control.START, CONTENT_TYPE))
        except OSError:
            os.close(self._descriptor)
            self._descriptor = -1
            raise

    def _append(self, body: bytes) -> None:
        left = memoryview(body)
        try:
            while left:
                left = left[os.write(self._descriptor, left) :]
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
                os.lseek(self._descriptor, self._size, os.SEEK_SET)
            raise
        self._size += len(body)


def _put_aside(path: pathlib.Path) -> None:
    """Make room for a new file. One that is empty is not worth keeping, and what is no file is left alone."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise FileExistsError(f"{path} is no plain file: remove it, or give another path")
    if found.st_size <= len(control_frame(Control.START, CONTENT_TYPE)):
        path.unlink()
        return
    old = [path.with_name(f"{path.name}.{number}") for number in range(1, OLD + 1)]
    for older, newer in zip(reversed(old), [*reversed(old[:-1]), path], strict=True):
        with contextlib.suppress(FileNotFoundError):
            newer.replace(older)
