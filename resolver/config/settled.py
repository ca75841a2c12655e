"""The config in force: what the file says, and the choices of people in its place, as far as they fit together."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml
from msgspec import Struct

from resolver.config.chosen import Choice
from resolver.config.known import Known
from resolver.config.load import NO_CHOICES, NO_OVERRIDES, Overrides, build, parse
from resolver.config.nodes import CHOSEN
from resolver.config.schema import Config
from resolver.config.tree import compose
from resolver.errors import ConfigError, Problem


class Source(Struct, frozen=True):
    """Where a config comes from, but for choices: the bytes of its file, what the catalogue has, and what the command
    line says."""

    data: bytes
    path: pathlib.Path
    known: Known
    overrides: Overrides = NO_OVERRIDES

    def config(self, choices: Mapping[str, Any] = NO_CHOICES) -> Config:
        """What all of it says. Raises ConfigError."""
        return parse(self.data, self.path, self.known, self.overrides, choices)


class Settled(Struct, frozen=True):
    """A config, the choices that there are, and which of these are left out of it, by path, as the file (or another
    choice) has no place for them, with the reason. `file` is what its file was composed to."""

    config: Config
    choices: tuple[Choice, ...] = ()
    left_out: Mapping[str, str] = {}
    file: yaml.Node | None = None

    @property
    def trouble(self) -> str:
        """What people should know of choices; "" if there is nothing."""
        return "; ".join(
            f"what was chosen for {path} no longer fits the config and is left out: {why}"
            for path, why in self.left_out.items()
        )


def settle(source: Source, choices: Iterable[Choice] = ()) -> Settled:
    """The config of a file with as many of the choices as fit it. Raises ConfigError for the file alone: it has to be
    right without any."""
    given = tuple(choices)
    tree = compose(source.data, str(source.path))  # once: that takes the longest
    file = None if isinstance(tree, Problem) else tree

    def config(values: Mapping[str, Any] = NO_CHOICES) -> Config:
        return build(tree, source.path, source.known, source.overrides, values)

    alone = config()
    if not given:
        return Settled(alone, file=file)
    try:
        return Settled(config({one.path: one.value for one in given}), given, file=file)
    except ConfigError:
        best, left_out = _as_far(config, given, alone)
        return Settled(best, given, left_out, file)


def _as_far(
    config: Callable[[Mapping[str, Any]], Config], given: tuple[Choice, ...], best: Config
) -> tuple[Config, dict[str, str]]:
    """The config with those that fit, and why the others do not: by halves, as reading it takes long, and mostly one
    of many is wrong; over and over, as one may need another that stands behind it."""
    kept: dict[str, Any] = {}
    left = {one.path: one.value for one in given}
    reasons: dict[str, str] = {}

    def take(paths: list[str]) -> None:
        nonlocal best
        try:
            best = config({**kept, **{path: left[path] for path in paths}})
        except ConfigError as error:
            half = len(paths) // 2
            if not half:
                reasons[paths[0]] = words(error)
                return
            take(paths[:half])
            take(paths[half:])
        else:
            kept.update((path, left.pop(path)) for path in paths)

    before = 0
    while left and len(left) != before:
        before = len(left)
        take(list(left))
    return best, {path: reasons[path] for path in left}


def words(error: ConfigError) -> str:
    """What is wrong with choices, in one line: of those it need not be said where they stand."""
    return "; ".join(map(_said, error.problems))


def _said(problem: Problem) -> str:
    return f"{problem.path}: {problem.message}" if problem.file == CHOSEN else str(problem)
