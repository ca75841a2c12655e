import pytest

from resolver.journal.frames import Row
from resolver.lists.watchdog import NAMES, QUERIES, REPEATS, WINDOW, Bite, Watchdog
from resolver.model import Exchange

SWAP = 1_000.0


def row(
    name: str,
    verdict: str = "pass",
    source: str = "",
    *,
    client: str = "192.0.2.10",
    group: str = "default",
    count: int = 1,
) -> Row:
    return Row(client, group, Exchange(name, 1, 0, "upstream", verdict, source), count, 90)


def site(number: int) -> str:
    return f"site{number}.example"


def blocked(*numbers: int, source: str = "ads", count: int = 1) -> list[Row]:
    return [row(site(number), "block", source, count=count) for number in numbers]


def answered(*numbers: int, count: int = 1) -> list[Row]:
    return [row(site(number), count=count) for number in numbers]


def watching(*lists: str, names: int = 100) -> Watchdog:
    """A watchdog that knows so many names, and has been told of these lists."""
    watchdog = Watchdog()
    assert watchdog.take(answered(*range(names)), SWAP - 60, 10) == []
    watchdog.swapped(lists or ("ads",), SWAP)
    return watchdog


def test_a_list_that_blocks_what_was_answered_is_taken_back_once() -> None:
    watchdog = watching()
    assert watchdog.take(answered(*range(69)), SWAP + 1, 10) == []
    note = "it blocked 31 % of the queries for names that were answered before, such as site69.example, "
    bites = watchdog.take(blocked(*range(69, 100)), SWAP + 2, 10)
    assert bites == [Bite("ads", f"{note}site70.example, site71.example")]
    assert watchdog.take(blocked(*range(100)), SWAP + 3, 10) == []


@pytest.mark.parametrize(
    ("share", "percent", "bites"), [(10, 10, 0), (11, 10, 1), (30, 30, 0), (31, 30, 1), (100, 0, 0), (100, 100, 0)]
)
def test_the_threshold_is_the_config_s(share: int, percent: int, bites: int) -> None:
    watchdog = watching()
    assert len(watchdog.take([*answered(*range(share, 100)), *blocked(*range(share))], SWAP + 1, percent)) == bites


def test_a_few_queries_prove_nothing() -> None:
    watchdog = watching()
    assert watchdog.take(blocked(*range(QUERIES - 1)), SWAP + 1, 10) == []
    assert watchdog.take(blocked(QUERIES), SWAP + 2, 10) != []


def test_one_name_alone_proves_nothing_however_often_it_is_asked_for() -> None:
    watchdog = watching()
    assert watchdog.take(answered(*range(45)), SWAP + 1, 10) == []
    for second in range(60):
        assert watchdog.take(blocked(99, 98, count=50), SWAP + 2 + second, 10) == []


def test_a_program_that_does_not_give_up_counts_a_few_times_only() -> None:
    watchdog = watching()
    insistent = blocked(97, 98, 99, count=10_000)
    assert watchdog.take([*answered(*range(90), count=9), *insistent], SWAP + 1, 4) == []  # 30 of 840
    assert watchdog.take([row(site(97), "block", "ads", client="192.0.2.11", count=10_000)], SWAP + 2, 4) != []
    assert REPEATS == 10


def test_names_that_were_not_answered_before_do_not_count() -> None:
    watchdog = watching(names=50)
    trackers = blocked(*range(1_000, 1_200))
    assert watchdog.take(trackers, SWAP + 1, 10) == []
    assert watchdog.take(answered(*range(2_000, 2_100)), SWAP + 2, 10) == []
    assert watchdog.take(blocked(*range(2_000, 2_100)), SWAP + 3, 10) == []  # answered, but after


def test_what_was_blocked_last_before_the_swap_does_not_count() -> None:
    watchdog = Watchdog()
    watchdog.take(answered(*range(100)), SWAP - 60, 10)
    watchdog.take(blocked(*range(100)), SWAP - 30, 10)
    watchdog.swapped({"ads"}, SWAP)
    assert watchdog.take(blocked(*range(100)), SWAP + 1, 10) == []


@pytest.mark.parametrize("source", ["pause", "rules"])
def test_what_people_allowed_for_a_while_does_not_count(source: str) -> None:
    watchdog = Watchdog()
    watchdog.take([row(site(number), "allow", source) for number in range(100)], SWAP - 60, 10)
    watchdog.swapped({"ads"}, SWAP)
    assert watchdog.take(blocked(*range(100)), SWAP + 1, 10) == []


def test_what_people_deny_is_no_list_s_fault() -> None:
    watchdog = watching("rules")
    assert watchdog.take(blocked(*range(100), source="rules"), SWAP + 1, 10) == []


def test_what_lists_allow_counts() -> None:
    watchdog = Watchdog()
    watchdog.take([row(site(number), "allow", "good") for number in range(100)], SWAP - 60, 10)
    watchdog.swapped({"ads"}, SWAP)
    assert watchdog.take(blocked(*range(100)), SWAP + 1, 10) != []


def test_what_one_group_may_see_says_nothing_of_another() -> None:
    watchdog = watching()
    kids = [row(site(number), "block", "ads", group="kids") for number in range(100)]
    assert watchdog.take(kids, SWAP + 1, 10) == []


def test_lists_that_did_not_change_are_not_at_fault() -> None:
    watchdog = watching("ads")
    assert watchdog.take(blocked(*range(100), source="other"), SWAP + 1, 10) == []


def test_an_answer_of_the_list_s_own_is_no_answer() -> None:
    watchdog = watching()
    assert watchdog.take([row(site(number), "rewrite", "ads") for number in range(100)], SWAP + 1, 10) != []


@pytest.mark.parametrize("second", [SWAP, SWAP - 1])
def test_a_batch_of_before_and_after_is_neither_counted_nor_believed(second: float) -> None:
    watchdog = watching()
    assert watchdog.take(blocked(*range(100)), second, 10) == []
    assert watchdog.take(blocked(*range(100)), SWAP + 1, 10) != []


@pytest.mark.parametrize(("ago", "bites"), [(1, 1), (10, 1), (11, 0)])
def test_what_the_new_version_blocked_before_anybody_told_of_it(ago: int, bites: int) -> None:
    watchdog = Watchdog()
    watchdog.take(answered(*range(100)), SWAP - 60, 10)
    watchdog.take(blocked(*range(100)), SWAP - ago, 10)
    watchdog.swapped({"ads"}, SWAP)
    assert len(watchdog.take(blocked(*range(100)), SWAP + 1, 10)) == bites


def test_what_another_list_blocked_just_before_is_not_answered() -> None:
    watchdog = Watchdog()
    watchdog.take(answered(*range(100)), SWAP - 60, 10)
    watchdog.take(blocked(*range(100), source="other"), SWAP - 1, 10)
    watchdog.swapped({"ads"}, SWAP)
    assert watchdog.take(blocked(*range(100)), SWAP + 1, 10) == []


def test_the_watch_ends() -> None:
    watchdog = watching()
    watchdog.take(answered(*range(100)), SWAP + WINDOW - 1, 10)
    assert watchdog.take(blocked(*range(100)), SWAP + WINDOW, 10) == []


def test_of_several_lists_the_one_that_blocks_most_goes_first() -> None:
    watchdog = watching("ads", "more", "good")
    rows = [*answered(*range(60)), *blocked(*range(60, 90)), *blocked(*range(90, 100), source="more")]
    assert [bite.id for bite in watchdog.take(rows, SWAP + 1, 10)] == ["ads"]
    assert watchdog.take(answered(*range(90)), SWAP + 2, 10) == []  # it is counted from nothing
    assert [bite.id for bite in watchdog.take(blocked(*range(90, 100), source="more", count=9), SWAP + 3, 10)] == [
        "more"
    ]


def test_lists_that_came_one_after_the_other_are_watched_each_in_its_time() -> None:
    watchdog = watching("ads")
    watchdog.swapped({"more"}, SWAP + 500)
    assert [bite.id for bite in watchdog.take(blocked(*range(100)), SWAP + 501, 10)] == ["ads"]
    again = watching("ads")
    again.swapped({"more"}, SWAP + 500)
    rows = [*answered(*range(50)), *blocked(*range(50, 100), source="more")]
    assert [bite.id for bite in again.take(rows, SWAP + WINDOW + 1, 10)] == ["more"]


def test_a_newer_version_is_not_blamed_for_the_one_before() -> None:
    watchdog = watching("ads")
    watchdog.take([*answered(*range(40)), *blocked(90, 91)], SWAP + 1, 10)
    watchdog.swapped({"ads"}, SWAP + 2)
    assert watchdog.take([*answered(*range(47)), *blocked(92, 93, 94)], SWAP + 3, 10) == []  # 3 of 50


def test_names_that_are_known_from_elsewhere_count_for_their_group() -> None:
    watchdog = Watchdog()
    watchdog.seed([(group, site(number)) for number in range(100) for group in ("default", "kids")], SWAP - 60)
    watchdog.take(answered(*range(50)), SWAP - 30, 10)
    watchdog.take(blocked(99), SWAP - 20, 10)  # so this one is not answered after all
    watchdog.swapped({"ads"}, SWAP)
    rows = [row(site(number), "block", "ads", group="kids") for number in range(100)]
    bites = watchdog.take(rows, SWAP + 1, 99)
    assert [bite.id for bite in bites] == ["ads"]
    assert watchdog.take(blocked(99), SWAP + 1, 0) == []


def test_what_one_group_is_known_to_look_up_says_nothing_of_another() -> None:
    watchdog = Watchdog()
    watchdog.seed([("office", site(number)) for number in range(100)], SWAP - 60)
    watchdog.swapped({"ads"}, SWAP)
    assert watchdog.take(blocked(*range(100)), SWAP + 1, 10) == []


def test_rows_without_a_name_are_passed_over() -> None:
    watchdog = Watchdog()
    watchdog.take([row("", client=f"192.0.2.{number}") for number in range(100)], SWAP - 1, 10)
    watchdog.swapped({"ads"}, SWAP)
    assert watchdog.take([row("", "block", "ads", client=f"192.0.2.{n}") for n in range(100)], SWAP + 1, 10) == []


def test_what_is_remembered_has_a_bound_and_the_longest_unused_goes() -> None:
    watchdog = Watchdog()
    watchdog.take(answered(*range(100)), 1.0, 10)
    watchdog.take(answered(*range(1_000, 1_000 + NAMES - 100)), 2.0, 10)
    watchdog.take(answered(*range(50)), 3.0, 10)
    watchdog.take(answered(*range(100_000, 100_050)), 4.0, 10)
    watchdog.swapped({"ads"}, SWAP)
    assert watchdog.take(blocked(*range(50, 100)), SWAP + 1, 10) == []
    assert watchdog.take(blocked(*range(50)), SWAP + 2, 10) != []
