import pytest

from resolver.admin import tries
from resolver.admin.tries import FREE, LONGEST, WINDOW, Kind, Tries, Wait
from tests.admin.parts import NOON, StillClock


def test_some_are_free_and_then_each_waits_twice_as_long() -> None:
    clock = StillClock()
    counted = Tries(clock)
    for _ in range(FREE):
        assert counted.wait("address", "192.0.2.1") == 0
        counted.wrong("address", "192.0.2.1")
    waits = []
    for _ in range(12):
        waits.append(counted.wait("address", "192.0.2.1"))
        clock.now += waits[-1]
        assert counted.wait("address", "192.0.2.1") == 0
        counted.wrong("address", "192.0.2.1")
    assert waits[:5] == [1, 2, 4, 8, 16]
    assert waits[-1] == LONGEST["address"], "and no longer than that"


@pytest.mark.parametrize("kind", ["address", "account", "token", "welcome"])
def test_no_wait_is_longer_than_it_may_be(kind: Kind) -> None:
    counted = Tries(StillClock())
    for _ in range(5000):
        counted.wrong(kind, "x")
    assert counted.wait(kind, "x") == LONGEST[kind]


def test_whom_and_kind_are_told_apart() -> None:
    counted = Tries(StillClock())
    for _ in range(FREE):
        counted.wrong("address", "192.0.2.1")
    assert counted.wait("address", "192.0.2.1") > 0
    assert counted.wait("address", "192.0.2.2") == 0
    assert counted.wait("token", "192.0.2.1") == 0


def test_an_hour_without_a_wrong_one_forgets_them() -> None:
    clock = StillClock()
    counted = Tries(clock)
    for _ in range(FREE + 20):
        counted.wrong("account", "anna")
    clock.now += WINDOW - 1
    counted.wrong("account", "anna")
    assert counted.wait("account", "anna") == LONGEST["account"]
    clock.now += WINDOW
    counted.wrong("account", "anna")
    assert counted.wait("account", "anna") == 0


def test_a_right_one_takes_back_itself_alone() -> None:
    counted = Tries(StillClock())
    for _ in range(FREE):
        counted.wrong("address", "192.0.2.1")
    counted.right("address", "192.0.2.1")
    assert counted.wait("address", "192.0.2.1") == 0
    counted.wrong("address", "192.0.2.1")
    assert counted.wait("address", "192.0.2.1") > 0
    counted.forget("address", "192.0.2.1")
    assert counted.wait("address", "192.0.2.1") == 0
    counted.right("address", "192.0.2.1")


def test_the_same_wrong_token_over_and_over_is_no_guess() -> None:
    counted = Tries(StillClock())
    for _ in range(1000):
        counted.wrong("token", "192.0.2.1", "of last year")
    assert counted.wait("token", "192.0.2.1") == 0
    for number in range(FREE):
        counted.wrong("token", "192.0.2.1", str(number))
    assert counted.wait("token", "192.0.2.1") > 0


def test_many_addresses_take_bounded_memory() -> None:
    counted = Tries(StillClock(NOON))
    for number in range(5000):
        counted.wrong("address", f"198.51.{number // 256}.{number % 256}")
    assert len(counted._wrong) == tries._MOST


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "1 second"), (59.5, "60 seconds"), (300.0, "5 minutes"), (101.0, "2 minutes")]
)
def test_a_wait_is_said(seconds: float, words: str) -> None:
    assert str(Wait(seconds, "wrong tries")) == f"too many wrong tries: try again in {words}"
