"""`lull backup` and `lull restore`, as far as they go without a daemon; tests/daemon has the rest."""

from __future__ import annotations

import json
import pathlib
import stat
from typing import Any

import pytest

from resolver.backup.locking import alone
from resolver.backup.reading import check
from resolver.cli import main
from tests.backup.archives import ABOUT, plain, whole, write
from tests.backup.house import House
from tests.commands.played import TOKEN, Admin, done


@pytest.fixture
def house(tmp_path: pathlib.Path) -> House:
    made = House(tmp_path / "house")
    made.begin()
    made.furnish()
    return made


def _lull(house: House, *words: str) -> int:
    return main([*words, "--config", str(house.file)])


def test_out_and_in(house: House, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, people = tmp_path / "kept.tar.gz", house.people()
    assert _lull(house, "backup", str(path), "--log") == 0
    told = capsys.readouterr()
    assert f"no daemon runs on {house.state}" in told.err
    assert str(path) in told.out
    assert "with the log" in told.out
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert check(path, 1 << 30).about.log
    for gone in house.state.glob("lull.db*"):
        gone.unlink()
    assert _lull(house, "restore", str(path), "--yes", "--json") == 0
    assert json.loads(capsys.readouterr().out)["state"] == "taken"
    assert house.people() == people
    assert sorted(one.name for one in tmp_path.iterdir()) == ["house", "kept.tar.gz"]


def test_the_name_of_the_file_may_be_left_out(
    house: House, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert _lull(house, "backup") == 0
    (made,) = tmp_path.glob("lull-backup-2*.tar.gz")
    assert not check(made, 1 << 30).about.log


def test_a_backup_takes_the_place_of_a_backup_and_of_nothing_else(house: House, tmp_path: pathlib.Path) -> None:
    path = tmp_path / "kept.tar.gz"
    assert _lull(house, "backup", str(path)) == 0
    assert _lull(house, "backup", str(path), "--log") == 0
    assert check(path, 1 << 30).about.log
    stranger = tmp_path / "thesis.txt"
    stranger.write_text("years of work")
    assert _lull(house, "backup", str(stranger)) == 2
    assert stranger.read_text() == "years of work"


def test_to_standard_output(house: House, tmp_path: pathlib.Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert _lull(house, "backup", "-") == 0
    (tmp_path / "out").write_bytes(capfdbinary.readouterr().out)
    check(tmp_path / "out", 1 << 30)


def test_where_there_is_nothing(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    house = House(tmp_path / "house")
    house.begin()
    nowhere = tmp_path / "nowhere"
    assert main(["backup", str(tmp_path / "x"), "--config", str(house.file), "--state", str(nowhere)]) == 1
    assert f"there is no state directory {nowhere}" in capsys.readouterr().err
    assert not nowhere.exists()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["house"]


def test_asking_first(
    house: House, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "kept.tar.gz"
    assert _lull(house, "backup", str(path)) == 0
    before = house.people()
    assert _lull(house, "restore", str(path)) == 2
    assert "--yes" in capsys.readouterr().err
    typed = {"yes": 0, "no": 2, "": 2}
    for word, code in typed.items():
        stdin = type("Terminal", (), {"isatty": lambda _: True, "readline": lambda _, word=word: f"{word}\n"})()
        monkeypatch.setattr("sys.stdin", stdin)
        assert _lull(house, "restore", str(path)) == code
    assert "the log will be empty" in capsys.readouterr().err
    assert house.people() == before


@pytest.mark.parametrize("data", [b"", b"nothing", plain(whole({"x": b""}))])
def test_what_is_no_backup(
    house: House, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], data: bytes
) -> None:
    path = tmp_path / "bad"
    path.write_bytes(data)
    assert _lull(house, "restore", str(path), "--yes") == 1
    assert str(path) in capsys.readouterr().err


def test_a_newer_backup(house: House, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path / "new", plain(whole({}, {**ABOUT, "format": 2, "version": "9.0"})))
    assert _lull(house, "restore", str(path), "--yes") == 1
    assert "restore it with that version" in capsys.readouterr().err


def test_a_daemon_is_asked(house: House, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether one runs is told by the lock, or by the environment that names it."""
    path, data = tmp_path / "got", write(tmp_path / "made", plain(whole({}))).read_bytes()
    with Admin() as admin:
        admin.raw["GET backup"] = (200, data)
        monkeypatch.setenv("LULL_ADMIN", f"127.0.0.1:{admin.port}")
        monkeypatch.setenv("LULL_TOKEN", TOKEN)
        assert _lull(house, "backup", str(path)) == 0
        assert path.read_bytes() == data
        admin.raw["GET backup"] = (200, data[:-5])
        assert _lull(house, "backup", str(path), "--log") == 1
        assert path.read_bytes() == data, "what is cut off takes nothing's place"
        assert sorted(one.name for one in tmp_path.iterdir()) == ["got", "house", "made"]
    monkeypatch.delenv("LULL_ADMIN")
    with alone(house.state):
        assert _lull(house, "backup", str(tmp_path / "none")) == 3


def test_what_came_of_it_is_told(
    house: House, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path / "made", plain(whole({})))
    result = {"id": "7", "made": 1.0, "version": "1", "rows": {}, "log": None, "lists": 0, "config": True, "notes": []}
    outcome: dict[str, Any] = {"id": "7", "state": "undone", "at": 1.0, "config": True, "notes": [], "reason": "busy"}
    with Admin() as admin:
        admin.bodies["POST restore"] = done(result)
        admin.bodies["GET restore"] = outcome
        monkeypatch.setenv("LULL_ADMIN", f"127.0.0.1:{admin.port}")
        monkeypatch.setenv("LULL_TOKEN", TOKEN)
        assert _lull(house, "restore", str(path), "--yes") == 1
        assert "nothing was changed: busy" in capsys.readouterr().err
        admin.bodies["GET restore"] = {**outcome, "state": "taken", "reason": "", "notes": ["list x: …"]}
        assert _lull(house, "restore", str(path), "--yes") == 0
        told = capsys.readouterr().out
        assert "restored" in told
        assert "list x" in told
