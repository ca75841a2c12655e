import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.wire.cookies import SECRET, Cookies, siphash

MASTER = bytes(range(SECRET))
ADDRESS = ipaddress.ip_address("192.0.2.10").packed
NOW = 1_559_731_985.0
SECRET_OF_THE_STANDARD = bytes.fromhex("e5e973e5a6b2a43f48e7dc849e37bfcf")
OWN = b"\x24\x64\xc4\xab\xcf\x10\xc9\x57"


@pytest.mark.parametrize(
    ("client", "address", "head", "wanted"),
    [
        # RFC 9018, appendix A: a new cookie, a renewed one, another client's, one with other reserved bytes
        ("2464c4abcf10c957", "198.51.100.100", "010000005cf79f11", "1f8130c3eee29480"),
        ("2464c4abcf10c957", "198.51.100.100", "010000005cf7a871", "d4a564a1442aca77"),
        ("fc93fc62807ddb86", "203.0.113.203", "010000005cf7a9ac", "f73a7810aca2381e"),
        ("fc93fc62807ddb86", "203.0.113.203", "01abcdef5cf78f71", "a314227b6679ebf5"),
    ],
)
def test_the_hash_of_the_standard(client: str, address: str, head: str, wanted: str) -> None:
    data = bytes.fromhex(client + head) + ipaddress.ip_address(address).packed
    assert siphash(data, SECRET_OF_THE_STANDARD).hex() == wanted


def test_the_vectors_of_siphash() -> None:
    """The first, eighth and sixteenth of the reference implementation: bytes 0, 1, … with the key 0 to 15."""
    key = bytes(range(16))
    found = [siphash(bytes(range(size)), key).hex() for size in (0, 8, 15)]
    assert found == ["310e0edd47db6f72", "6224939a79f5f593", "e545be4961ca29a1"]


def test_who_brings_one_back_is_proven() -> None:
    cookies = Cookies(MASTER)
    given, proven = cookies.answer(OWN, ADDRESS, NOW)
    assert (len(given), given[:8], proven) == (24, OWN, False)
    assert cookies.answer(given, ADDRESS, NOW + 1) == (given, True)
    assert Cookies(MASTER).answer(given, ADDRESS, NOW + 1) == (given, True), "as another worker sees it"
    assert not Cookies(bytes(SECRET)).answer(given, ADDRESS, NOW + 1)[1], "of another daemon"


@pytest.mark.parametrize(
    ("age", "proven", "renewed"),
    [
        (0, True, False),
        (1800, True, False),
        (1801, True, True),
        (3600, True, True),
        (3601, False, True),
        (-300, True, False),
        (-301, False, True),
        (86_400, False, True),
        (1 << 32, True, False),  # the clock of cookies begins again every 136 years
    ],
)
def test_age(age: int, proven: bool, renewed: bool) -> None:
    cookies = Cookies(MASTER)
    given, _ = cookies.answer(OWN, ADDRESS, NOW)
    again, found = cookies.answer(given, ADDRESS, NOW + age)
    if age < 1 << 32:
        assert (found, again != given) == (proven, renewed)
    else:
        assert not found, "the secret is another by then"


def test_one_lives_through_the_change_of_secrets() -> None:
    midnight = NOW // 86_400 * 86_400 + 86_400
    cookies = Cookies(MASTER)
    given, _ = cookies.answer(OWN, ADDRESS, midnight - 10)
    for second in (midnight - 1, midnight, midnight + 1000, midnight - 5):
        assert cookies.answer(given, ADDRESS, second)[1]
    tomorrow, _ = cookies.answer(OWN, ADDRESS, midnight + 10)
    assert cookies.answer(tomorrow, ADDRESS, midnight - 5)[1], "a worker whose clock is behind"


@given(st.binary(min_size=16, max_size=40) | st.binary(min_size=8, max_size=8), st.binary(min_size=4, max_size=4))
def test_what_is_made_up_proves_nothing(cookie: bytes, address: bytes) -> None:
    given, proven = Cookies(MASTER).answer(cookie, address, NOW)
    assert not proven
    assert (len(given), given[:8]) == (24, cookie[:8])


@given(st.integers(0, 23), st.integers(1, 255))
def test_a_changed_byte_makes_it_worthless(place: int, change: int) -> None:
    cookies = Cookies(MASTER)
    given, _ = cookies.answer(OWN, ADDRESS, NOW)
    other = bytearray(given)
    other[place] ^= change
    assert not cookies.answer(bytes(other), ADDRESS, NOW)[1]


def test_it_is_of_one_address_alone() -> None:
    cookies = Cookies(MASTER)
    given, _ = cookies.answer(OWN, ADDRESS, NOW)
    for other in ("192.0.2.11", "::ffff:192.0.2.10"):
        assert not cookies.answer(given, ipaddress.ip_address(other).packed, NOW)[1]
