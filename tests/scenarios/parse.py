"""A scenario file → its scenarios. Of Markdown only headings and fences count; whatever else stands there is prose.

`# Title`, then blocks that every scenario of the file shares, then `## Heading` for each scenario with its own blocks.
The words after a fence's backticks are the block's role; one that is unknown is an error, so that nothing that looks
like a test goes unread.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

import msgspec

_FENCE = re.compile(r"(`{3,}) *([^`]*)")
_FILE = re.compile(r"text file=(\S+?)(?: version=([0-9]+))?")
_UPSTREAM = re.compile(r"text upstream=(\S+)")


class ScenarioError(Exception):
    """A scenario that cannot be run or does not hold; the text begins with file and line."""

    def __init__(self, path: pathlib.Path, line: int, message: str) -> None:
        super().__init__(f"{path}:{line}: {message}")


class Role(StrEnum):
    """What a block is for, as the words after its fence say."""

    CONFIG = "yaml config"
    FILE = "text file=NAME"
    UPSTREAM = "text upstream=ID"
    CONSOLE = "console"
    LOG = "jsonl log"


_SHARED = (Role.CONFIG, Role.FILE)


class Block(msgspec.Struct, frozen=True):
    """A fenced block. `name` is the file's or upstream's, `version` the file's; `line` is that of the body's first."""

    role: Role
    name: str
    version: int
    body: tuple[str, ...]
    line: int

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.body)


Bodies = Mapping[Block, Sequence[str]]
"""What blocks should say."""


class Scenario(msgspec.Struct, frozen=True):
    """One `##`: its heading, the line that is on, and its blocks in order, those shared by the file not among them."""

    heading: str
    line: int
    blocks: tuple[Block, ...]

    def of(self, role: Role) -> list[Block]:
        return [block for block in self.blocks if block.role is role]


class Document(msgspec.Struct, frozen=True):
    """A scenario file: where it is, the blocks right under `#`, and the scenarios."""

    path: pathlib.Path
    shared: tuple[Block, ...]
    scenarios: tuple[Scenario, ...]

    def find(self, heading: str) -> Scenario:
        return next(scenario for scenario in self.scenarios if scenario.heading == heading)


def read(path: pathlib.Path) -> Document:
    """The file at `path`. Raises ScenarioError."""
    return parse(path.read_bytes().decode(), path)


def parse(text: str, path: pathlib.Path) -> Document:
    """The scenarios in a text; `path` names it in errors. Raises ScenarioError."""
    return _Parser(path, text.split("\n")).run()


def rewritten(text: str, bodies: Bodies) -> str:
    """The text with other bodies in these blocks, everything else byte for byte."""
    lines = text.split("\n")
    for block in sorted(bodies, key=lambda block: -block.line):
        lines[block.line - 1 : block.line - 1 + len(block.body)] = bodies[block]
    return "\n".join(lines)


class _Parser:
    def __init__(self, path: pathlib.Path, lines: list[str]) -> None:
        self._path = path
        self._lines = lines
        self._titled = False
        self._shared: list[Block] = []
        self._scenarios: list[Scenario] = []
        self._heading: tuple[str, int] | None = None
        self._blocks: list[Block] = []
        self._prose = False

    def run(self) -> Document:
        number = 0
        while number < len(self._lines):
            line = self._lines[number]
            number += 1
            fence = _FENCE.fullmatch(line.rstrip())
            if fence is not None:
                number = self._fenced(fence[1], fence[2], number)
            elif line.startswith("# "):
                self._title(number)
            elif line.startswith("## "):
                self._end()
                self._begin(line[3:].strip(), number)
            elif line.strip():
                self._prose = True
        self._end()
        if not self._scenarios:
            raise self._error(1, "there is no scenario: a scenario begins with `## `")
        return Document(self._path, tuple(self._shared), tuple(self._scenarios))

    def _error(self, line: int, message: str) -> ScenarioError:
        return ScenarioError(self._path, line, message)

    def _title(self, number: int) -> None:
        if self._titled or self._heading:
            raise self._error(number, "a file has one title; a scenario begins with `## `")
        self._titled = True

    def _begin(self, heading: str, number: int) -> None:
        if not self._titled:
            raise self._error(number, "a file begins with a title, `# `")
        if any(scenario.heading == heading for scenario in self._scenarios):
            raise self._error(number, f"there is another scenario with the heading {heading!r}")
        self._heading = (heading, number)
        self._blocks = []
        self._prose = False

    def _end(self) -> None:
        """Take the scenario that ends here, once it has all that a scenario needs."""
        if self._heading is None:
            return
        heading, line = self._heading
        scenario = Scenario(heading, line, tuple(self._blocks))
        if not any(given.startswith("$ ") for block in scenario.of(Role.CONSOLE) for given in block.body):
            raise self._error(line, f"{heading!r} asks nothing: it needs a console block with a line that begins `$ `")
        if not self._prose:
            raise self._error(line, f"{heading!r} has no prose: say in a sentence what Lull does and why")
        self._scenarios.append(scenario)

    def _fenced(self, ticks: str, info: str, first: int) -> int:
        """Take the block whose fence is on line `first`; returns the number of its closing line."""
        for number in range(first, len(self._lines)):
            if self._lines[number].rstrip() == ticks:
                break
        else:
            raise self._error(first, "the block has no end")
        self._take(self._block(info.strip(), tuple(self._lines[first:number]), first), first)
        return number + 1

    def _block(self, info: str, body: tuple[str, ...], fence: int) -> Block:
        if file := _FILE.fullmatch(info):
            return Block(Role.FILE, file[1], int(file[2] or 1), body, fence + 1)
        if upstream := _UPSTREAM.fullmatch(info):
            return Block(Role.UPSTREAM, upstream[1], 1, body, fence + 1)
        if info in (Role.CONFIG, Role.CONSOLE, Role.LOG):
            return Block(Role(info), "", 1, body, fence + 1)
        raise self._error(fence, f"a block of the unknown role {info!r}: use one of {_listed(Role)}")

    def _take(self, block: Block, fence: int) -> None:
        if not self._titled:
            raise self._error(fence, "a file begins with a title, `# `")
        blocks = self._blocks if self._heading else self._shared
        if not self._heading and block.role not in _SHARED:
            raise self._error(fence, f"a block `{block.role}` belongs to one scenario; shared are {_listed(_SHARED)}")
        if block.role is not Role.CONSOLE and any(_same(block, other) for other in blocks):
            raise self._error(fence, "a second block for the same thing")
        blocks.append(block)


def _same(one: Block, other: Block) -> bool:
    return (one.role, one.name, one.version) == (other.role, other.name, other.version)


def _listed(roles: Iterable[Role]) -> str:
    return ", ".join(f"`{role}`" for role in roles)
