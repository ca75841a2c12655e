import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin import checks
from resolver.errors import ApiError
from tests.admin.parts import NOON


def test_names_come_out_in_normal_form() -> None:
    assert checks.domain_name(" WWW.Bücher.Example. ") == "www.xn--bcher-kva.example"
    assert checks.domain_name(".") == "."


def test_a_url_is_no_name() -> None:
    with pytest.raises(ApiError, match="is a URL; give the name in it alone"):
        checks.domain_name("https://ads.example/path")


def test_addresses_come_out_in_normal_form() -> None:
    assert checks.address(" 2001:DB8:0::1 ") == "2001:db8::1"
    assert checks.address("::ffff:192.0.2.1") == "192.0.2.1"
    assert checks.address("fe80::1%eth0") == "fe80::1"


@pytest.mark.parametrize(("given", "seconds"), [("10m", 600.0), (90, 90.0), ("1h30m", 5400.0), ("365d", 31536000.0)])
def test_durations(given: str | int, seconds: float) -> None:
    assert checks.seconds(given) == seconds


@pytest.mark.parametrize("given", [0, -1, checks.LONGEST + 1, 10**400, "", "0s", "10 minutes", "9" * 5000])
def test_what_is_no_duration(given: str | int) -> None:
    with pytest.raises(ApiError) as caught:
        checks.seconds(given)
    assert (caught.value.status, caught.value.path) == (400, "for")


def test_since_is_a_time_or_that_long_ago() -> None:
    assert checks.since("24h", NOON) == NOON - 86_400
    assert checks.since("1767182400", NOON) == 1767182400.0
    assert checks.since("1767182400.5", NOON) == 1767182400.5
    assert checks.since(" 0 ", NOON) == 0.0


@given(st.text())
def test_whatever_is_given_is_a_value_or_an_api_error(text: str) -> None:
    for check in (checks.domain_name, checks.address, checks.seconds, lambda given: checks.since(given, NOON)):
        try:
            check(text)
        except ApiError as error:
            assert error.status == 400
            assert str(error).isprintable()
