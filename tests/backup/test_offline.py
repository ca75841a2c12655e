"""Backup and restore of a directory that nobody uses."""

from __future__ import annotations

import io
import pathlib

import pytest

from resolver.backup.offline import Offline
from resolver.backup.reading import Reading, check
from resolver.backup.taking import WORK, commit, pending, root
from resolver.errors import BackupError, ConfigError
from tests.backup.house import House


def _offline(house: House) -> Offline:
    return Offline(house.file, house.state, house.clock)


def _backup(house: House, *, log: bool = True) -> pathlib.Path:
    path = house.directory.parent / "backup.tar.gz"
    with path.open("wb") as out:
        _offline(house).back_up(out.write, log=log)
    return path


def test_out_and_in_again(house: House) -> None:
    people, log = house.people(), house.log()
    path = _backup(house)
    for gone in house.state.glob("lull.db*"):
        gone.unlink()
    staged, outcome = _offline(house).restore(path, lambda _what, _percent: None, config=True)
    assert (outcome.state, outcome.id) == ("taken", staged.id)
    assert (house.people(), house.log()) == (people, log)


def test_a_directory_without_a_database_is_none(tmp_path: pathlib.Path) -> None:
    house = House(tmp_path / "house")
    house.begin()
    for gone in house.state.glob("lull.db*"):
        gone.unlink()
    out = io.BytesIO()
    with pytest.raises(BackupError, match="is that the state directory"):
        _offline(house).back_up(out.write, log=True)
    assert not out.getvalue()
    assert not list(house.state.glob("lull.db*"))


def test_a_config_with_mistakes_is_told(house: House) -> None:
    house.file.write_text("nothing: 1\n")
    with pytest.raises(ConfigError):
        _offline(house).back_up(io.BytesIO().write, log=False)


def test_a_restore_that_waits_is_taken_before_a_backup(house: House) -> None:
    path = _backup(house)
    people = house.people()
    with house.database() as database:
        from sqlalchemy import delete

        from resolver.store.tables import rules

        database.run(lambda connection: connection.execute(delete(rules)))
    house.stage(path)
    commit(root(house.state) / f"{WORK}1")
    _backup(house)
    assert pending(house.state) is None
    assert house.people() == people


def test_into_an_empty_place(house: House, tmp_path: pathlib.Path) -> None:
    """Config and all, as on a new machine on which nothing ever ran."""
    people = house.people()
    path = _backup(house)
    house.state.rename(tmp_path / "gone")
    house.state.mkdir()
    house.file.unlink()
    house.mine.unlink()
    _, outcome = _offline(house).restore(path, lambda _what, _percent: None, config=True)
    assert outcome.state == "taken"
    assert house.people() == people
    assert house.file.exists()
    assert house.mine.exists()


def test_the_config_and_own_lists_are_in_it(house: House) -> None:
    path = _backup(house, log=False)
    assert {"config.yaml", "files/mine"} <= set(check(path, 1 << 30).members)
    with path.open("rb") as file:
        reading = Reading(file)
        found = {header.name: reading.read() for header in reading.members()}
    assert found["config.yaml"] == house.file.read_bytes()
    assert found["files/mine"] == house.mine.read_bytes()
