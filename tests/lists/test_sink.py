import pathlib

import pytest

from resolver.errors import ListError
from resolver.lists.sink import Sink
from tests.lists.site import sha256


def test_it_counts_and_digests_what_it_writes(tmp_path: pathlib.Path) -> None:
    with Sink(tmp_path / "out", 100) as sink:
        sink.write(b"abc")
        sink.write(b"")
        sink.write(b"def")
        sink.finish()
    assert (sink.bytes, sink.sha256) == (6, sha256("abcdef"))
    assert (tmp_path / "out").read_bytes() == b"abcdef"


def test_more_than_it_may_hold(tmp_path: pathlib.Path) -> None:
    with Sink(tmp_path / "out", 3 << 19) as sink:
        sink.write(bytes(3 << 19))
        with pytest.raises(ListError, match=r"it is larger than 1\.5 MiB"):
            sink.write(b"x")


def test_a_full_disk_is_a_reason_not_a_crash() -> None:
    with (
        Sink(pathlib.Path("/dev/full"), 100) as sink,
        pytest.raises(ListError, match="written to /dev: the disk is full"),
    ):
        sink.write(b"abc")


def test_a_directory_that_is_gone(tmp_path: pathlib.Path) -> None:
    with pytest.raises(ListError, match=r"cannot be written to .*: No such file"), Sink(tmp_path / "no" / "out", 100):
        pass
