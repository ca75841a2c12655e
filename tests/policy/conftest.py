"""Bundles on disk, for the tests of this folder."""

from __future__ import annotations

import pathlib

import pytest

from resolver.policy.bundles import Bundles
from tests.support import compile_lists


@pytest.fixture
def names(tmp_path: pathlib.Path) -> pathlib.Path:
    directory = tmp_path / "names"
    directory.mkdir()
    compile_lists(directory, {"ads": "||ads.example^\nexact.example"})
    return directory


@pytest.fixture
def bundles(tmp_path: pathlib.Path) -> Bundles:
    return Bundles(tmp_path / "state")
