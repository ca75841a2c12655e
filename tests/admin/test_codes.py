import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.codes import STEP, new_secret, step_of, url

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""12345678901234567890, of RFC 6238 appendix B."""


@pytest.mark.parametrize(
    ("now", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_vectors_of_the_rfc(now: int, code: str) -> None:
    assert step_of(SECRET, code, now) == now // STEP


def test_the_one_before_and_the_one_after_are_taken() -> None:
    code = pyotp.TOTP(SECRET).at(3000)
    assert step_of(SECRET, code, 3000 - STEP) == 100
    assert step_of(SECRET, code, 3000 + STEP) == 100
    assert step_of(SECRET, code, 3000 - 2 * STEP) is None
    assert step_of(SECRET, code, 3000 + 2 * STEP) is None


def test_a_code_may_be_typed_in_halves() -> None:
    assert step_of(SECRET, " 287 082\n", 59) == 1


@pytest.mark.parametrize("code", ["", "28708", "2870822", "287082 x", "٢٨٧٠٨٢", "\udcff", "-87082", "0" * 10_000])
def test_no_code(code: str) -> None:
    assert step_of(SECRET, code, 59) is None


@given(st.text(), st.floats(0, 4e9))
def test_nothing_that_is_typed_fails(code: str, now: float) -> None:
    step_of(SECRET, code, now)


def test_at_the_beginning_of_time() -> None:
    assert step_of(SECRET, pyotp.TOTP(SECRET).at(0), 0.0) in {0, -1}


def test_secrets_differ_and_are_long() -> None:
    assert len(new_secret()) == 32
    assert new_secret() != new_secret()


def test_the_url_as_apps_take_it() -> None:
    assert url(SECRET, "anna maria") == f"otpauth://totp/Lull:anna%20maria?secret={SECRET}&issuer=Lull"
