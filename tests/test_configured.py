"""The config in force: from the snapshot, from the file again, and from a restore."""

from __future__ import annotations

import asyncio
import pathlib

import msgspec
import pytest

from resolver.backup.steps import Replace
from resolver.backup.taking import PLAN, WORK, Plan, commit, last, pending, root
from resolver.config.load import Overrides
from resolver.configured import Configured
from resolver.errors import ConfigError
from resolver.lists.catalogue import Catalogue
from resolver.paths import shipped
from resolver.process import Snapshot, SystemClock


class House:
    """A config file, its snapshot and a state directory."""

    def __init__(self, directory: pathlib.Path) -> None:
        self.state = directory / "state"
        self.file = directory / "lull.yaml"
        self.state.mkdir()
        self.file.write_text(self.config())
        self.snapshot = Snapshot.make(self.file.read_bytes())
        self.configured = Configured(self.file, self.snapshot, Overrides(), Catalogue.load(), self.state)

    def config(self, more: str = "") -> str:
        return f"state: {self.state}\nlists: [starter]\n{more}"

    def stage(self, text: str, schema: str = "") -> None:
        """Have a restore with this config wait to be taken."""
        work = root(self.state) / f"{WORK}1"
        work.mkdir(parents=True)
        before, source = work / "before", self.file.with_name(".lull.yaml.restoring")
        before.write_bytes(self.file.read_bytes())
        source.write_text(text)
        plan = Plan("1", 1.0, [Replace(str(source), str(self.file), str(before))], True, schema)
        (work / PLAN).write_bytes(msgspec.json.encode(plan))
        commit(work)


@pytest.fixture
def house(tmp_path: pathlib.Path) -> House:
    return House(tmp_path)


def test_it_begins_with_the_snapshot_whatever_the_file_says(house: House) -> None:
    house.file.write_text("nothing: 1")
    config = house.configured.begin(SystemClock())
    assert [one.id for one in config.lists] == ["starter"]
    assert house.configured.trouble == ""


def test_the_file_is_read_again(house: House) -> None:
    before = house.configured.begin(SystemClock())
    house.file.write_text(house.config("rules: ['deny x.example']\n"))
    config = house.configured.again(before)
    assert [rule.name for rule in config.rules] == ["x.example"]
    assert house.snapshot.read() == house.file.read_bytes() == house.configured.data()
    assert house.configured.trouble == ""


def test_one_with_mistakes_changes_nothing(house: House) -> None:
    before = house.configured.begin(SystemClock())
    good = house.snapshot.read()
    house.file.write_text("nothing: 1")
    with pytest.raises(ConfigError):
        house.configured.again(before)
    assert house.snapshot.read() == good


def test_what_needs_a_restart_is_told(house: House) -> None:
    before = house.configured.begin(SystemClock())
    more = "dns: {listen: ['127.0.0.1:5300'], workers: 2}\nadmin: {listen: '127.0.0.1:5301'}\n"
    house.file.write_text(house.config(more))
    house.configured.again(before)
    assert house.configured.trouble == "a restart is needed for dns.listen, dns.workers, admin.listen"


def test_a_restore_that_waits_is_taken_and_its_config_is_in_force(house: House) -> None:
    house.stage(house.config("dns: {listen: ['127.0.0.1:5300']}\nrules: ['deny x.example']\n"))
    config = house.configured.begin(SystemClock())
    assert [rule.name for rule in config.rules] == ["x.example"]
    assert house.snapshot.read() == house.file.read_bytes()
    assert house.configured.trouble == "a restart is needed for dns.listen"
    assert pending(house.state) is None
    outcome = last(house.state)
    assert outcome is not None
    assert outcome.state == "taken"


def test_a_config_that_cannot_be_used_after_all_leaves_the_one_before(house: House) -> None:
    house.stage("nothing: 1\n")
    config = house.configured.begin(SystemClock())
    assert [one.id for one in config.lists] == ["starter"]
    assert "cannot be used" in house.configured.trouble


def test_a_restore_that_waits_for_the_database_is_told_and_taken_when_it_is_back(house: House) -> None:
    house.stage(house.config("rules: ['deny x.example']\n"), schema="lull_restore_1")
    config = house.configured.begin(SystemClock())
    assert config.rules == ()
    assert "waits for the database" in house.configured.trouble
    assert pending(house.state) is not None

    async def scenario(monkeypatch: pytest.MonkeyPatch) -> int:
        monkeypatch.setattr("resolver.configured._AGAIN", 0.01)
        looks, started = iter([False, False, True]), []
        await asyncio.wait_for(house.configured.keep(lambda: next(looks), lambda: started.append(1)), 5)
        return len(started)

    with pytest.MonkeyPatch.context() as monkeypatch:
        assert asyncio.run(scenario(monkeypatch)) == 1


def test_where_nothing_waits_nothing_is_looked_at(house: House) -> None:
    house.configured.begin(SystemClock())
    asyncio.run(asyncio.wait_for(house.configured.keep(lambda: 1 // 0 == 0, lambda: None), 1))


def test_a_plan_that_cannot_be_read_keeps_nobody_from_starting(house: House) -> None:
    root(house.state).mkdir()
    (root(house.state) / PLAN).write_text("{")
    config = house.configured.begin(SystemClock())
    assert [one.id for one in config.lists] == ["starter"]
    assert "plan.json" in house.configured.trouble


def test_the_config_that_ships_is_nobodys(house: House) -> None:
    file = shipped("config", "lull.yaml")
    snapshot = Snapshot.make(file.read_bytes())
    assert Configured(file, snapshot, Overrides(), Catalogue.load(), house.state).data() is None
