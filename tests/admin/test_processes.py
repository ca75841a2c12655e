"""What processes take, as the kernel tells it."""

from __future__ import annotations

import os
import pathlib
import resource
import socket
import time

from resolver.admin.processes import usage


def test_this_process() -> None:
    own = usage({"own": os.getpid()})["own"]
    assert abs(own.cpu - time.process_time()) < 1
    assert 1 << 20 < own.memory < 1 << 40
    assert own.most_files == resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    assert own.files is not None
    with socket.socket(), socket.socket():
        more = usage({"own": os.getpid()})["own"].files
        assert more == own.files + 2


def test_memory_that_is_used_is_seen() -> None:
    before = usage({"own": os.getpid()})["own"].memory
    held = bytearray(os.urandom(64 << 20))
    assert usage({"own": os.getpid()})["own"].memory - before > len(held) / 2


def test_a_process_that_has_ended_is_left_out() -> None:
    child = os.posix_spawn("/bin/true", ["true"], {})
    os.waitpid(child, 0)
    assert list(usage({"gone": child, "own": os.getpid()})) == ["own"]


def test_what_the_kernel_does_not_tell_is_left_out(tmp_path: pathlib.Path) -> None:
    (tmp_path / "7").mkdir()
    fields = " ".join(str(number) for number in range(3, 53))
    (tmp_path / "7" / "stat").write_text(f"7 (a ) name) {fields}")
    found = usage({"worker-1": 7, "none": 8}, tmp_path)["worker-1"]
    ticks, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    assert found.cpu == (14 + 15) / ticks
    assert found.memory == 24 * page
    assert (found.files, found.most_files) == (None, None)


def test_garbage_is_survived(tmp_path: pathlib.Path) -> None:
    for number, text in enumerate(("", "7", "7 (x) a b c", "\xff" * 100)):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / "stat").write_text(text)
    assert usage({str(number): number for number in range(4)}, tmp_path) == {}
