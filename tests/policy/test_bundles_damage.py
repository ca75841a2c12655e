"""Bundles that are damaged, half written, or for which there is no room: a whole one is found."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from resolver.errors import BundleError
from resolver.policy import bundles as module
from resolver.policy.bundle import DOCUMENT, OWN
from resolver.policy.bundles import CURRENT, MANIFEST, NAMES, Bundles
from resolver.policy.document import Document
from tests.mounting import small
from tests.policy.on_disk import best, in_force, lined, policy, replace


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes((data[middle] ^ 0x10,)) + data[middle + 1 :]


DAMAGES: dict[str, Callable[[pathlib.Path], None]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: replace(path, b""),
    "zeros": lambda path: replace(path, bytes(path.stat().st_size)),
    "cut": lambda path: replace(path, path.read_bytes()[:-1]),
    "longer": lambda path: replace(path, path.read_bytes() + b"x"),
    "flipped": lambda path: replace(path, _flipped(path.read_bytes())),
    "a directory": lambda path: (path.unlink(), path.mkdir())[1],  # type: ignore[func-returns-value]
}


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", [*NAMES, DOCUMENT])
def test_a_damaged_bundle_is_passed_over_and_that_is_said(
    bundles: Bundles, names: pathlib.Path, file: str, damage: str
) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    DAMAGES[damage](bundles.root / "2" / file)
    with pytest.raises(BundleError, match="2"):
        bundles.open("2")
    found, complaints = best(bundles)
    assert found is not None
    assert found.document.ttl == 1
    assert len(complaints) == 1
    assert str(bundles.root / "2") in complaints[0]


@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - {"flipped"}))
def test_a_damaged_manifest(bundles: Bundles, names: pathlib.Path, damage: str) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    DAMAGES[damage](bundles.root / "2" / MANIFEST)
    found, complaints = best(bundles)
    assert found is not None
    assert (found.document.ttl, len(complaints)) == (1, 1)


def test_any_byte_of_a_manifest(bundles: Bundles, names: pathlib.Path) -> None:
    """A flipped bit is seen, or harmless: what is opened is always what was published."""
    bundles.publish(policy(1), names, 1000.0)
    path = bundles.root / "1" / MANIFEST
    data = path.read_bytes()
    refused = 0
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes((data[at] ^ 0x10,)) + data[at + 1 :])
        try:
            assert bundles.open("1").document == policy(1)
        except BundleError:
            refused += 1
    assert refused > len(data) * 0.8


def test_a_manifest_that_speaks_of_nothing(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(policy(1), names, 1000.0)
    replace(bundles.root / "1" / MANIFEST, b'{"generation": "1", "created": 1.0, "files": {}}')
    with pytest.raises(BundleError):
        bundles.open("1")


def test_when_all_are_damaged_each_is_named(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in (1, 2, 3):
        bundles.publish(policy(ttl), names, 1000.0)
    for generation in "123":
        (bundles.root / generation / DOCUMENT).unlink()
    found, complaints = best(bundles)
    assert found is None
    assert len(complaints) == 3


@pytest.mark.parametrize(
    "pointer",
    [
        b"",
        b"\0" * 8,
        b"\xff\xfe",
        b"2\0",
        b"9",
        b"../names",
        b"new-3",
        b"-1",
        b"two",
        b"2 3",
        "٢".encode(),
        b"1" * 4000,
    ],
)
def test_a_damaged_pointer(bundles: Bundles, names: pathlib.Path, pointer: bytes) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    (bundles.root / CURRENT).write_bytes(pointer)
    found, _ = best(bundles)
    assert found is not None
    assert found.document.ttl == 2
    assert bundles.publish(policy(3), names, 1002.0) == "3"
    assert in_force(bundles) == 3


class _Killed(BaseException):
    """kill -9: nothing of the writer's own is run after it."""


class _Steps:
    """Ends the writer at its nth step on the disk; a file may be half written then."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __call__(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                if step is _WRITE:
                    args[0].write_bytes(args[1][: len(args[1]) // 2])
                raise _Killed
            return step(*args, **kwargs)

        return stepped


_WRITE = module._write


@contextlib.contextmanager
def killed_after(monkeypatch: pytest.MonkeyPatch, steps: int) -> Iterator[_Steps]:
    counted = _Steps(steps)
    with monkeypatch.context() as patch:
        for owner, names in (
            (module, ("_link", "_write", "_sync")),
            (pathlib.Path, ("mkdir", "rename", "replace")),
            (shutil, ("rmtree",)),
        ):
            for name in names:
                patch.setattr(owner, name, counted(getattr(owner, name)))
        yield counted


@pytest.mark.parametrize("made", [policy, lined])
def test_killed_at_any_step_the_old_or_the_new_one_is_whole(
    made: Callable[[int], Document], tmp_path: pathlib.Path, names: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = []
    for steps in range(100):
        bundles = Bundles(tmp_path / f"state{steps}")
        for ttl in (1, 2, 3):
            bundles.publish(made(ttl), names, 1000.0)
        with killed_after(monkeypatch, steps) as counted:
            try:
                bundles.publish(made(4), names, 1001.0)
                finished = True
            except _Killed:
                finished = False
        outcomes.append(in_force(bundles) or 0)
        assert bundles.publish(made(5), names, 1002.0)
        assert in_force(bundles) == 5
        assert len(bundles.generations()) == 3
        assert {path.name for path in bundles.root.iterdir()} == {*bundles.generations(), CURRENT}
        if finished:
            assert counted.left >= 0
            break
    assert set(outcomes) == {3, 4}
    assert outcomes == sorted(outcomes)
    assert len(outcomes) > 10


def test_everything_is_on_disk_before_it_is_named(
    bundles: Bundles, names: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that loses power keeps only what was synced; what is linked was perhaps never synced before."""
    events: list[str] = []
    fsync, rename, replace = os.fsync, pathlib.Path.rename, pathlib.Path.replace

    def synced(descriptor: int) -> None:
        events.append(f"sync {pathlib.Path(f'/proc/self/fd/{descriptor}').readlink().name}")
        fsync(descriptor)

    def renamed(path: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
        events.append(f"name {target.name}")
        return rename(path, target)

    def replaced(path: pathlib.Path, target: pathlib.Path) -> pathlib.Path:
        events.append(f"name {target.name}")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(pathlib.Path, "rename", renamed)
    monkeypatch.setattr(pathlib.Path, "replace", replaced)
    bundles.publish(lined(1), names, 1000.0)
    before = events[: events.index("name 1")]
    assert {f"sync {file}" for file in (*NAMES, DOCUMENT, MANIFEST, OWN, "new-1", f"{CURRENT}.new")} <= set(before)
    assert all(before.count(f"sync {file}") == 2 for file in NAMES)
    assert before.index("sync new-1") > max(before.index(f"sync {file}") for file in (*NAMES, DOCUMENT, MANIFEST))
    assert events[len(before) :] == ["name 1", f"name {CURRENT}", "sync bundles"]


def test_left_overs_are_in_nobodys_way(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(policy(1), names, 1000.0)
    (bundles.root / "new-2").mkdir()
    (bundles.root / "new-2" / "names.trie").write_bytes(b"half")
    (bundles.root / "2").mkdir()  # a whole name, nothing in it
    (bundles.root / f"{CURRENT}.new").write_bytes(b"")
    (bundles.root / "7").write_bytes(b"a file")
    assert in_force(bundles) == 1
    assert bundles.publish(policy(2), names, 1000.0) == "8"
    assert in_force(bundles) == 2


@pytest.fixture
def small_disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A file system of 256 KiB."""
    with small(tmp_path / "disk", "256k") as where:
        yield where


@pytest.mark.parametrize("made", [policy, lined])
def test_a_full_disk_changes_nothing(
    made: Callable[[int], Document], small_disk: pathlib.Path, names: pathlib.Path
) -> None:
    bundles = Bundles(small_disk)
    bundles.publish(made(1), names, 1000.0)  # copied: no links across file systems
    before = sorted(path.name for path in bundles.root.iterdir())
    filler = small_disk / "filler"
    for free in range(0, 80_000, 4096):
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        os.truncate(filler, max(filler.stat().st_size - free, 0))
        try:
            bundles.publish(made(2), names, 1001.0)
        except OSError:
            assert in_force(bundles) == 1
            assert sorted(path.name for path in bundles.root.iterdir()) == before
        else:
            assert free
            assert in_force(bundles) == 2
            return
    pytest.fail("there was never room enough")
