import errno
import logging
import os
import pathlib
import stat

import pytest

from resolver.admin.auth import Access, load_or_make_token
from tests.admin.household import TOKEN


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


def test_the_token_alone_is_the_token() -> None:
    access = Access(TOKEN)
    assert access.is_token(TOKEN)
    for wrong in ("", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "\udcff", "é" * len(TOKEN)):
        assert not access.is_token(wrong)
