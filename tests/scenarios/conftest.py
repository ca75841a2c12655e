"""Collects scenarios: every `##` of a Markdown file beside this one is a test."""

from __future__ import annotations

import pathlib
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios import parse, run


class DiffersError(Exception):
    """A scenario's blocks do not say what Lull says; the text shows where."""


def pytest_collect_file(parent: pytest.Collector, file_path: pathlib.Path) -> pytest.Collector | None:
    """Every Markdown file is one of scenarios."""
    if file_path.suffix != ".md":
        return None
    collector: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
    return collector


class ScenarioFile(pytest.File):
    """A file of scenarios."""

    def collect(self) -> Iterator[pytest.Item]:
        for scenario in parse.read(self.path).scenarios:
            yield ScenarioItem.from_parent(self, name=scenario.heading, line=scenario.line)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, parse.ScenarioError):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


class ScenarioItem(pytest.Item):
    """One scenario, over what `--via` says."""

    def __init__(self, *, line: int, **rest: Any) -> None:
        super().__init__(**rest)
        self._line = line

    def runtest(self) -> None:
        if self.config.getoption("regen"):
            play(self.path, self.name, self.config.getoption("via"), regen=True)
        else:
            play(self.path, self.name, self.config.getoption("via"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (DiffersError, parse.ScenarioError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[pathlib.Path, int, str]:
        return self.path, self._line - 1, self.name


def play(path: pathlib.Path, heading: str, way: str, *, regen: bool = False) -> None:
    """Run a scenario and compare; with `regen`, write down what it says now. Raises DiffersError, ScenarioError."""
    with tempfile.TemporaryDirectory() as directory:
        bodies = run.run(parse.read(path), heading, way, pathlib.Path(directory))
    line = run.first_difference(bodies)
    if not line:
        return
    difference = run.differences(path, bodies)
    if regen:
        run.regenerate(path, heading, bodies)
        raise DiffersError(f"{path}:{line}: written anew; review the diff\n{difference}")
    raise DiffersError(f"{path}:{line}: {heading!r} does not hold ({way})\n{difference}")
