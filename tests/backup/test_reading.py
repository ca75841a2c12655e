"""Whatever comes: what is not a whole backup is refused, with a reason, and nothing is written anywhere."""

from __future__ import annotations

import gzip
import io
import pathlib
import random
import tarfile
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.backup import reading
from resolver.backup.format import FORMAT, ROWS, SMALL
from resolver.backup.reading import check
from resolver.errors import BackupError
from tests.backup.archives import ABOUT, info, manifest, plain, tar, whole, write

ROOM = 1 << 30
META = "lists/ads/meta.json"
GOOD = {"config.yaml": b"dns: {}\n", META: b"{}", "rows/rules/000001.jsonl": b'{"id": 1}\n'}


def _check(path: pathlib.Path, data: bytes, room: int = ROOM) -> None:
    check(write(path / "backup.tar.gz", data), room)


def test_a_good_one_is_read(tmp_path: pathlib.Path) -> None:
    found = check(write(tmp_path / "good", plain(whole(GOOD))), ROOM)
    assert found.about.version == "1.0"
    assert set(found.members) == {"about.json", *GOOD}
    assert found.members["config.yaml"].size == 8


def test_a_newer_one_is_refused_whatever_is_in_it(tmp_path: pathlib.Path) -> None:
    about = {**ABOUT, "format": FORMAT + 1, "version": "9.9\x1b[2J"}
    with pytest.raises(BackupError, match=r"made by a newer version \('9\.9\\x1b\[2J', format 2;") as refused:
        _check(tmp_path, plain(whole({"something/new": b""}, about)))
    assert "restore it with that version" in str(refused.value)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"x": b""}, "is no part of a backup"),
        ({"../config.yaml": b""}, "is no part of a backup"),
        ({"/etc/passwd": b""}, "is no part of a backup"),
        ({"lists/../../etc/meta.json": b""}, "is no part of a backup"),
        ({"lists/ads/versions/../../../x": b""}, "is no part of a backup"),
        ({"files/..": b""}, "is no part of a backup"),
        ({"files/a/b": b""}, "is no part of a backup"),
        ({"rows/rules/1.jsonl": b""}, "is no part of a backup"),
        ({"config.yaml\n": b""}, "is no part of a backup"),
        ({"lists/ads/": b""}, "is no part of a backup"),
        ({"config.yaml": bytes(SMALL + 1)}, "is larger than"),
    ],
)
def test_members_that_there_are_not(tmp_path: pathlib.Path, members: dict[str, bytes], reason: str) -> None:
    with pytest.raises(BackupError, match=reason):
        _check(tmp_path, plain(whole(members)))


@pytest.mark.parametrize(
    "type", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE, tarfile.CONTTYPE]
)
def test_links_and_devices(tmp_path: pathlib.Path, type: bytes) -> None:
    every = whole(GOOD)
    members = [(info(name, len(data)), data) for name, data in every.items()]
    members.insert(1, (info("config.yaml", type=type, linkname="/etc/passwd"), b""))
    with pytest.raises(BackupError, match="is no plain file"):
        _check(tmp_path, tar(members))


@pytest.mark.parametrize("how", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_long_names_in_records_of_their_own(tmp_path: pathlib.Path, how: int) -> None:
    data = tar([(info("about.json" + "x" * 300), b"")], how)
    with pytest.raises(BackupError, match=r"is no plain file|no archive as a backup"):
        _check(tmp_path, data)


def test_a_record_that_claims_gigabytes_takes_no_memory(tmp_path: pathlib.Path) -> None:
    header = bytearray(tar([(info("about.json", 8, type=tarfile.XHDTYPE), b"12345678")])[:512])
    header[124:136] = b"77777777777\0"
    header[148:156] = b"        "
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(BackupError, match="is no plain file"):
        _check(tmp_path, bytes(header) + bytes(1024))


def test_a_member_that_comes_twice(tmp_path: pathlib.Path) -> None:
    every = whole(GOOD)
    members = [(info(name, len(data)), data) for name, data in every.items()]
    members.insert(3, (info("config.yaml", 4), b"evil"))
    with pytest.raises(BackupError, match=r"config\.yaml is in it twice"):
        _check(tmp_path, tar(members))


def test_content_that_is_not_the_manifests(tmp_path: pathlib.Path) -> None:
    every = whole(GOOD)
    with pytest.raises(BackupError, match=r"config\.yaml is damaged"):
        _check(tmp_path, plain({**every, "config.yaml": b"dns: []\n"}))
    with pytest.raises(BackupError, match=r"config\.yaml.* is missing"):
        _check(tmp_path, plain({name: data for name, data in every.items() if name != "config.yaml"}))
    more = {"about.json": every["about.json"], "lists/more/meta.json": b"{}"}
    with pytest.raises(BackupError, match=r"more/meta\.json is in it, but not in its manifest"):
        _check(tmp_path, plain({**more, **every}))


def test_the_beginning_and_the_end(tmp_path: pathlib.Path) -> None:
    every = whole(GOOD)
    without = {name: data for name, data in every.items() if name != "manifest.json"}
    with pytest.raises(BackupError, match="has no manifest"):
        _check(tmp_path, plain(without))
    with pytest.raises(BackupError, match="comes after its manifest"):
        _check(tmp_path, plain({**every, "lists/more/meta.json": b"{}"}))
    with pytest.raises(BackupError, match=r"does not begin with about\.json"):
        _check(tmp_path, plain({name: every[name] for name in reversed(every)}))
    with pytest.raises(BackupError, match="say different things"):
        _check(tmp_path, plain({**every, "manifest.json": manifest(GOOD, {**ABOUT, "version": "2"})}))
    for about in ({"format": 1}, {**ABOUT, "product": "other"}, {**ABOUT, "format": 0}, {**ABOUT, "made": "x"}):
        with pytest.raises(BackupError):
            _check(tmp_path, plain(whole(GOOD, about)))


def test_one_that_is_cut_off_anywhere(tmp_path: pathlib.Path) -> None:
    packed = gzip.compress(plain(whole(GOOD)))
    path = tmp_path / "cut"
    for size in range(0, len(packed) - 1, 7):
        path.write_bytes(packed[:size])
        with pytest.raises(BackupError):
            check(path, ROOM)
    unpacked = plain(whole(GOOD))
    for size in range(0, len(unpacked) - 20 * 512, 512):
        with pytest.raises(BackupError):
            check(write(path, unpacked[:size]), ROOM)


def test_one_with_a_flipped_bit(tmp_path: pathlib.Path) -> None:
    chance = random.Random(1)
    packed = bytearray(gzip.compress(plain(whole({**GOOD, "files/mine": chance.randbytes(3000)}))))
    path = tmp_path / "flipped"
    for _ in range(300):
        at, bit = chance.randrange(12, len(packed)), 1 << chance.randrange(8)
        packed[at] ^= bit
        path.write_bytes(packed)
        with pytest.raises(BackupError):
            check(path, ROOM)
        packed[at] ^= bit
    path.write_bytes(packed)
    check(path, ROOM)


def test_what_follows_after_the_end(tmp_path: pathlib.Path) -> None:
    good = gzip.compress(plain(whole(GOOD)))
    path = tmp_path / "more"
    for more in (b"x" * 100, gzip.compress(b"x" * 10_000), gzip.compress(plain({"config.yaml": b"evil"}))):
        path.write_bytes(good + more)
        with pytest.raises(BackupError):
            check(path, ROOM)
    path.write_bytes(good + bytes(100))
    check(path, ROOM)


def test_a_bomb_stops_at_the_room_that_there_is_and_takes_no_memory(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "bomb"
    with gzip.open(path, "wb") as out:
        about = whole(GOOD)["about.json"]
        head = tar([(info("about.json", len(about)), about)])
        out.write(head[: len(head) // 512 * 512].rstrip(b"\0").ljust(512 * (1 + -(-len(about) // 512)), b"\0"))
        for number in range(1, 40):
            out.write(info(f"rows/rules/{number:06}.jsonl", ROWS).tobuf(tarfile.USTAR_FORMAT))
            out.write(bytes(ROWS))
    tracemalloc.start()
    try:
        with pytest.raises(BackupError, match="there is room for"):
            check(path, 64 << 20)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def test_too_many_members(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MEMBERS", 50)
    members = {f"files/list-{number}": b"" for number in range(100)}
    with pytest.raises(BackupError, match="more than 50 members"):
        _check(tmp_path, plain(whole(members)))


@given(st.binary(max_size=2000))
def test_garbage(data: bytes) -> None:
    for one in (data, gzip.compress(data), gzip.compress(data + bytes(-len(data) % 512) + bytes(1024))):
        with pytest.raises(BackupError):
            for _ in reading.Reading(io.BytesIO(one)).members():
                raise BackupError("something that looks like a member")
            if not any(data):
                raise BackupError("nothing at all")
