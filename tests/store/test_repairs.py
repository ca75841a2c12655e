from resolver.store import repairs
from resolver.store.people import PeopleStore
from resolver.store.repairs import Repair
from tests.store.making import NOON, StillClock, remember


def test_one_at_a_time_for_a_site_and_a_device(people: PeopleStore, clock: StillClock) -> None:
    first = Repair("news.example", "tv", '{"step": 1}', NOON + 600)
    other = Repair("news.example", "phone", "{}", NOON + 700)
    remember(people, first)
    remember(people, other)
    assert people.repairs() == [other, first]
    second = Repair("news.example", "tv", '{"step": 2}', NOON + 900)
    remember(people, second)
    assert people.repairs() == [other, second]
    people.change("", "", lambda connection, _: repairs.remove(connection, "news.example", "tv"))
    assert people.repairs() == [other]
    assert people.changes() == []
    clock.now += 700
    assert people.repairs() == []
