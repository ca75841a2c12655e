"""Collects scenarios: every `##` of a Markdown file beside this one is a test."""

from __future__ import annotations

import pathlib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.scenarios import parse
from tests.scenarios.play import DiffersError, play


def pytest_collect_file(parent: pytest.Collector, file_path: pathlib.Path) -> pytest.Collector | None:
    """Every Markdown file is one of scenarios."""
    if file_path.suffix != ".md":
        return None
    collector: pytest.Collector = ScenarioFile.from_parent(parent, path=file_path)
    return collector


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is written anew is written before other tests read it."""
    if config.getoption("regen"):
        items.sort(key=lambda item: not isinstance(item, ScenarioItem))


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
        play(self.path, self.name, self.config.getoption("via"), regen=self.config.getoption("regen"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        if isinstance(excinfo.value, (DiffersError, parse.ScenarioError)):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[pathlib.Path, int, str]:
        return self.path, self._line - 1, self.name
