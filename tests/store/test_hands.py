import threading
import time
from collections.abc import Callable

import pytest

from resolver.store.hands import READERS, GivenUpError, Hands, Pulse
from resolver.store.trouble import Kind, Trouble, UnusableError
from tests.store.making import until


@pytest.fixture
def hands() -> Hands:
    return Hands("the disk", 0.3)


def kind(call: Callable[[], object]) -> Kind:
    with pytest.raises(UnusableError) as caught:
        call()
    return caught.value.trouble.kind


def test_what_the_work_returns_or_raises(hands: Hands) -> None:
    assert hands.write(lambda: threading.current_thread().name, 1) == "store"
    assert hands.read(lambda: 5, 1) == 5
    with pytest.raises(ZeroDivisionError):
        hands.write(lambda: 1 // 0, 1)


def test_one_writes_at_a_time_and_a_few_read(hands: Hands) -> None:
    at_once: list[int] = []
    lock = threading.Lock()
    now = 0

    def work() -> None:
        nonlocal now
        with lock:
            now += 1
            at_once.append(now)
        time.sleep(0.02)
        with lock:
            now -= 1

    for call, most in ((hands.write, 1), (hands.read, READERS)):
        at_once.clear()
        threads = [threading.Thread(target=call, args=(work, 5)) for _ in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(at_once) == most
        assert len(at_once) == 12


def test_nobody_waits_for_a_thread_that_hangs_and_nobody_goes_after_it(hands: Hands) -> None:
    back = threading.Event()
    began = time.monotonic()
    assert kind(lambda: hands.write(back.wait, 60)) is Kind.HUNG
    assert time.monotonic() - began < 2.5
    began = time.monotonic()
    for call in (hands.write, hands.read):
        with pytest.raises(UnusableError, match="the disk does not answer") as caught:
            call(lambda: 1, 60)
        assert caught.value.trouble.silent > 0.3
    assert time.monotonic() - began < 0.1
    back.set()
    until(lambda: not refused(hands))
    assert hands.write(lambda: 2, 1) == 2


def refused(hands: Hands) -> bool:
    try:
        hands.read(lambda: 1, 1)
    except UnusableError:
        return True
    return False


def test_who_waits_for_his_turn_is_told_of_the_hang_too(hands: Hands) -> None:
    back = threading.Event()
    first = threading.Thread(target=lambda: kind(lambda: hands.write(back.wait, 60)))
    first.start()
    time.sleep(0.05)
    began = time.monotonic()
    assert kind(lambda: hands.write(lambda: 1, 60)) is Kind.HUNG
    assert time.monotonic() - began < 1
    first.join()
    back.set()


def test_signs_of_life_are_no_hang(hands: Hands) -> None:
    def work() -> int:
        for _ in range(10):
            time.sleep(0.1)
            hands.beat()
        hands.beat(5)
        time.sleep(0.6)
        return 1

    assert hands.write(work, 60) == 1


def test_what_takes_too_long_is_given_up(hands: Hands) -> None:
    left = threading.Event()

    def work() -> None:
        try:
            while True:
                time.sleep(0.02)
                hands.beat()
        except GivenUpError:
            left.set()
            raise

    began = time.monotonic()
    with pytest.raises(UnusableError, match=r"not done in 0\.5 seconds") as caught:
        hands.read(work, 0.5)
    assert caught.value.trouble.kind is Kind.SLOW
    assert left.is_set()
    assert time.monotonic() - began < 1.2


def test_what_comes_through_at_the_last_moment_counts(hands: Hands) -> None:
    slow = threading.Event()
    assert hands.write(lambda: slow.wait(0.7), 60) is False


def test_the_busy_are_told_from_the_hung(hands: Hands) -> None:
    stop = threading.Event()

    def busy() -> None:
        while not stop.wait(0.05):
            hands.beat()

    threads = [threading.Thread(target=call, args=(busy, 60)) for call in [hands.write] + [hands.read] * READERS]
    for thread in threads:
        thread.start()
    assert kind(lambda: hands.write(lambda: 1, 0.3)) is Kind.LOCKED
    assert kind(lambda: hands.read(lambda: 1, 0.3)) is Kind.SLOW
    stop.set()
    for thread in threads:
        thread.join()
    assert hands.write(lambda: 1, 1) == 1


def test_a_thread_is_made_to_come_back(hands: Hands) -> None:
    """What was held is cut when it is given up, and let go of in any case."""
    came = threading.Event()
    done: list[str] = []

    def work() -> None:
        hands.pulse.hold(came.set, lambda: done.append("let go"))
        came.wait()
        raise OSError

    began = time.monotonic()
    assert kind(lambda: hands.write(work, 60)) is Kind.HUNG
    assert time.monotonic() - began < 1
    assert done == ["let go"]
    assert hands.write(lambda: 1, 1) == 1, "it is back"
    hands.read(lambda: hands.pulse.hold(lambda: done.append("cut"), lambda: done.append("let go")), 1)
    assert done == ["let go", "let go"]


def test_all_are_made_to_come_back_and_go_on(hands: Hands) -> None:
    came = threading.Event()
    found: list[Kind] = []
    results: list[bool] = []

    def work() -> bool:
        hands.pulse.hold(came.set)
        came.wait()
        hands.beat()
        return True

    reader = threading.Thread(target=lambda: results.append(hands.read(work, 60)))
    reader.start()
    time.sleep(0.1)
    hands.cut()
    reader.join()
    assert results == [True], "nobody gave it up"
    hung = threading.Event()
    hands.found = lambda trouble: found.append(trouble.kind)
    assert kind(lambda: hands.write(hung.wait, 60)) is Kind.HUNG
    assert found == [Kind.HUNG]
    hung.set()


def test_what_cannot_be_cut_any_more_is_left_alone() -> None:
    def closed() -> None:
        raise ValueError

    cut: list[int] = []
    pulse = Pulse()
    pulse.hold(closed)
    pulse.hold(lambda: cut.append(1))
    pulse.give_up()
    assert cut == [1]
    assert not pulse.goes_on()
    with pytest.raises(GivenUpError):
        pulse.beat()


def test_everybody_is_told_at_once(hands: Hands) -> None:
    hands.tell(Trouble(Kind.FAILED, "away"), 0.3)
    for call in (hands.write, hands.read):
        with pytest.raises(UnusableError, match="away"):
            call(lambda: 1, 60)
    until(lambda: not refused(hands), 2)
    hands.tell(Trouble(Kind.FAILED, "away"), 60)
    hands.tell(None)
    assert hands.read(lambda: 1, 1) == 1


def test_at_the_end_nobody_waits(hands: Hands) -> None:
    def slow() -> None:
        while True:
            time.sleep(0.05)
            hands.beat()

    stop = threading.Timer(0.1, hands.stop)
    stop.start()
    began = time.monotonic()
    with pytest.raises(UnusableError, match="closed"):
        hands.read(slow, 60)
    assert time.monotonic() - began < 1
    stop.join()


def test_outside_of_it_nobody_feels_a_pulse(hands: Hands) -> None:
    hands.pulse.give_up()
    hands.beat()
