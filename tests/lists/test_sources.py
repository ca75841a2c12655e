import json
import pathlib

import pytest

from resolver.errors import ListError
from resolver.lists.sources import Kept, Meta
from tests.lists.site import sha256


def stored(root: pathlib.Path, text: str = "a.example\n") -> tuple[Kept, Meta]:
    """A list with a version, as a download leaves it."""
    kept = Kept(root, "ads")
    new = kept.scratch()
    new.write_text(text)
    stamp = kept.adopt(new)
    meta = Meta(
        url="http://x.example",
        etag='"1"',
        fetched=50.0,
        changed=40.0,
        sha256=sha256(text),
        bytes=len(text),
        stored=stamp,
    )
    kept.save(meta)
    return kept, meta


def test_what_is_saved_is_loaded(tmp_path: pathlib.Path) -> None:
    _, meta = stored(tmp_path)
    again = Kept(tmp_path, "ads")
    assert again.load() == meta
    assert again.path.read_text() == "a.example\n"
    assert sorted(path.name for path in again.directory.iterdir()) == ["list", "meta.json"]


@pytest.mark.parametrize("id", ["", "..", "../x", "a/b", "A", "-a", "a.b", "a\n", "a" * 65])
def test_no_id_escapes_the_directory(tmp_path: pathlib.Path, id: str) -> None:
    with pytest.raises(ListError, match="an id is up to 64"):
        Kept(tmp_path, id)


def test_nothing_is_known_at_first(tmp_path: pathlib.Path) -> None:
    assert Kept(tmp_path, "ads").load() == Meta()
    assert not (tmp_path / "ads").exists()


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\x00", b"[]", b'{"bytes": "x"}', b'{"url": "\xff"}'])
def test_a_damaged_meta_is_survived(tmp_path: pathlib.Path, damage: bytes) -> None:
    kept, meta = stored(tmp_path)
    (kept.directory / "meta.json").write_bytes(damage)
    found = kept.load()
    assert (found.sha256, found.bytes, found.stored) == (meta.sha256, meta.bytes, meta.stored)
    assert (found.etag, found.next_try) == ("", 0.0)
    assert found.fetched == found.changed == pytest.approx(kept.path.stat().st_mtime)


def test_a_list_that_its_meta_does_not_belong_to_is_taken_as_it_is(tmp_path: pathlib.Path) -> None:
    kept, _ = stored(tmp_path)
    kept.path.write_text("b.example\n")  # of the same length: the time tells
    found = kept.load()
    assert found.sha256 == sha256("b.example\n")
    assert (found.url, found.etag, found.fetched, found.changed) == ("http://x.example", "", 50.0, 40.0)


def test_a_list_that_is_gone_is_no_version(tmp_path: pathlib.Path) -> None:
    kept, _ = stored(tmp_path)
    kept.path.unlink()
    found = kept.load()
    assert (found.sha256, found.etag, found.bytes, found.stored) == ("", "", 0, None)
    assert found.url == "http://x.example"


def test_what_downloads_left_is_removed(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path)
    left = kept.scratch()
    left.write_text("half")
    assert kept.load() == meta
    assert not left.exists()


def test_unknown_keys_of_a_newer_version_do_no_harm(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path)
    path = kept.directory / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"colour": "red"}))
    assert kept.load() == meta


def test_a_directory_that_cannot_be_made(tmp_path: pathlib.Path) -> None:
    (tmp_path / "ads").write_text("in the way")
    kept = Kept(tmp_path, "ads")
    with pytest.raises(ListError, match="ads cannot be written: "):
        kept.scratch()
    kept.save(Meta(url="x"))  # said in the log, survived
    assert kept.load() == Meta()
