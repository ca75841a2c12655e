"""Old or new, whenever it ends: every operation on files is the last one, in turn."""

from __future__ import annotations

import contextlib
import errno
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from resolver.backup import steps
from resolver.backup.steps import Move
from resolver.backup.taking import PLAN, WORK, Plan, commit, last, pending, root, take
from resolver.errors import BackupError
from tests.backup.places import NOW, Places

_OPERATIONS = (
    (os, "rename"),
    (os, "replace"),
    (pathlib.Path, "rename"),
    (pathlib.Path, "replace"),
    (pathlib.Path, "unlink"),
    (pathlib.Path, "write_bytes"),
    (shutil, "copyfile"),
    (shutil, "rmtree"),
    (os, "fsync"),
)


class Killed(BaseException):
    """The power is gone."""


@pytest.fixture(params=[True, False], ids=["config", "no-config"])
def places(tmp_path: pathlib.Path, request: pytest.FixtureRequest) -> Places:
    made = Places(tmp_path, config_before=request.param)
    made.fill()
    made.plan()
    return made


def test_what_was_staged_is_taken(places: Places) -> None:
    commit(places.work)
    outcome = take(places.state, NOW + 5)
    assert outcome is not None
    assert (outcome.state, outcome.id, outcome.at, outcome.reason) == ("taken", "1", NOW + 5, "")
    assert places.content() == places.new
    assert last(places.state) == outcome
    assert [path.name for path in root(places.state).iterdir()] == ["last.json"]
    assert take(places.state, NOW) is None


def test_what_was_not_committed_is_removed(places: Places) -> None:
    assert take(places.state, NOW) is None
    assert places.content() == places.old
    assert not places.work.exists()


def _dying(monkeypatch: pytest.MonkeyPatch, after: int, error: Callable[[], BaseException]) -> Callable[[], int]:
    """Have the operation of that number, and all after it, not happen."""
    count = 0

    def wrapped(real: Any) -> Any:
        def operation(*arguments: Any, **more: Any) -> Any:
            nonlocal count
            count += 1
            if count > after:
                raise error()
            return real(*arguments, **more)

        return operation

    for owner, name in _OPERATIONS:
        monkeypatch.setattr(owner, name, wrapped(getattr(owner, name)))
    return lambda: count


def _every(places: Places, monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> Iterator[int]:
    """Run `act` with one more operation each time, from the beginning, until it comes to its end."""
    for after in range(200):
        shutil.rmtree(places.state, ignore_errors=True)
        shutil.rmtree(places.config.parent, ignore_errors=True)
        places.fill()
        places.plan()
        with monkeypatch.context() as patched:
            _dying(patched, after, Killed)
            with contextlib.suppress(Killed):
                act()
                return
        yield after
    raise AssertionError("it never ends")


def test_killed_at_every_moment(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def act() -> None:
        commit(places.work)
        take(places.state, NOW)

    seen = []
    for _ in _every(places, monkeypatch, act):
        take(places.state, NOW)
        content = places.content()
        assert content in (places.old, places.new)
        seen.append(content == places.new)
        assert pending(places.state) is None
    assert len(seen) > 12
    assert seen == sorted(seen), "once it is new it stays new"
    assert seen[0] is False
    assert seen[-1] is True


def test_killed_at_every_moment_of_being_undone(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Move) -> None:
        if self.target.endswith("lull.db"):
            raise OSError(errno.EIO, "the disk is broken", self.target)
        real(self)

    real = Move.take

    def act() -> None:
        commit(places.work)
        take(places.state, NOW)

    monkeypatch.setattr(steps.Move, "take", broken)
    count = 0
    for _ in _every(places, monkeypatch, act):
        outcome = take(places.state, NOW)
        assert places.content() == places.old
        assert outcome is None or outcome.state == "undone"
        count += 1
    assert count > 12
    told = last(places.state)
    assert told is not None
    assert "the disk is broken" in told.reason or told.reason == "it was interrupted"


def test_killed_and_killed_again(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time a few operations further, until it is done."""
    commit(places.work)
    for after in range(1, 200):
        with monkeypatch.context() as patched:
            _dying(patched, after % 7 + 1, Killed)
            try:
                take(places.state, NOW)
                break
            except Killed:
                continue
    assert places.content() == places.new


def test_a_full_or_read_only_disk_leaves_the_old(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(places.work)

    def refused(source: str, target: str) -> None:
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY), target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", refused)
        outcome = take(places.state, NOW)
    assert outcome is not None
    assert outcome.state == "undone"
    assert "busy" in outcome.reason
    assert places.content() == places.old


def test_what_cannot_be_undone_is_tried_again(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(places.work)
    real = os.rename
    with monkeypatch.context() as patched:
        count = _dying(patched, 4, lambda: OSError(errno.EIO, "broken"))
        with pytest.raises(BackupError, match="cannot go on"):
            take(places.state, NOW)
        assert count() > 4
    assert os.rename is real
    take(places.state, NOW)
    assert places.content() in (places.old, places.new)


def test_only_one_can_wait(places: Places, tmp_path: pathlib.Path) -> None:
    commit(places.work)
    second = root(places.state) / f"{WORK}2"
    second.mkdir()
    (second / PLAN).write_bytes(msgspec.json.encode(Plan("2", NOW, [])))
    with pytest.raises(BackupError, match="another restore"):
        commit(second)


def test_a_plan_that_cannot_be_read_is_told(places: Places) -> None:
    (root(places.state) / PLAN).write_text("{")
    with pytest.raises(BackupError, match=r"plan\.json"):
        take(places.state, NOW)
    assert places.content() == places.waiting
