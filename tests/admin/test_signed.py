import hashlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.signed import digest, form_token, is_form_token, seal, unseal


def test_a_digest_is_of_the_secret_alone() -> None:
    assert digest("lull") == hashlib.sha256(b"lull").hexdigest()
    assert digest("\udcff") != digest("")


def test_a_form_token_is_of_its_session() -> None:
    assert is_form_token("one", form_token("one"))
    assert not is_form_token("two", form_token("one"))
    for wrong in ("", "é", form_token("one")[:-1]):
        assert not is_form_token("one", wrong)


def test_without_a_session_nothing_proves_anything() -> None:
    assert not is_form_token("", form_token(""))
    assert unseal("", seal("", "text")) == ""


def test_a_signature_for_one_purpose_is_none_for_another() -> None:
    assert unseal("s", f"x.{form_token('s')}") == ""


@given(st.text(), st.text(min_size=1))
def test_what_is_sealed_comes_back_to_its_session_alone(text: str, session: str) -> None:
    sealed = seal(session, text)
    assert set(sealed) <= set(string.ascii_letters + string.digits + "-_=.")
    assert unseal(session, sealed) == text.encode("utf-8", "backslashreplace").decode()
    assert unseal(session + "x", sealed) == ""


@pytest.mark.parametrize("sealed", ["", ".", "x", "x.y", "é.é", "." * 99])
def test_what_we_did_not_seal_is_nothing(sealed: str) -> None:
    assert unseal("s", sealed) == ""
