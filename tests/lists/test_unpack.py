import gzip
import random
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import ListError
from resolver.lists.unpack import Unpacker


def raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


PACKERS: dict[str, list[Callable[[bytes], bytes]]] = {
    "gzip": [gzip.compress, lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:]) + bytes(9)],
    "X-GZIP": [gzip.compress],
    "deflate": [zlib.compress, raw],
    "identity": [bytes],
    "": [bytes],
}
CASES = [(coding, place) for coding, packers in PACKERS.items() for place in range(len(packers))]


def unpack(coding: str, packed: bytes, step: int) -> bytes:
    unpacker = Unpacker(coding)
    pieces = [piece for at in range(0, len(packed), step) for piece in unpacker.feed(packed[at : at + step])]
    unpacker.finish()
    return b"".join(pieces)


@given(data=st.binary(max_size=2000), step=st.integers(1, 500), case=st.sampled_from(CASES))
def test_what_was_packed_is_unpacked_however_it_is_cut(data: bytes, step: int, case: tuple[str, int]) -> None:
    coding, place = case
    assert unpack(coding, PACKERS[coding][place](data), step) == data


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 1_000_003])
def test_large_data_in_one_go(size: int) -> None:
    data = random.Random(size).randbytes(997) * (size // 997) + b"x" * (size % 997)
    assert unpack("gzip", gzip.compress(data), 1 << 30) == data


def test_a_bomb_comes_in_small_pieces() -> None:
    bomb = gzip.compress(bytes(50_000_000))
    sizes = [len(piece) for piece in Unpacker("gzip").feed(bomb)]
    assert max(sizes) <= 65_536
    assert sum(sizes) == 50_000_000


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_an_end_that_is_missing(coding: str) -> None:
    whole = PACKERS[coding][0](b"ads.example\n" * 50)
    with pytest.raises(ListError, match="its end is missing"):
        unpack(coding, whole[:-5], 7)


def test_damage() -> None:
    with pytest.raises(ListError, match="its packed data is damaged"):
        unpack("gzip", b"this is no gzip", 7)


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "x" * 99])
def test_a_coding_that_was_not_asked_for(coding: str) -> None:
    with pytest.raises(ListError, match="which was not asked for"):
        Unpacker(coding)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_no_bytes_break_it(data: bytes, coding: str) -> None:
    try:
        unpack(coding, data, 17)
    except ListError as error:
        assert "its " in str(error)
