"""The files of a run."""

from __future__ import annotations

import pathlib

import pytest

from benchmarks.bench import workload
from benchmarks.bench.names import STARTER, under, union
from benchmarks.bench.workload import made_rules, make, read, real_rules


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MISSES", "ASKED", "POPULAR"):
        monkeypatch.setattr(workload, name, 500)


def asked(path: pathlib.Path) -> list[str]:
    return [line.removesuffix(" A") for line in path.read_text().splitlines()]


def test_the_same_files_come_of_the_same_options(tmp_path: pathlib.Path) -> None:
    one, other = make(tmp_path / "one", None, None, 1_000), make(tmp_path / "other", None, None, 1_000)
    assert one.digests == other.digests
    assert set(one.digests) == {"rules", *workload.KINDS}


def test_queries_are_what_they_are_called(tmp_path: pathlib.Path) -> None:
    made = make(tmp_path, None, None, 2_000)
    rules = set(read(made.rules))
    assert len(rules) == made.rules.count == 2_000
    assert set(asked(made.queries["blocked"])) <= rules
    assert not [name for name in asked(made.queries["cached"]) if under(name, rules)]
    missed = asked(made.queries["missed"])
    assert len(set(missed)) == len(missed) == 500
    blocked = sum(name in rules for name in asked(made.queries["mixed"]))
    assert 0.2 < blocked / 500 < 0.4


def test_what_is_asked_at_the_start_is_not_in_the_starter_list(tmp_path: pathlib.Path) -> None:
    assert not under(made_rules(tmp_path, 1_000).first, set(union([STARTER])))


def test_many_rules_are_several_lists(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workload, "_PIECE", 300)
    rules = made_rules(tmp_path, 1_000)
    assert len(rules.lists) == 4
    assert "".join(path.read_text() for path in rules.lists) == rules.file.read_text()


def test_real_lists_are_taken_as_they_are(tmp_path: pathlib.Path) -> None:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "hosts.txt").write_text("0.0.0.0 a.example\n0.0.0.0 b.example\n")
    (folder / "more.txt").write_text("||b.example^\n")
    rules = real_rules(tmp_path, folder)
    assert list(rules.lists) == [folder / "hosts.txt", folder / "more.txt"]
    assert list(read(rules)) == ["a.example", "b.example"]
    assert not rules.made


def test_a_folder_without_names_is_said(tmp_path: pathlib.Path) -> None:
    (tmp_path / "list").write_text("! nothing\n")
    with pytest.raises(ValueError, match="has no lists"):
        real_rules(tmp_path / "..", tmp_path)
