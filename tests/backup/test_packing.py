"""What is written can be read, by us and by others."""

from __future__ import annotations

import hashlib
import io
import pathlib
import tarfile

import pytest

from resolver.backup.format import PIECE, About
from resolver.backup.packing import Packer
from resolver.backup.reading import Reading, check
from resolver.errors import BackupError

ABOUT = About(1, "1.0", 1_767_268_800.0, "0004", log=True)
LONG = f"lists/{'a' * 64}/versions/{'0' * 64}.block"


def test_others_read_it(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "one.tar.gz"
    with path.open("wb") as file:
        packer = Packer(file.write, ABOUT)
        packer.add("config.yaml", b"dns: {}\n")
        packer.add_file(LONG, io.BytesIO(b"||x.example^\n" * 50_000), 13 * 50_000)
        packer.finish()
    with tarfile.open(path) as archive:
        assert archive.getnames() == ["about.json", "config.yaml", LONG, "manifest.json"]
        for member in archive.getmembers():
            assert member.isreg()
            assert (member.mode, member.uid, member.gid, member.mtime) == (0o600, 0, 0, 1_767_268_800)
        content = archive.extractfile(LONG)
        assert content is not None
        assert content.read() == b"||x.example^\n" * 50_000
    checked = check(path, 1 << 30)
    assert checked.about == ABOUT
    assert checked.members[LONG].sha256 == hashlib.sha256(b"||x.example^\n" * 50_000).hexdigest()


def test_rows_are_cut_into_pieces() -> None:
    out = io.BytesIO()
    packer = Packer(out.write, ABOUT)
    lines = [b'{"id": %d, "text": "%s"}\n' % (number, b"x" * 2000) for number in range(5000)]
    assert packer.add_rows("rows", "rules", iter(lines)) == 5000
    assert packer.add_rows("rows", "pauses", iter(())) == 0
    packer.finish()
    out.seek(0)
    found: dict[str, bytes] = {}
    reader = Reading(out)
    for header in reader.members():
        found[header.name] = reader.read()
    pieces = [name for name in found if name.startswith("rows/")]
    assert pieces == ["rows/rules/000001.jsonl", "rows/rules/000002.jsonl", "rows/rules/000003.jsonl"]
    assert all(len(found[name]) < PIECE + 3000 for name in pieces)
    assert b"".join(found[name] for name in pieces) == b"".join(lines)


def test_a_file_that_shrinks_is_told() -> None:
    packer = Packer(io.BytesIO().write, ABOUT)
    with pytest.raises(BackupError, match="became shorter"):
        packer.add_file("files/mine", io.BytesIO(b"abc"), 4)


def test_a_file_that_grows_is_cut() -> None:
    out = io.BytesIO()
    packer = Packer(out.write, ABOUT)
    packer.add_file("files/mine", io.BytesIO(b"abcdef"), 4)
    packer.finish()
    out.seek(0)
    reader = Reading(out)
    assert [reader.read() for header in reader.members() if header.name == "files/mine"] == [b"abcd"]
