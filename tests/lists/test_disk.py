import errno
import pathlib

import pytest

from resolver.lists import disk


def test_a_file_is_replaced_whole_and_nothing_is_left_beside_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "deep" / "file"
    disk.replace(path, b"one")
    disk.replace(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o077 == 0
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_leaves_nothing(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "file"
    (path / "in-the-way").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        disk.replace(path, b"one")
    assert [found.name for found in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(
    ("number", "said"),
    [(errno.ENOSPC, "the disk is full"), (errno.EDQUOT, "the disk is full"), (errno.EACCES, "Permission denied")],
)
def test_reasons_are_for_people(number: int, said: str) -> None:
    assert disk.why(OSError(number, "Permission denied")).startswith(said)


def test_a_reason_without_a_number() -> None:
    assert disk.why(OSError("odd")) == "odd"


def test_the_digest_of_a_file(tmp_path: pathlib.Path) -> None:
    (tmp_path / "file").write_bytes(b"abc")
    assert disk.sha256(tmp_path / "file").startswith("ba7816bf")
