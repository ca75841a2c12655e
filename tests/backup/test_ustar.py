"""Headers of archives: what others write we read, and what we write others read."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.backup.ustar import BLOCK, END, Header, pack, padding, unpack
from resolver.errors import BackupError

_SEGMENT = st.text("abcxyz0189-_.", min_size=1, max_size=60)
_NAMES = st.lists(_SEGMENT, min_size=1, max_size=4).map("/".join).filter(lambda name: len(name) <= 150)


@given(_NAMES, st.integers(0, 3000), st.integers(0, 1 << 33 - 1))
def test_others_read_it_as_we_do(name: str, size: int, made: int) -> None:
    try:
        block = pack(Header(name, size), made)
    except ValueError:
        assert len(name) > 100, "only a long name cannot be cut where it must be"
        return
    assert len(block) == BLOCK
    assert unpack(block) == (name, size)
    archive = block + b"x" * size + padding(size) + END
    with tarfile.open(fileobj=io.BytesIO(archive)) as read:
        (member,) = read.getmembers()
        assert (member.name, member.size, member.mtime, member.mode) == (name, size, made, 0o600)
        assert member.isreg()


@given(_NAMES, st.integers(0, 1 << 32))
def test_what_others_write_we_read(name: str, size: int) -> None:
    info = tarfile.TarInfo(name)
    info.size = size
    assert unpack(info.tobuf(tarfile.USTAR_FORMAT)) == (name, size)


def test_the_end() -> None:
    assert unpack(bytes(BLOCK)) is None
    assert bytes(2 * BLOCK) == END


@given(st.integers(0, BLOCK - 1), st.integers(1, 255))
def test_a_damaged_header_is_refused(at: int, by: int) -> None:
    block = bytearray(pack(Header("config.yaml", 8), 1.0))
    block[at] = (block[at] + by) % 256
    with pytest.raises(BackupError):
        unpack(bytes(block))


@given(st.binary(min_size=BLOCK, max_size=BLOCK).filter(any))
def test_garbage(block: bytes) -> None:
    with pytest.raises(BackupError):
        unpack(block)
