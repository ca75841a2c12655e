"""The fuzzing targets hold for their corpora: what once broke something, and where they begin."""

from __future__ import annotations

import pathlib

import pytest

from fuzz.targets import TARGETS, timed

CORPUS = pathlib.Path(__file__).parents[1] / "fuzz" / "corpus"
INPUTS = sorted(path for path in CORPUS.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_inputs_that_are_kept(path: pathlib.Path) -> None:
    timed(TARGETS[path.parent.name], path.read_bytes())


def test_every_target_has_where_to_begin() -> None:
    assert {path.parent.name for path in INPUTS} == set(TARGETS)
