"""The config in force: from the snapshot, from the file again, and from a restore."""

from __future__ import annotations

import asyncio
import pathlib
import stat
from collections.abc import Callable

import msgspec
import pytest

from resolver.backup.steps import Replace
from resolver.backup.taking import PLAN, WORK, Plan, commit, last, pending, root
from resolver.config.chosen import Choice
from resolver.config.load import Overrides
from resolver.config.settled import Settled
from resolver.configured import Configured, Renewing
from resolver.errors import ConfigError, StoreError
from resolver.lists.catalogue import Catalogue
from resolver.paths import choices_file, shipped
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
    config = house.configured.begin(SystemClock()).config
    assert [one.id for one in config.lists] == ["starter"]
    assert house.configured.trouble == ""


def test_the_file_is_read_again(house: House) -> None:
    house.configured.begin(SystemClock())
    house.file.write_text(house.config("rules: ['deny x.example']\n"))
    config = house.configured.again().config
    assert [rule.name for rule in config.rules] == ["x.example"]
    assert house.snapshot.read() == house.file.read_bytes() == house.configured.data()
    assert house.configured.trouble == ""


def test_one_with_mistakes_changes_nothing(house: House) -> None:
    house.configured.begin(SystemClock())
    good = house.snapshot.read()
    house.file.write_text("nothing: 1")
    with pytest.raises(ConfigError):
        house.configured.again()
    assert house.snapshot.read() == good


def test_what_needs_a_restart_is_told(house: House) -> None:
    house.configured.begin(SystemClock())
    more = "dns: {listen: ['127.0.0.1:5300'], workers: 2}\nadmin: {listen: '127.0.0.1:5301'}\n"
    house.file.write_text(house.config(more))
    house.configured.again()
    assert house.configured.trouble == "a restart is needed for dns.listen, dns.workers, admin.listen"
    house.configured.again()
    assert house.configured.trouble == "a restart is needed for dns.listen, dns.workers, admin.listen", "still"
    house.file.write_text(house.config())
    house.configured.again()
    assert house.configured.trouble == ""


def test_a_restore_that_waits_is_taken_and_its_config_is_in_force(house: House) -> None:
    house.stage(house.config("dns: {listen: ['127.0.0.1:5300']}\nrules: ['deny x.example']\n"))
    config = house.configured.begin(SystemClock()).config
    assert [rule.name for rule in config.rules] == ["x.example"]
    assert house.snapshot.read() == house.file.read_bytes()
    assert house.configured.trouble == "a restart is needed for dns.listen"
    assert pending(house.state) is None
    outcome = last(house.state)
    assert outcome is not None
    assert outcome.state == "taken"


def test_a_config_that_cannot_be_used_after_all_leaves_the_one_before(house: House) -> None:
    house.stage("nothing: 1\n")
    config = house.configured.begin(SystemClock()).config
    assert [one.id for one in config.lists] == ["starter"]
    assert "cannot be used" in house.configured.trouble


def test_a_restore_that_waits_for_the_database_is_told_and_taken_when_it_is_back(house: House) -> None:
    house.stage(house.config("rules: ['deny x.example']\n"), schema="lull_restore_1")
    config = house.configured.begin(SystemClock()).config
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
    config = house.configured.begin(SystemClock()).config
    assert [one.id for one in config.lists] == ["starter"]
    assert "plan.json" in house.configured.trouble


def test_the_config_that_ships_is_nobodys(house: House) -> None:
    file = shipped("config", "lull.yaml")
    snapshot = Snapshot.make(file.read_bytes())
    assert Configured(file, snapshot, Overrides(), Catalogue.load(), house.state).data() is None


def test_what_was_chosen_is_remembered_for_a_start_without_the_database(house: House) -> None:
    house.configured.begin(SystemClock())
    chosen = (Choice("log.keep", "7d", "anna (192.0.2.7)", 1.5), Choice("strategy", "random"))
    assert house.configured.choose(chosen).config.strategy == "random"
    mirror = choices_file(house.state)
    assert stat.S_IMODE(mirror.stat().st_mode) == 0o600
    again = Configured(house.file, house.snapshot, Overrides(), Catalogue.load(), house.state)
    settled = again.begin(SystemClock())
    assert (settled.choices, again.choices) == (chosen, chosen)
    assert (settled.config.log.keep, settled.config.strategy, again.trouble) == (7 * 86400.0, "random", "")


@pytest.mark.parametrize("text", ["", "[{", '[{"path": 1}]', "\xff"])
def test_what_was_chosen_and_cannot_be_read_keeps_nobody_from_starting(house: House, text: str) -> None:
    choices_file(house.state).write_text(text, "latin-1")
    assert house.configured.begin(SystemClock()).choices == ()


def test_what_no_longer_fits_is_left_out_and_told_and_comes_back(house: House) -> None:
    house.configured.begin(SystemClock())
    house.configured.choose([Choice("groups.kids.lists", ["mine"]), Choice("strategy", "random")])
    assert "what was chosen for groups.kids.lists no longer fits" in house.configured.trouble
    house.file.write_text(house.config().replace("[starter]", "[starter, {id: mine, url: 'https://x.example/a'}]"))
    settled = house.configured.again()
    assert (settled.config.groups["kids"].lists, house.configured.trouble) == (("mine",), "")
    house.file.write_text(house.config("admin: {listen: '127.0.0.1:5301'}\n"))
    house.configured.again()
    first, second = house.configured.trouble.split("; ", 1)
    assert first == "a restart is needed for admin.listen"
    assert second.startswith("what was chosen for groups.kids.lists")


def test_what_could_not_come_into_force_is_tried_again(house: House) -> None:
    house.configured.begin(SystemClock())
    good = house.snapshot.read()
    renewed = Renewed(house, lambda: (Choice("strategy", "random"),))
    house.snapshot.write(b"nothing: 1")
    assert "the config is refused" in asyncio.run(renewed.renewing.choose())
    house.snapshot.write(good)
    assert asyncio.run(renewed.renewing.choose()) == ""
    assert [one.config.strategy for one in renewed.taken] == ["random"]


def test_what_cannot_be_written_holds_all_the_same(house: House) -> None:
    house.configured.begin(SystemClock())
    choices_file(house.state).mkdir()
    assert house.configured.choose([Choice("strategy", "random")]).config.strategy == "random"


class Renewed:
    """A daemon in which the config is exchanged, and what it was told."""

    def __init__(self, house: House, choices: Callable[[], tuple[Choice, ...]]) -> None:
        self.taken: list[Settled] = []
        self.told: list[str] = []
        self.renewing = Renewing(house.configured, choices, self._take, self.told.append)

    async def _take(self, settled: Settled) -> str:
        self.taken.append(settled)
        return ""


def test_choices_come_into_force_once(house: House) -> None:
    house.configured.begin(SystemClock())
    renewed = Renewed(house, lambda: (Choice("strategy", "random"),))
    assert [asyncio.run(renewed.renewing.choose()) for _ in range(2)] == ["", ""]
    assert [one.config.strategy for one in renewed.taken] == ["random"]
    assert renewed.told == [""]


def test_without_the_database_it_begins_with_what_was_last_known(house: House) -> None:
    def away() -> tuple[Choice, ...]:
        raise StoreError("it is away")

    settled = house.configured.begin(SystemClock())
    renewed = Renewed(house, away)
    assert renewed.renewing.begin(settled) is settled
    assert "it is away" in asyncio.run(renewed.renewing.choose())
    assert renewed.taken == []
    there = Renewed(house, lambda: (Choice("strategy", "random"),))
    assert there.renewing.begin(settled).config.strategy == "random"


def test_a_config_that_is_refused_is_told_and_the_one_before_stays(house: House) -> None:
    house.configured.begin(SystemClock())
    renewed = Renewed(house, tuple)
    house.file.write_text("nothing: 1")
    asyncio.run(renewed.renewing.read_again())
    assert (renewed.taken, len(renewed.told)) == ([], 1)
    assert renewed.told[0].startswith("the config is refused, the one before stays in force:")
    house.file.write_text(house.config("strategy: sticky\n"))
    asyncio.run(renewed.renewing.read_again())
    assert [one.config.strategy for one in renewed.taken] == ["sticky"]
    assert renewed.told[1] == ""
