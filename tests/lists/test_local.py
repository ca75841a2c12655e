import os
import pathlib

import pytest

from resolver.errors import ListError
from resolver.lists.local import allowed, copy, look
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


@pytest.mark.parametrize("path", ["/dev/null", "/dev/zero", "/", "/proc/self/fd"])
def test_devices_and_directories_are_refused(tmp_path: pathlib.Path, path: str) -> None:
    with pytest.raises(ListError, match=f"^{path}: it is not a file"):
        look(pathlib.Path(path))
    (tmp_path / "link").symlink_to(path)
    with pytest.raises(ListError, match="link: it is not a file"):
        copy(tmp_path / "link", tmp_path / "out", 100)


@pytest.fixture
def house(tmp_path: pathlib.Path) -> pathlib.Path:
    """A directory `lists` with a file, links that stay and links that leave, beside one that is called alike."""
    for name in ("lists", "lists/deep", "lists-of-others"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text("ads.example\n")
    (tmp_path / "lists" / "stays").symlink_to("deep/file")
    (tmp_path / "lists" / "leaves").symlink_to("../lists-of-others/file")
    (tmp_path / "lists" / "out").symlink_to("../lists-of-others")
    (tmp_path / "lists" / "circle").symlink_to("circle")
    (tmp_path / "door").symlink_to("lists")
    return tmp_path


@pytest.mark.parametrize(
    "file", ["lists/file", "lists/deep/file", "lists/stays", "door/file", "lists-of-others/../lists/file"]
)
@pytest.mark.parametrize("within", ["lists", "door", "lists/deep/.."])
def test_files_within_the_directories(house: pathlib.Path, file: str, within: str) -> None:
    assert allowed(house / file, [house / "nowhere", house / within])
    assert copy(house / file, house / "copy", 100, [house / within]).seen == look(house / file)


@pytest.mark.parametrize(
    "file", ["lists-of-others/file", "lists/leaves", "lists/out/file", "lists/../lists-of-others/file", "lists", "no"]
)
def test_files_elsewhere(house: pathlib.Path, file: str) -> None:
    within = [house / "lists", house / "nowhere"]
    assert not allowed(house / file, within)
    with pytest.raises(ListError, match=r": it is not in .*/lists, .*/nowhere; updates\.files in the config says"):
        look(house / file, within)
    with pytest.raises(ListError, match="it is not in "):
        copy(house / file, house / "copy", 100, within)
    assert not (house / "copy").exists()
    assert allowed(house / file, [])


def test_a_link_that_leads_to_itself(house: pathlib.Path) -> None:
    with pytest.raises(ListError, match="circle: it cannot be read: Too many levels"):
        look(house / "lists" / "circle", [house / "lists"])


def test_a_link_that_is_changed_after_the_look_is_not_followed(
    house: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = house / "lists" / "stays"
    secret = house / "lists-of-others" / "file"
    really_open = os.open

    def meanwhile(path: pathlib.Path, flags: int) -> int:
        link.unlink()
        link.symlink_to(secret)
        return really_open(path, flags)

    monkeypatch.setattr(os, "open", meanwhile)
    with pytest.raises(ListError, match="stays: it is not in "):
        copy(link, house / "copy", 100, [house / "lists"])
    assert not (house / "copy").exists()


def test_a_file_that_becomes_a_pipe_is_not_waited_for(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("ads.example\n")
    really_open = os.open

    def meanwhile(path: pathlib.Path, flags: int) -> int:
        file.unlink()
        os.mkfifo(file)
        return really_open(path, flags)

    monkeypatch.setattr(os, "open", meanwhile)
    with pytest.raises(ListError, match=r"mine\.txt: it is not a file"):
        copy(file, tmp_path / "out", 100)


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
