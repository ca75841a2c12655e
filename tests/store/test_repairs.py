from resolver.store.people import PeopleStore
from resolver.store.repairs import Repair
from tests.store.making import NOON, StillClock


def test_one_at_a_time_for_a_site_and_a_device(people: PeopleStore, clock: StillClock) -> None:
    first = Repair("news.example", "tv", '{"step": 1}', NOON + 600)
    other = Repair("news.example", "phone", "{}", NOON + 700)
    people.put_repair(first)
    people.put_repair(other)
    assert people.repair("news.example", "tv") == first
    second = Repair("news.example", "tv", '{"step": 2}', NOON + 900)
    people.put_repair(second)
    assert people.repairs() == [other, second]
    people.delete_repair("news.example", "tv")
    assert people.repair("news.example", "tv") is None
    assert people.changes() == []
    clock.now += 700
    assert people.repair("news.example", "phone") is None
