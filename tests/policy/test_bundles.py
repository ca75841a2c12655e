"""Bundles on disk: whatever is damaged, and at whatever moment a writer dies, a whole one is found."""

from __future__ import annotations

import contextlib
import os
import pathlib
import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from resolver.errors import BundleError
from resolver.policy import bundles as module
from resolver.policy.bundle import DOCUMENT, Bundle
from resolver.policy.bundles import CURRENT, MANIFEST, NAMES, Bundles
from resolver.policy.document import Document, ListEntry
from tests.support import compile_lists

LISTS = (ListEntry("ads"),)


@pytest.fixture
def names(tmp_path: pathlib.Path) -> pathlib.Path:
    directory = tmp_path / "names"
    directory.mkdir()
    compile_lists(directory, {"ads": "||ads.example^\nexact.example"})
    return directory


@pytest.fixture
def bundles(tmp_path: pathlib.Path) -> Bundles:
    return Bundles(tmp_path / "state")


def policy(ttl: int) -> Document:
    return Document(lists=LISTS, ttl=ttl)


def best(bundles: Bundles) -> tuple[Bundle | None, list[str]]:
    complaints: list[str] = []
    return bundles.open_best(complaints.append), complaints


def in_force(bundles: Bundles) -> int | None:
    """The TTL of the bundle that is found, if one is; nothing may be complained of."""
    found, complaints = best(bundles)
    assert complaints == []
    return None if found is None else found.document.ttl


def test_before_the_first_there_is_none(bundles: Bundles) -> None:
    assert (bundles.current(), bundles.generations(), in_force(bundles)) == (None, [], None)


def test_published_and_opened(bundles: Bundles, names: pathlib.Path) -> None:
    assert bundles.publish(policy(1), names, 1000.0) == "1"
    assert bundles.publish(policy(2), names, 1001.0) == "2"
    assert (bundles.current(), bundles.generations(), in_force(bundles)) == ("2", ["2", "1"], 2)
    assert bundles.open("1").document.ttl == 1
    found = bundles.open("2").names.winner("x.ads.example", 1)
    assert found is not None
    assert {path.name for path in (bundles.root / "2").iterdir()} == {*NAMES, DOCUMENT, MANIFEST}
    assert {path.name for path in bundles.root.iterdir()} == {"1", "2", CURRENT}
    assert bundles.root.stat().st_mode & 0o777 == 0o700


def test_what_did_not_change_is_linked_not_written_again(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    for file in NAMES:
        assert len({(place / file).stat().st_ino for place in (names, bundles.root / "1", bundles.root / "2")}) == 1
    assert (bundles.root / "1" / DOCUMENT).stat().st_ino != (bundles.root / "2" / DOCUMENT).stat().st_ino


def test_the_same_again_is_no_new_generation(bundles: Bundles, names: pathlib.Path) -> None:
    assert [bundles.publish(policy(1), names, now) for now in (1000.0, 1001.0)] == ["1", "1"]
    assert bundles.generations() == ["1"]


@pytest.mark.parametrize("file", [*NAMES, DOCUMENT, MANIFEST])
def test_the_same_again_is_a_new_one_when_the_current_is_damaged(
    bundles: Bundles, names: pathlib.Path, file: str
) -> None:
    bundles.publish(policy(1), names, 1000.0)
    _replace(bundles.root / "1" / file, b"damaged")
    assert bundles.publish(policy(1), names, 1001.0) == "2"
    assert in_force(bundles) == 1


def test_the_last_three_are_kept(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in range(1, 13):
        bundles.publish(policy(ttl), names, 1000.0)
        assert len(bundles.generations()) == min(ttl, 3)
    assert bundles.generations() == ["12", "11", "10"]  # by number, not by text


def test_a_number_is_never_given_twice(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    shutil.rmtree(bundles.root)
    assert bundles.publish(policy(3), names, 1000.0) == "3"
    assert in_force(bundles) == 3


def test_an_open_bundle_outlives_its_files(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(policy(1), names, 1000.0)
    opened = bundles.open("1")
    shutil.rmtree(bundles.root)
    assert opened.names.winner("x.ads.example", 1) is not None


def _replace(path: pathlib.Path, data: bytes) -> None:
    """Write a file anew: to write into it would change what is linked to it."""
    path.unlink()
    path.write_bytes(data)


def _flipped(data: bytes) -> bytes:
    middle = len(data) // 2
    return data[:middle] + bytes((data[middle] ^ 0x10,)) + data[middle + 1 :]


DAMAGES: dict[str, Callable[[pathlib.Path], None]] = {
    "gone": lambda path: path.unlink(),
    "empty": lambda path: _replace(path, b""),
    "zeros": lambda path: _replace(path, bytes(path.stat().st_size)),
    "cut": lambda path: _replace(path, path.read_bytes()[:-1]),
    "longer": lambda path: _replace(path, path.read_bytes() + b"x"),
    "flipped": lambda path: _replace(path, _flipped(path.read_bytes())),
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


@pytest.mark.parametrize("damage", set(DAMAGES) - {"flipped"})
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
    _replace(bundles.root / "1" / MANIFEST, b'{"generation": "1", "created": 1.0, "files": {}}')
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


def test_the_pointer_counts_not_the_number(bundles: Bundles, names: pathlib.Path) -> None:
    for ttl in (1, 2):
        bundles.publish(policy(ttl), names, 1000.0)
    (bundles.root / CURRENT).write_text("1\n")
    assert in_force(bundles) == 1
    assert bundles.publish(policy(1), names, 1001.0) == "1"
    assert bundles.publish(policy(4), names, 1001.0) == "3"


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


def test_killed_at_any_step_the_old_or_the_new_one_is_whole(
    tmp_path: pathlib.Path, names: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = []
    for steps in range(100):
        bundles = Bundles(tmp_path / f"state{steps}")
        for ttl in (1, 2, 3):
            bundles.publish(policy(ttl), names, 1000.0)
        with killed_after(monkeypatch, steps) as counted:
            try:
                bundles.publish(policy(4), names, 1001.0)
                finished = True
            except _Killed:
                finished = False
        outcomes.append(in_force(bundles) or 0)
        assert bundles.publish(policy(5), names, 1002.0)
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
    bundles.publish(policy(1), names, 1000.0)
    before = events[: events.index("name 1")]
    assert {f"sync {file}" for file in (*NAMES, DOCUMENT, MANIFEST, "new-1", f"{CURRENT}.new")} <= set(before)
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


def test_missing_names_change_nothing(bundles: Bundles, names: pathlib.Path) -> None:
    bundles.publish(policy(1), names, 1000.0)
    (names / NAMES[1]).unlink()
    with pytest.raises(OSError, match=NAMES[1]):
        bundles.publish(policy(2), names, 1000.0)
    assert (bundles.generations(), in_force(bundles)) == (["1"], 1)


@pytest.fixture
def small_disk(tmp_path: pathlib.Path) -> Iterator[pathlib.Path]:
    """A file system of 256 KiB."""
    directory = tmp_path / "disk"
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "lull-test", str(directory)]
    if os.geteuid() or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("only root can mount a small file system")
    yield directory
    subprocess.run(["umount", "-l", str(directory)], check=True)


def test_a_full_disk_changes_nothing(small_disk: pathlib.Path, names: pathlib.Path) -> None:
    bundles = Bundles(small_disk)
    bundles.publish(policy(1), names, 1000.0)  # copied: no links across file systems
    before = sorted(path.name for path in bundles.root.iterdir())
    filler = small_disk / "filler"
    for free in range(0, 80_000, 4096):
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        os.truncate(filler, max(filler.stat().st_size - free, 0))
        try:
            bundles.publish(policy(2), names, 1001.0)
        except OSError:
            assert in_force(bundles) == 1
            assert sorted(path.name for path in bundles.root.iterdir()) == before
        else:
            assert free
            assert in_force(bundles) == 2
            return
    pytest.fail("there was never room enough")
