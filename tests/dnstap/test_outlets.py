"""Sockets and files, and whatever may be wrong with them."""

from __future__ import annotations

import errno
import os
import pathlib
import socket
import stat
import threading
from collections.abc import Iterator

import pytest

from resolver.dnstap import outlets
from resolver.dnstap.outlets import FileOutlet, SocketOutlet, open_outlet
from resolver.dnstap.streams import data_frame
from resolver.errors import WireError
from tests.dnstap.receiver import ACCEPT, READY, START, STOP, Receiver, control, payloads, wait_for

A, B = data_frame(b"a"), data_frame(b"bb")


@pytest.fixture
def path(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "tap"


@pytest.fixture
def receiver(path: pathlib.Path) -> Iterator[Receiver]:
    made = Receiver(path)
    yield made
    made.close()


def test_a_socket_is_shaken_hands_with(path: pathlib.Path, receiver: Receiver) -> None:
    outlet = open_outlet(str(path))
    outlet.write(A + B)
    outlet.close()
    wait_for(lambda: STOP in receiver.controls)
    assert (receiver.controls, receiver.got) == ([READY, START, STOP], [b"a", b"bb"])


def test_a_socket_deep_down(tmp_path: pathlib.Path) -> None:
    deep = tmp_path / ("d" * 120)
    deep.mkdir()
    short = tmp_path / "tap"
    receiver = Receiver(short)
    short.rename(deep / "tap")
    open_outlet(str(deep / "tap")).close()
    wait_for(lambda: STOP in receiver.controls)
    (deep / "tap").rename(short)
    receiver.close()


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "no control frame"),
        (bytes(4) + b"\0\0\xff\xff", "a control frame of 65535 bytes"),
        (bytes(4) + b"\0\0\0\4" + b"\0\0\0\5", "a control frame of type 5, not ACCEPT"),
        (control(ACCEPT, b"text/plain"), "does not take protobuf:dnstap.Dnstap"),
        (b"", "ended the connection"),
    ],
)
def test_receivers_that_speak_something_else(path: pathlib.Path, reply: bytes, said: str) -> None:
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def answer() -> None:
            with listening.accept()[0] as one:
                one.recv(100)
                one.sendall(reply)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(WireError, match=said):
            SocketOutlet(path)
        thread.join()


def test_a_receiver_that_says_nothing(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "_PATIENCE", 0.1)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()
        with pytest.raises(TimeoutError):
            SocketOutlet(path)


def test_a_receiver_that_takes_nothing(path: pathlib.Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "_PATIENCE", 0.2)
    outlet = SocketOutlet(path)
    wait_for(lambda: START in receiver.controls)
    receiver.reads = False
    outlet.write(A)
    with pytest.raises(TimeoutError):
        outlet.write(bytes(8 << 20))
    outlet.close()


def test_nobody_there(path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_outlet(str(path))


def test_a_file_is_whole_and_private(path: pathlib.Path) -> None:
    outlet = open_outlet(f"file:{path}")
    outlet.write(A)
    outlet.write(B)
    outlet.close()
    assert payloads(path.read_bytes()) == [b"a", b"bb"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_was_there_is_put_aside(path: pathlib.Path) -> None:
    for number in range(outlets.OLD + 3):
        outlet = FileOutlet(path)
        outlet.write(data_frame(b"%d" % number))
        outlet.close()
    assert payloads(path.read_bytes()) == [b"6"]
    old = {one.name: payloads(one.read_bytes()) for one in path.parent.iterdir() if one != path}
    assert old == {"tap.1": [b"5"], "tap.2": [b"4"], "tap.3": [b"3"], "tap.4": [b"2"]}


def test_a_file_in_which_nothing_is_is_not_kept(path: pathlib.Path) -> None:
    path.touch()
    FileOutlet(path)
    FileOutlet(path).close()
    assert [one.name for one in path.parent.iterdir()] == ["tap"]


def test_a_file_that_is_large_is_put_aside(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlets, "LARGEST", 60)
    outlet = FileOutlet(path)
    for one in (b"a", b"b", b"c", b"d"):
        outlet.write(data_frame(one * 10))
    outlet.close()
    assert payloads(path.with_name("tap.1").read_bytes()) == [b"c" * 10]
    assert payloads(path.read_bytes()) == [b"d" * 10]


@pytest.mark.parametrize("kind", ["directory", "fifo", "link", "device"])
def test_what_is_no_plain_file_is_left_alone(path: pathlib.Path, kind: str) -> None:
    victim = path.with_name("victim")
    victim.write_text("mine")
    match kind:
        case "directory":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "link":
            path.symlink_to(victim)
        case _:
            path = pathlib.Path("/dev/null")
    with pytest.raises(FileExistsError, match="no plain file"):
        FileOutlet(path)
    assert victim.read_text() == "mine"


def test_a_full_disk_leaves_whole_frames(path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outlet = FileOutlet(path)
    outlet.write(A)
    write, room = os.write, [4]

    def full(descriptor: int, data: memoryview) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = write(descriptor, data[: room[0]])
        room[0] -= count
        return count

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space"):
        outlet.write(B)
    monkeypatch.setattr(os, "write", write)
    outlet.write(data_frame(b"c"))
    outlet.close()
    assert payloads(path.read_bytes()) == [b"a", b"c"]
