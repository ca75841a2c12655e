from resolver.admin import tries
from resolver.admin.tries import MOST, WINDOW, Tries
from tests.admin.parts import NOON, StillClock


def wrong(counted: Tries, address: str, times: int = MOST) -> None:
    for _ in range(times):
        counted.wrong(address)


def test_an_address_may_be_wrong_a_few_times_and_then_waits() -> None:
    clock = StillClock()
    counted = Tries(clock)
    wrong(counted, "192.0.2.1", MOST - 1)
    assert counted.wait("192.0.2.1") == 0
    counted.wrong("192.0.2.1")
    assert counted.wait("192.0.2.1") == WINDOW
    assert counted.wait("192.0.2.2") == 0
    clock.now += WINDOW - 1
    assert counted.wait("192.0.2.1") == 1
    clock.now += 1
    assert counted.wait("192.0.2.1") == 0
    counted.wrong("192.0.2.1")
    assert counted.wait("192.0.2.1") == 0, "the count begins anew"


def test_the_right_token_forgets_the_wrong_ones() -> None:
    counted = Tries(StillClock())
    wrong(counted, "192.0.2.1", MOST - 1)
    counted.right("192.0.2.1")
    wrong(counted, "192.0.2.1", MOST - 1)
    assert counted.wait("192.0.2.1") == 0


def test_an_ipv6_client_is_its_network() -> None:
    counted = Tries(StillClock())
    wrong(counted, "2001:db8::1")
    assert counted.wait("2001:db8::ffff:2%eth0") > 0
    assert counted.wait("2001:db8:0:1::1") == 0


def test_an_ipv4_mapped_client_is_the_ipv4_one() -> None:
    counted = Tries(StillClock())
    wrong(counted, "::ffff:192.0.2.1")
    assert counted.wait("192.0.2.1") > 0
    assert counted.wait("::ffff:192.0.2.2") == 0


def test_many_addresses_take_bounded_memory() -> None:
    counted = Tries(StillClock(NOON))
    for number in range(3000):
        counted.wrong(f"198.51.{number // 256}.{number % 256}")
    assert len(counted._wrong) == tries._ADDRESSES


def test_what_is_no_address_is_counted_as_one() -> None:
    counted = Tries(StillClock())
    wrong(counted, "")
    assert counted.wait("not an address") > 0
