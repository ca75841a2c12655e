"""What is refused is refused before anything was changed."""

from __future__ import annotations

import pathlib

import msgspec
import pytest

from resolver.backup.taking import pending, root
from resolver.errors import BackupError, ConfigError
from tests.backup.archives import plain, whole, write
from tests.backup.house import House


def _backup(house: House) -> pathlib.Path:
    return house.back_up(house.directory.parent / "backup.tar.gz")


def _refused(house: House, path: pathlib.Path, reason: str, error: type[Exception] = BackupError) -> None:
    before = (house.people(), house.lists(), house.file.read_bytes(), house.mine.read_bytes())
    with pytest.raises(error, match=reason):
        house.stage(path)
    assert (house.people(), house.lists(), house.file.read_bytes(), house.mine.read_bytes()) == before
    assert sorted(one.name for one in house.directory.iterdir()) == ["lull.yaml", "mine.txt", "state"]
    assert list(root(house.state).iterdir()) == []
    assert pending(house.state) is None


def test_a_config_that_cannot_be_written_is_refused_before_anything(house: House) -> None:
    path = _backup(house)
    house.file.write_text(f"state: {house.state}\n")
    config = house.file.read_bytes()
    house.file.unlink()
    house.file.mkdir()
    with pytest.raises(BackupError, match=r"lull\.yaml cannot be written .* --without-config"):
        house.stage(path)
    house.file.rmdir()
    house.file.write_bytes(config)


def test_a_config_for_another_place_is_refused(house: House) -> None:
    path = _backup(house)
    house.state.rename(house.directory / "elsewhere")
    house.state = house.directory / "elsewhere"
    with pytest.raises(
        BackupError, match=r"has its state in .*/state, and this Lull has it in .*/elsewhere.*--without-config"
    ):
        house.stage(path)
    house.file.write_text(f"state: {house.state}\n")
    house.stage(path, config=False)


def _with(house: House, name: str, data: bytes) -> pathlib.Path:
    """A backup with this member instead of all others."""
    return write(house.directory.parent / "made.tar.gz", plain(whole({name: data})))


_RULES = "rows/rules/000001.jsonl"
_RULE = (
    b'{"id": 1, "action": "deny", "name": "%s", "client": "", "group": "", "until": null, "comment": "", '
    b'"created": 1.0, "origin": "api", "exact": false, "text": "", "who": ""}\n'
)


def test_a_config_with_mistakes_is_refused(house: House) -> None:
    _refused(house, _with(house, "config.yaml", b"dns: {nothing: 1}\n"), "nothing", ConfigError)
    _refused(house, _with(house, "config.yaml", b"\xff{["), "lull.yaml", ConfigError)


def test_rows_that_cannot_be_are_refused(house: House) -> None:
    _refused(house, _with(house, _RULES, b"{}\n"), r"rows/rules/000001\.jsonl:1: ")
    _refused(house, _with(house, _RULES, _RULE % b"a.example" * 2), "two of its rows are one")
    change = b'{"id": 1, "at": 1.0, "who": "", "what": "x", "items": "not json", "undone": null}\n'
    _refused(house, _with(house, "rows/changes/000001.jsonl", change), "changes")


def test_rows_that_no_policy_can_be_made_of_are_refused(house: House) -> None:
    device = b'{"id": 1, "name": "tv", "group": "", "mac": "", "host": "", "first": 1.0, "last": 9e9, "privacy": ""}'
    address = b'{"address": "nowhere", "device": 1, "first": 1.0, "last": 9e9}'
    rows = {"rows/devices/000001.jsonl": device, "rows/addresses/000001.jsonl": address}
    path = write(house.directory.parent / "made.tar.gz", plain(whole(rows)))
    _refused(house, path, "no policy can be made of it: .*nowhere")


def test_what_is_known_of_a_list_must_be_right(house: House) -> None:
    _refused(house, _with(house, "lists/ads/meta.json", b"{"), r"lists/ads/meta\.json")
    meta = msgspec.json.encode(house.meta())
    _refused(house, _with(house, "lists/ads/meta.json", meta), "is missing")
    sha = "0" * 64
    members = {"lists/ads/meta.json": b"{}", f"lists/ads/versions/{sha}.block": b"something else"}
    path = write(house.directory.parent / "made.tar.gz", plain(whole(members)))
    _refused(house, path, "is not what its name says")


def test_a_full_disk_is_told_before_anything(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _backup(house)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": (64 << 20) + 3000})())
    _refused(house, path, "there is room for: make room")
