import pathlib

from resolver.store.database import Database
from resolver.store.face import Store
from resolver.store.keeper import Keeper
from resolver.store.pauses import NewPause, pause
from tests.store.making import NOON, StillClock, look


def test_the_time_is_that_of_the_ends(database: Store, clock: StillClock) -> None:
    keeper = Keeper(database, clock)
    clock.wrong = 50.0
    assert keeper.now() == NOON + 50, "nothing is known yet"
    keeper.clock_moved("boot", clock.offset, clock.time())
    clock.wrong = 50.75
    assert keeper.now() == NOON + 50.75, "it drifts"
    clock.wrong = 9000.0
    assert keeper.now() == NOON + 50, "it was set, and the ends are still as they were"
    keeper.clock_moved("boot", clock.offset, clock.time())
    assert keeper.now() == NOON + 9000


def test_following_a_clock_that_nobody_set_costs_nothing(
    database: Database, clock: StillClock, path: pathlib.Path
) -> None:
    keeper = Keeper(database, clock)
    keeper.clock_moved("boot", clock.offset, clock.time())
    database.close()
    assert keeper.clock_moved("boot", clock.offset + 0.5, clock.time()) == 0.0


def test_another_database_in_its_place_is_read(
    database: Database, clock: StillClock, path: pathlib.Path, tmp_path: pathlib.Path
) -> None:
    keeper = Keeper(database, clock)
    keeper.change("ada", "pause", lambda _, trail: pause(trail, NewPause(NOON + 60, "tv")))
    other = Database.open(tmp_path / "other.db", clock)
    Keeper(other, clock).change("bob", "pause", lambda _, trail: pause(trail, NewPause(NOON + 90, "phone")))
    other.close()
    assert [one.client for one in keeper.known().pauses] == ["tv"]
    (tmp_path / "other.db").rename(path)
    database.probe()
    assert [one.client for one in keeper.known().pauses] == ["phone"]


def test_a_change_tells_itself(database: Database, clock: StillClock, path: pathlib.Path) -> None:
    keeper = Keeper(database, clock)
    told: list[int] = []
    _, made = keeper.change(
        "ada", "pause", lambda _, trail: pause(trail, NewPause(NOON + 60)), lambda _, number: told.append(number)
    )
    assert made is not None
    assert (made.id, made.who, made.what, told) == (1, "ada", "pause", [1])
    assert keeper.change("ada", "nothing", lambda _, __: 5) == (5, None)
    assert look(path, "SELECT id FROM changes") == [(1,)]
