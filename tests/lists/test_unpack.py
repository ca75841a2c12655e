import gzip
import itertools
import random
import zlib
from collections.abc import Callable, Iterable

import brotli
import pytest
import zstandard
from hypothesis import assume, given
from hypothesis import strategies as st

from resolver.errors import ListError
from resolver.lists.unpack import ACCEPTED, Unpacker
from tests.lists import bombs

Pack = Callable[[bytes], bytes]

LARGE = 1 << 30
MOST = 3 << 20  # bytes that a piece may have


def raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def br(data: bytes) -> bytes:
    packed: bytes = brotli.compress(data, quality=1)
    return packed


def zstd(data: bytes) -> bytes:
    return zstandard.compress(data)


def skipped(data: bytes) -> bytes:
    """A frame that decoders are to skip (RFC 8878 section 3.1.2)."""
    return b"\x5a\x2a\x4d\x18" + len(data).to_bytes(4, "little") + data


PACKERS: dict[str, list[Pack]] = {
    "gzip": [gzip.compress, lambda data: gzip.compress(data[:3]) + gzip.compress(data[3:]) + bytes(9)],
    "X-GZIP": [gzip.compress],
    "deflate": [zlib.compress, raw],
    "br": [br],
    "zstd": [
        zstd,
        lambda data: zstd(data[:3]) + skipped(data) + zstd(data[3:]),
        lambda data: skipped(b"") + zstd(data),
    ],
    "identity": [bytes, gzip.compress],
    "": [bytes, gzip.compress],
    "gzip, br": [lambda data: br(gzip.compress(data))],
    " deflate ,identity,, ZSTD": [lambda data: zstd(zlib.compress(data))],
    "br,zstd,gzip": [lambda data: gzip.compress(zstd(br(data)))],
    "zstd, identity": [zstd, lambda data: zstd(gzip.compress(data))],
}
CASES = [(coding, place) for coding, packers in PACKERS.items() for place in range(len(packers))]


def unpack(coding: str, packed: bytes, step: int, size: int = LARGE) -> bytes:
    unpacker = Unpacker(coding, size)
    fed = (unpacker.feed(packed[at : at + step]) for at in range(0, len(packed), step))
    return b"".join(itertools.chain(itertools.chain.from_iterable(fed), unpacker.finish()))


@given(data=st.binary(max_size=2000), step=st.integers(1, 500), case=st.sampled_from(CASES))
def test_what_was_packed_is_unpacked_however_it_is_cut(data: bytes, step: int, case: tuple[str, int]) -> None:
    coding, place = case
    assume(not data.startswith(b"\x1f\x8b\x08"))
    assert unpack(coding, PACKERS[coding][place](data), step) == data


@pytest.mark.parametrize(("coding", "place"), CASES)
@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 1_000_003])
def test_large_data_in_one_go(coding: str, place: int, size: int) -> None:
    data = random.Random(size).randbytes(997) * (size // 997) + b"x" * (size % 997)
    assert unpack(coding, PACKERS[coding][place](data), 1 << 30) == data


def test_everything_that_is_asked_for_is_understood() -> None:
    for coding in ACCEPTED.split(", "):
        assert unpack(coding, PACKERS[coding][0](b"ads.example\n"), 5) == b"ads.example\n"


@pytest.mark.parametrize("coding", PACKERS)
def test_nothing_at_all_is_an_empty_file(coding: str) -> None:
    assert unpack(coding, b"", 5) == b""


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", bombs.of_gzip),
        ("", bombs.of_gzip),
        ("deflate", lambda: zlib.compress(bytes(bombs.LARGE))),
        ("br", bombs.of_brotli),
        ("zstd", bombs.of_zstd),
        ("gzip, gzip", bombs.stacked),
        ("zstd, zstd", lambda: zstd(bombs.of_zstd() * 20)),
    ],
)
def test_a_bomb_comes_in_small_pieces_and_is_refused(coding: str, bomb: Callable[[], bytes]) -> None:
    packed = bomb()
    assert len(packed) < bombs.MIB
    sizes: list[int] = []
    with pytest.raises(ListError, match="it is larger than 20 MiB"):
        sizes.extend(len(piece) for piece in Unpacker(coding, 20 * bombs.MIB).feed(packed))
    assert max(sizes, default=0) <= MOST
    assert sum(sizes) <= 20 * bombs.MIB


def pieces(unpacker: Unpacker, fed: Iterable[bytes]) -> list[bytes]:
    return list(itertools.chain.from_iterable(map(unpacker.feed, fed)))


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "identity"])
def test_more_than_the_cap_is_refused_and_no_less(coding: str) -> None:
    packed = PACKERS[coding][0](bytes(100_000))
    assert len(unpack(coding, packed, 999, 100_000)) == 100_000
    with pytest.raises(ListError, match="it is larger than"):
        unpack(coding, packed, 999, 99_999)


@pytest.mark.parametrize(
    ("coding", "endless"), [("zstd", skipped(bytes(4_096))), ("gzip", b"\x1f\x8b\x08\x08" + bytes(6) + b"x" * 4_096)]
)
def test_what_unpacks_to_nothing_is_capped_too(coding: str, endless: bytes) -> None:
    """A skippable frame, and the file name in a gzip header, may go on for ever."""
    tail = b"" if coding == "zstd" else b"x" * 4_096
    with pytest.raises(ListError, match="it is larger than"):
        pieces(Unpacker(coding, 1 << 20), (tail or endless if number else endless for number in range(1_000)))


@pytest.mark.parametrize(
    ("coding", "empty"), [("gzip", gzip.compress(b"", mtime=0)), ("zstd", zstd(b"")), ("zstd", skipped(b""))]
)
def test_no_end_of_empty_parts(coding: str, empty: bytes) -> None:
    assert unpack(coding, empty * 9_999 + PACKERS[coding][0](b"x"), 4_000) == b"x"
    with pytest.raises(ListError, match="it is packed into more than 10000 parts"):
        unpack(coding, empty * 10_001, 4_000)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "", "gzip, br"])
@pytest.mark.parametrize("cut", [1, 5, 60])
def test_an_end_that_is_missing(coding: str, cut: int) -> None:
    whole = PACKERS[coding or "gzip"][0](random.Random(1).randbytes(200))
    with pytest.raises(ListError, match="its end is missing"):
        unpack(coding, whole[:-cut], 7)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "br, gzip"])
def test_damage(coding: str) -> None:
    with pytest.raises(ListError, match="its packed data is damaged"):
        unpack(coding, b"this is no such thing", 7)


@pytest.mark.parametrize("coding", ["br", "zstd"])
def test_what_follows_the_end(coding: str) -> None:
    with pytest.raises(ListError, match="its packed data is damaged"):
        unpack(coding, PACKERS[coding][0](b"x") + b"more than that", 7)


def test_how_much_memory_zstd_may_need() -> None:
    def packed(log: int) -> bytes:
        wants = zstandard.ZstdCompressionParameters.from_level(1, window_log=log)
        packer = zstandard.ZstdCompressor(compression_params=wants).compressobj()
        return packer.compress(b"x") + packer.flush()

    assert unpack("zstd", packed(23), 5) == b"x"
    with pytest.raises(ListError, match="it needs more than 8 MiB of memory to be unpacked"):
        unpack("zstd", packed(24), 5)


@pytest.mark.parametrize(
    ("coding", "said"),
    [
        ("compress", 'packed as "compress", which was not asked for'),
        ("gzip, utf-8", 'packed as "utf-8", which was not asked for'),
        ("x-br", 'packed as "x-br", which was not asked for'),
        ("x" * 99, f'packed as "{"x" * 40}", which'),
        ("\x1b[31m\udc80é", r'packed as "\x1b[31m\udc80\xe9", which'),
        ("gzip, br, gzip, zstd", "it is packed 4 times over"),
        (",".join(["gzip"] * 1_000), "it is packed 1000 times over"),
    ],
)
def test_codings_that_are_refused(coding: str, said: str) -> None:
    with pytest.raises(ListError) as caught:
        Unpacker(coding, LARGE)
    assert said in str(caught.value)


@pytest.mark.parametrize("data", [b"\x1f", b"\x1f\x8b", b"\x1f\x8b\x00\x00\x00", b"\x1f\x8b\x07more"])
def test_what_only_begins_as_a_gzip_file_is_left_as_it_is(data: bytes) -> None:
    assert unpack("", data, 1) == data


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "br, deflate", ""]))
def test_no_bytes_break_it(data: bytes, coding: str) -> None:
    try:
        unpack(coding, data, 17)
    except ListError as error:
        assert str(error).startswith(("its ", "it "))
