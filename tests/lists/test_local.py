import os
import pathlib

import pytest

from resolver.errors import ListError
from resolver.lists.local import copy, look
from tests.lists.site import sha256


def test_a_copy_and_what_is_known_of_it(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("ads.example\n")
    found = copy(file, tmp_path / "out", 100)
    assert (tmp_path / "out").read_text() == "ads.example\n"
    assert (found.url, found.sha256, found.bytes) == (str(file), sha256("ads.example\n"), 12)
    assert found.seen == look(file)


def test_a_file_that_changed_looks_different(tmp_path: pathlib.Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("one")
    before = look(file)
    assert look(file) == before
    os.utime(file, ns=(0, before.mtime_ns + 1))
    assert look(file) != before
    (tmp_path / "other").write_text("two")
    os.utime(tmp_path / "other", ns=(0, before.mtime_ns))
    (tmp_path / "other").rename(file)
    assert look(file) != before


def test_a_file_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match=r"mine\.txt: it cannot be read: No such file"):
        look(tmp_path / "mine.txt")


def test_a_pipe_is_not_waited_for(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ListError, match="pipe: it is not a file"):
        copy(tmp_path / "pipe", tmp_path / "out", 100)


def test_a_file_that_is_too_large(tmp_path: pathlib.Path) -> None:
    (tmp_path / "mine.txt").write_bytes(bytes(101))
    with pytest.raises(ListError, match=r"mine\.txt: it is larger than"):
        copy(tmp_path / "mine.txt", tmp_path / "out", 100)


def test_a_file_that_is_being_written_is_left_for_later(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("half")
    fsync = os.fsync

    def meanwhile(descriptor: int) -> None:
        with file.open("a") as more:
            more.write(" more")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", meanwhile)
    with pytest.raises(ListError, match="it is being written"):
        copy(file, tmp_path / "out", 100)
