"""Out and in again: what was there is there again, in the same house and in another one."""

from __future__ import annotations

import pathlib
import stat

import msgspec

from resolver.backup.reading import check
from resolver.backup.taking import pending, root
from resolver.lists.versions import Kept
from resolver.store.people import PeopleStore
from resolver.store.rules import NewRule
from tests.backup.house import House
from tests.store import adding_up
from tests.store.making import look


def _backup(house: House, *, log: bool = True) -> pathlib.Path:
    return house.back_up(house.directory.parent / "backup.tar.gz", log=log)


def _other(house: House) -> House:
    """Another machine, where the same state directory is empty."""
    house.state.rename(house.directory / "state.before")
    other = House(house.directory)
    other.state.mkdir(mode=0o700)
    with other.database():
        pass
    return other


def test_everything_comes_back(house: House) -> None:
    people, log = house.people(), house.log()
    assert all(people.values()), "a table that nothing is in shows nothing"
    assert all(log.values())
    config, mine = house.file.read_bytes(), house.mine.read_bytes()
    path = _backup(house)
    other = _other(house)
    other.file.write_text(f"state: {other.state}\n")
    other.mine.unlink()
    staged, outcome = other.restore(path)
    assert outcome.state == "taken"
    assert other.people() == people
    assert other.log() == log
    assert (other.file.read_bytes(), other.mine.read_bytes()) == (config, mine)
    assert staged.rows["rules"] == 3
    assert staged.log == len(log["rows"])
    assert staged.lists == 1
    assert staged.notes == []


def test_what_is_kept_beside_the_rows_adds_up(house: House) -> None:
    path = _backup(house)
    other = _other(house)
    other.restore(path)
    made = frozenset(day for (day,) in look(other.state / "lull.db", "SELECT DISTINCT day FROM day_facets"))
    assert made
    adding_up.check(other.state / "lull.db", made=made)  # type: ignore[arg-type]


def test_without_the_log(house: House) -> None:
    people = house.people()
    path = _backup(house, log=False)
    assert not any(name.startswith("log/") for name in check(path, 1 << 30).members)
    other = _other(house)
    staged, _ = other.restore(path)
    assert staged.log is None
    assert other.people() == people
    assert not any(other.log().values())


def test_a_second_backup_is_the_same(house: House) -> None:
    first = check(_backup(house), 1 << 30)
    other = _other(house)
    other.restore(_backup_path(house))
    second = check(other.back_up(house.directory.parent / "second.tar.gz"), 1 << 30)
    assert second.members == first.members


def _backup_path(house: House) -> pathlib.Path:
    return house.directory.parent / "backup.tar.gz"


def test_versions_from_before_the_one_in_force_are_left_out(house: House) -> None:
    before, meta = house.lists(), house.meta()
    path = _backup(house)
    other = _other(house)
    other.restore(path)
    old = meta.older[0].sha256
    assert set(other.lists()) == {name for name in before if old not in name}
    found = other.meta()
    assert found == msgspec.structs.replace(meta, versions=meta.versions[:2])
    assert (len(found.left), found.older) == (1, ())
    loaded = Kept(other.state / "lists", "ads").load()
    assert loaded.version is not None
    assert (loaded.version.sha256, loaded.note) == (meta.current, "it broke the shop")
    assert loaded.turned is not None


def test_the_list_in_force_is_found_without_what_is_known_of_it(house: House) -> None:
    path = _backup(house)
    other = _other(house)
    other.restore(path)
    current = other.meta().current
    (other.state / "lists" / "ads" / "meta.json").unlink()
    found = Kept(other.state / "lists", "ads").load().version
    assert found is not None
    assert found.sha256 == current


def test_an_id_that_was_given_is_not_given_again(house: House) -> None:
    with house.database() as database:
        people = PeopleStore(database, house.clock)
        last = people.add(NewRule("deny", "last.example")).rule.id
        people.delete(last)
    path = _backup(house)
    other = _other(house)
    other.restore(path)
    with other.database() as database:
        assert PeopleStore(database, house.clock).add(NewRule("deny", "next.example")).rule.id > last


def test_undo_goes_on(house: House) -> None:
    path = _backup(house)
    other = _other(house)
    other.restore(path)
    with other.database() as database:
        people = PeopleStore(database, house.clock)
        (deleted,) = [one for one in people.changes() if one.what.startswith("delete")]
        people.undo(deleted.id)
        assert "gone.example" in {rule.name for rule in people.rules()}


def test_the_state_before_is_gone_and_nothing_is_left_over(house: House) -> None:
    path = _backup(house)
    with house.database() as database:
        PeopleStore(database, house.clock).add(NewRule("deny", "later.example"))
    (house.state / "lists" / "later").mkdir()
    house.restore(path)
    assert "later.example" not in str(house.people()["rules"])
    assert not (house.state / "lists" / "later").exists()
    assert [one.name for one in root(house.state).iterdir()] == ["last.json"]
    assert pending(house.state) is None
    assert sorted(one.name for one in house.directory.iterdir()) == ["lull.yaml", "mine.txt", "state"]
    assert {one.name for one in house.state.iterdir()} <= {"lull.db", "lists", "restore"}


def test_files_stay_private_and_the_config_as_it_was(house: House) -> None:
    path = _backup(house)
    house.file.write_text(f"state: {house.state}\n")
    house.restore(path)
    modes = {one: stat.S_IMODE(one.stat().st_mode) for one in (house.file, house.state / "lull.db")}
    assert list(modes.values()) == [0o640, 0o600]
    assert [one for one in house.state.rglob("*") if stat.S_IMODE(one.stat().st_mode) & 0o077] == []


def test_without_config(house: House) -> None:
    people = house.people()
    path = _backup(house)
    other = _other(house)
    config = f"state: {other.state}\nlists: [starter]\n"
    other.file.write_text(config)
    other.mine.write_text("changed\n")
    staged, _ = other.restore(path, config=False)
    assert not staged.config
    assert (other.file.read_text(), other.mine.read_text()) == (config, "changed\n")
    assert other.people() == people
