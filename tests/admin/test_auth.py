import errno
import logging
import os
import pathlib
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.admin.auth import SESSION, Access, load_or_make_token
from tests.admin.household import TOKEN
from tests.admin.parts import NOON, StillClock


def mode(path: pathlib.Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_first_start_makes_a_token_that_stays(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "state" / "token"
    token = load_or_make_token(path)
    assert len(token) >= 43
    assert mode(path) == 0o600
    assert path.read_text() == token + "\n"
    assert load_or_make_token(path) == token
    assert [one.name for one in path.parent.iterdir()] == ["token"]


def test_two_first_starts_make_different_tokens(tmp_path: pathlib.Path) -> None:
    assert load_or_make_token(tmp_path / "a") != load_or_make_token(tmp_path / "b")


def test_a_token_of_ones_own_is_made_private(tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "token"
    path.write_text("  one-that-a-person-chose \r\n")
    path.chmod(0o644)
    assert load_or_make_token(path) == "one-that-a-person-chose"
    assert mode(path) == 0o600
    assert "could be read by others" in caplog.text


def test_an_empty_file_is_replaced(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "token"
    path.write_text("\n")
    token = load_or_make_token(path)
    assert path.read_text().strip() == token
    assert mode(path) == 0o600


@pytest.mark.parametrize("content", [b"short", b"two words in one line of text", b"\xff\xfe" * 20, b"x" * 5000])
def test_a_file_without_a_token_is_left_alone(
    tmp_path: pathlib.Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    token = load_or_make_token(path)
    assert len(token) >= 43
    assert path.read_bytes() == content
    assert "does not hold a token" in caplog.text
    assert token not in caplog.text


def test_what_cannot_be_read_does_not_stop_the_start(tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "token"
    path.mkdir()
    assert len(load_or_make_token(path)) >= 43
    assert "directory" in caplog.text


def test_a_fifo_does_not_hold_up_the_start(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "token")
    assert len(load_or_make_token(tmp_path / "token")) >= 43


def test_a_full_disk_does_not_stop_the_start(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    caplog.set_level(logging.INFO)
    token = load_or_make_token(tmp_path / "token")
    assert len(token) >= 43
    assert "No space left" in caplog.text
    assert token not in caplog.text
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def clock() -> StillClock:
    return StillClock()


@pytest.fixture
def access(clock: StillClock) -> Access:
    return Access(TOKEN, clock)


def test_the_token_alone_is_the_token(access: Access) -> None:
    assert access.is_token(TOKEN)
    for wrong in ("", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\udcff", "é" * len(TOKEN)):
        assert not access.is_token(wrong)


@pytest.mark.parametrize("header", [f"Bearer {TOKEN}", f"bearer {TOKEN}", f"BEARER  {TOKEN} "])
def test_bearer_headers(access: Access, header: str) -> None:
    assert access.is_bearer(header)


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer{TOKEN}", f"Bearer {TOKEN},"]
)
def test_other_headers(access: Access, header: str) -> None:
    assert not access.is_bearer(header)


def test_a_session_lasts_thirty_days(access: Access, clock: StillClock) -> None:
    session = access.begin_session()
    assert access.is_session(session)
    clock.now = NOON + SESSION - 1
    assert access.is_session(session)
    clock.now = NOON + SESSION
    assert not access.is_session(session)


def test_a_session_outlives_a_restart_and_ends_with_the_token(access: Access, clock: StillClock) -> None:
    session = access.begin_session()
    assert Access(TOKEN, clock).is_session(session)
    assert not Access(TOKEN + "x", clock).is_session(session)


def test_two_sessions_differ_and_so_do_their_form_tokens(access: Access) -> None:
    one, two = access.begin_session(), access.begin_session()
    assert one != two
    assert access.is_form_token(one, access.form_token(one))
    assert not access.is_form_token(two, access.form_token(one))
    assert not access.is_form_token(one, "")


def test_a_signature_for_one_purpose_is_none_for_another(access: Access) -> None:
    end = str(NOON + 999)
    assert not access.is_session(f"{end}.{access.form_token(end)}")
    assert access.unseal("s", f"x.{access.form_token('sx')}") == ""


@given(st.text(), st.integers(0, 200), st.characters())
def test_no_changed_cookie_is_a_session(text: str, place: int, other: str) -> None:
    access = Access(TOKEN, StillClock())
    session = access.begin_session()
    assert not access.is_session(text)
    place %= len(session)
    changed = session[:place] + other + session[place + 1 :]
    assert access.is_session(changed) == (changed == session)


@given(st.text())
def test_sealed_text_comes_back_to_its_session_alone(text: str) -> None:
    access = Access(TOKEN, StillClock())
    sealed = access.seal("one", text)
    assert access.unseal("one", sealed) == text
    assert access.unseal("two", sealed) == ""
    assert access.unseal("one", "x" + sealed) == ""
    assert set(sealed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.")
