import json
import os
import pathlib

import msgspec
import pytest

from resolver.errors import ListError
from resolver.lists.sources import Held, Meta, Stamp, Turned
from resolver.lists.versions import Kept
from tests.lists.site import sha256

URL = "http://x.example/list"


def taken(kept: Kept, meta: Meta, text: str, now: float = 50.0) -> Meta:
    """A download that was taken."""
    new = kept.scratch()
    new.write_text(text)
    held = kept.adopt(new, Held(sha256(text), "block", URL, now, 1, len(text)))
    meta = msgspec.structs.replace(meta.taken(held, now), url=URL, etag='"1"', sha256=held.sha256, fetched=now)
    kept.save(meta)
    kept.prune(meta)
    return meta


def stored(root: pathlib.Path, *texts: str) -> tuple[Kept, Meta]:
    kept, meta = Kept(root, "ads"), Meta()
    for text in texts or ("a.example\n",):
        meta = taken(kept, meta, text)
    return kept, meta


def texts(kept: Kept, meta: Meta) -> list[str]:
    return [kept.path(held).read_text() for held in meta.versions]


def files(kept: Kept) -> list[str]:
    return sorted(str(path.relative_to(kept.directory)) for path in kept.directory.rglob("*") if path.is_file())


def test_what_is_saved_is_loaded(tmp_path: pathlib.Path) -> None:
    _, meta = stored(tmp_path, "a.example\n")
    again = Kept(tmp_path, "ads")
    assert again.load() == meta
    assert files(again) == ["meta.json", f"versions/{meta.current}.block"]


def test_three_versions_are_kept_and_the_one_in_force_was_changed_last(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path, "1\n", "2\n", "3\n", "4\n")
    assert texts(kept, meta) == ["4\n", "3\n", "2\n"]
    assert len(files(kept)) == 4
    back = kept.go_to(meta.versions[1])
    meta = meta.moved(back, 60.0)
    kept.save(meta)
    newest = max((kept.directory / "versions").iterdir(), key=lambda path: path.stat().st_mtime_ns)
    assert newest == kept.path(back)
    assert Kept(tmp_path, "ads").load() == meta


def test_a_refused_version_is_kept_apart_and_may_be_taken(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path, "1\n")
    new = kept.scratch()
    new.write_text("bad\n")
    held = kept.refuse(new, Held(sha256("bad\n"), "block", URL))
    meta = msgspec.structs.replace(meta, turned=Turned(held, "it is bad", 60.0))
    kept.save(meta)
    assert Kept(tmp_path, "ads").load() == meta
    meta = meta.taken(kept.adopt(kept.turned(held), held), 70.0)
    kept.save(meta)
    assert Kept(tmp_path, "ads").load() == meta
    assert texts(kept, meta) == ["bad\n", "1\n"]
    assert not kept.turned(held).exists()


@pytest.mark.parametrize("id", ["", "..", "../x", "a/b", "A", "-a", "a.b", "a\n", "a" * 65])
def test_no_id_escapes_the_directory(tmp_path: pathlib.Path, id: str) -> None:
    with pytest.raises(ListError, match="an id is up to 64"):
        Kept(tmp_path, id)


@pytest.mark.parametrize("sha", ["../../x", "A" * 64, "a" * 63, "a" * 64 + "\n"])
def test_no_digest_escapes_the_directory(tmp_path: pathlib.Path, sha: str) -> None:
    kept, meta = stored(tmp_path)
    path = kept.directory / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"versions": [{"sha256": sha, "kind": "block"}]}))
    assert kept.load().current == meta.current


def test_nothing_is_known_at_first(tmp_path: pathlib.Path) -> None:
    assert Kept(tmp_path, "ads").load() == Meta()
    assert not (tmp_path / "ads").exists()


@pytest.mark.parametrize("damage", [None, b"", b"{", b"\xff\x00", b"[]", b'{"failures": "x"}', b'{"url": "\xff"}'])
def test_the_files_speak_for_themselves_when_meta_is_damaged(tmp_path: pathlib.Path, damage: bytes | None) -> None:
    kept, meta = stored(tmp_path, "1\n", "2\n", "3\n")
    back = kept.go_to(meta.versions[1])
    kept.save(meta.moved(back, 60.0))
    path = kept.directory / "meta.json"
    path.unlink() if damage is None else path.write_bytes(damage)
    found = kept.load()
    assert (found.current, found.etag, found.sha256, found.next_try) == (sha256("2\n"), "", "", 0.0)
    assert sorted(texts(kept, found)) == ["1\n", "2\n", "3\n"]
    assert {(held.kind, held.bytes) for held in found.versions} == {("block", 2)}
    assert found.version is not None
    assert found.version.received == pytest.approx(kept.path(back).stat().st_mtime)


def test_a_damaged_version_is_not_used_and_the_one_before_is(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path, "1\n", "2\n")
    kept.path(meta.versions[0]).write_text("x\n")
    found = kept.load()
    assert texts(kept, found) == ["1\n"]
    assert (found.current, found.etag, found.next_try) == (sha256("1\n"), "", 0.0)
    assert len(files(kept)) == 2


def test_a_version_that_was_left_does_not_step_in_for_a_damaged_one(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path, "1\n", "2\n")
    meta = meta.moved(kept.go_to(meta.versions[1]), 60.0)
    kept.save(meta)
    kept.path(meta.versions[1]).unlink()
    found = kept.load()
    assert (found.version, found.versions, files(kept)) == (None, (), ["meta.json"])


def test_a_file_that_was_only_touched_is_still_the_version(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path)
    os.utime(kept.path(meta.versions[0]))
    found = kept.load()
    assert (found.current, found.etag) == (meta.current, '"1"')
    assert found.versions[0].stored == Stamp.of(kept.path(meta.versions[0]).stat()) != meta.versions[0].stored


def test_a_damaged_refused_version_is_forgotten(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path)
    new = kept.scratch()
    new.write_text("bad\n")
    held = kept.refuse(new, Held(sha256("bad\n"), "block", URL))
    kept.save(msgspec.structs.replace(meta, turned=Turned(held, "bad", 60.0), sha256=held.sha256))
    kept.turned(held).write_text("worse\n")
    found = kept.load()
    assert (found.turned, found.etag, found.current) == (None, "", meta.current)
    assert not kept.turned(held).exists()


def test_what_is_not_known_of_is_removed(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path)
    before = files(kept)
    kept.scratch().write_text("half")
    stray = kept.scratch()
    stray.write_text("2\n")
    kept.adopt(stray, Held(sha256("2\n"), "block"))  # and nobody wrote it down
    (kept.directory / "versions" / "notes").write_text("somebody's")
    assert kept.load() == meta
    assert files(kept) == [*before, "versions/notes"]


def test_unknown_keys_of_a_newer_lull_do_no_harm(tmp_path: pathlib.Path) -> None:
    kept, meta = stored(tmp_path)
    path = kept.directory / "meta.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"colour": "red"}))
    assert kept.load() == meta


def test_a_directory_that_cannot_be_made(tmp_path: pathlib.Path) -> None:
    (tmp_path / "ads").write_text("in the way")
    kept = Kept(tmp_path, "ads")
    with pytest.raises(ListError, match="ads cannot be written: "):
        kept.scratch()
    assert not kept.save(Meta(url="x"))  # said in the log, survived
    assert kept.load() == Meta()


def former(root: pathlib.Path, text: str = "||old.example^\n", **more: object) -> pathlib.Path:
    """A list as older Lulls left it."""
    directory = root / "ads"
    directory.mkdir()
    (directory / "list").write_text(text)
    status = (directory / "list").stat()
    meta = {
        "url": URL,
        "kind": "allow",
        "etag": '"7"',
        "last_modified": "",
        "fetched": 50.0,
        "changed": 40.0,
        "sha256": sha256(text),
        "bytes": len(text),
        "rules": 1,
        "stored": {"size": status.st_size, "mtime_ns": status.st_mtime_ns, "inode": status.st_ino},
        "seen": None,
        "checked": 60.0,
        "failures": 0,
        "error": "",
        "next_try": 99.0,
    }
    (directory / "meta.json").write_text(json.dumps(meta | more))
    return directory


def test_the_version_of_an_older_lull_is_taken_over(tmp_path: pathlib.Path) -> None:
    former(tmp_path)
    kept = Kept(tmp_path, "ads")
    meta = kept.load()
    assert texts(kept, meta) == ["||old.example^\n"]
    held = meta.versions[0]
    assert (held.url, held.kind, held.received, held.rules, held.bytes) == (URL, "allow", 50.0, 1, 15)
    assert (meta.etag, meta.changed, meta.checked, meta.next_try) == ('"7"', 40.0, 60.0, 99.0)
    assert files(kept) == ["meta.json", f"versions/{held.sha256}.allow"]
    assert Kept(tmp_path, "ads").load() == meta


def test_a_version_of_an_older_lull_without_its_meta(tmp_path: pathlib.Path) -> None:
    (former(tmp_path) / "meta.json").write_text("{")
    meta = Kept(tmp_path, "ads").load()
    assert meta.version is not None
    assert (meta.version.sha256, meta.version.kind, meta.etag) == (sha256("||old.example^\n"), "block", "")


def test_a_version_of_an_older_lull_that_was_edited_is_asked_for_anew(tmp_path: pathlib.Path) -> None:
    (former(tmp_path) / "list").write_text("||new.example^\n")
    meta = Kept(tmp_path, "ads").load()
    assert (meta.current, meta.etag, meta.next_try) == (sha256("||new.example^\n"), "", 0.0)
