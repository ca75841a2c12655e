"""One at a time on a state directory."""

from __future__ import annotations

import pathlib
import stat

import pytest

from resolver.backup.locking import alone


def test_one_at_a_time(tmp_path: pathlib.Path) -> None:
    with alone(tmp_path) as first:
        assert first
        with alone(tmp_path) as second:
            assert not second
        with alone(tmp_path) as third:
            assert not third, "letting go of what one does not have takes nothing from others"
    with alone(tmp_path) as again:
        assert again
    assert stat.S_IMODE((tmp_path / "lock").stat().st_mode) == 0o600


def test_it_is_let_go_when_something_fails(tmp_path: pathlib.Path) -> None:
    with pytest.raises(KeyError), alone(tmp_path):
        raise KeyError
    with alone(tmp_path) as again:
        assert again


def test_a_directory_that_is_not_there(tmp_path: pathlib.Path) -> None:
    with pytest.raises(FileNotFoundError), alone(tmp_path / "nothing"):
        pass
    assert not (tmp_path / "nothing").exists()
