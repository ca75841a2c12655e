"""Lists → the files of a compiled set. Seconds of CPU for a million rules: `child` runs it in a process of its own."""

from __future__ import annotations

import functools
import pathlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import BinaryIO, Literal, NamedTuple

import msgspec

from resolver.errors import ListError
from resolver.rules import auto
from resolver.rules.read import TooLong, lines
from resolver.rules.rule import Action, Fact, Outcome, Parser, Reason, Skip
from resolver.rules.table import Table

SAMPLES = 100
"""How many skipped lines of a source are kept to be shown."""

SAMPLE_LENGTH = 200
"""Characters of a skipped line that are kept."""

Progress = Callable[[float], None]

_LINES_A_STEP = 16_384
_READING = 0.7  # of the whole, measured; the rest is building the trie


class Source(msgspec.Struct, frozen=True):
    """A list to compile. `index` is its bit in masks; `syntax` a name that `auto.parser` knows; every rule of an
    `allow` list trusts; with `subdomains` the bare names of a domains list mean their subtrees."""

    index: int
    id: str
    path: pathlib.Path
    syntax: str = "auto"
    kind: Literal["block", "allow"] = "block"
    subdomains: bool = False


class Sample(NamedTuple):
    """A skipped line: its number from 1, its first SAMPLE_LENGTH characters, the reason."""

    line: int
    text: str
    reason: str


class SourceReport(msgspec.Struct, frozen=True):
    """What became of a list.

    `lines`: all of them. `rules`: as often as the list says them. `ignored`: lines that say nothing (comments, empty
    ones, names that are never a rule). `skipped`: lines, or names of hosts lines, that gave no rule, by reason.
    `samples`: the first SAMPLES skipped lines.
    """

    index: int
    id: str
    lines: int
    rules: int
    ignored: int
    skipped: dict[str, int]
    samples: list[Sample]


def compile_sources(
    sources: Sequence[Source], out: pathlib.Path, progress: Progress = lambda _: None
) -> list[SourceReport]:
    """Compile lists into the directory `out` and say what became of each, in their order.

    `progress` is called now and then with a share that grows from 0.0 to 1.0. Nothing is fsynced: that is for whoever
    makes the files current. Raises ListError when a source cannot be read or is of an unknown syntax, or when `out`
    cannot be written; nothing that a list holds makes it fail.
    """
    parsers = [_parser(source) for source in sources]
    sizes = [_size(source) for source in sources]
    total = max(sum(sizes), 1)
    table = Table()
    reports = []
    done = 0
    for source, parse, size in zip(sources, parsers, sizes, strict=True):
        step = functools.partial(_step, progress, done, total)
        reports.append(_gather(source, parse, table, step))
        done += size
        progress(_READING * done / total)
    try:
        table.write(out)
    except OSError as error:
        raise ListError(f"{out}: the compiled lists cannot be written: {error.strerror or error}") from error
    progress(1.0)
    return reports


def _step(progress: Progress, done: int, total: int, read: int) -> None:
    progress(_READING * min((done + read) / total, 1.0))


def _parser(source: Source) -> Parser:
    parser = auto.parser(source.syntax, subdomains=source.subdomains)
    if parser is None:
        raise ListError(f'list {source.id}: syntax "{source.syntax}" is unknown; use one of {", ".join(auto.SYNTAXES)}')
    return parser


def _size(source: Source) -> int:
    try:
        return source.path.stat().st_size
    except OSError as error:
        raise _unreadable(source, error) from error


def _unreadable(source: Source, error: OSError) -> ListError:
    return ListError(f"list {source.id}: {source.path} cannot be read: {error.strerror or error}")


def _gather(source: Source, parse: Parser, table: Table, step: Callable[[int], None]) -> SourceReport:
    try:
        with source.path.open("rb") as file:
            return _Gathering(source, table).read(file, parse, step)
    except OSError as error:
        raise _unreadable(source, error) from error


class _Gathering:
    """One source on its way into the table, and the counts of its report."""

    def __init__(self, source: Source, table: Table) -> None:
        self._source = source
        self._table = table
        self._rules = 0
        self._ignored = 0
        self._skipped: Counter[str] = Counter()
        self._samples: list[Sample] = []

    def read(self, file: BinaryIO, parse: Parser, step: Callable[[int], None]) -> SourceReport:
        number = 0
        for number, line in enumerate(lines(file), 1):
            if isinstance(line, TooLong):
                self._take(number, line.head, (Skip(Reason.TOO_LONG),))
            elif outcome := parse(line):
                self._take(number, line, outcome)
            else:
                self._ignored += 1
            if number % _LINES_A_STEP == 0:
                step(file.tell())
        skipped = dict(sorted(self._skipped.items()))
        return SourceReport(
            self._source.index, self._source.id, number, self._rules, self._ignored, skipped, self._samples
        )

    def _take(self, number: int, line: str, outcome: Outcome) -> None:
        reason = None
        for found in outcome:
            if isinstance(found, Skip):
                reason = reason or found.reason
                self._skipped[found.reason.value] += 1
            else:
                action = Action.TRUST if self._source.kind == "allow" else found.action
                self._table.add(found.name, Fact(self._source.index, action, found.form).pack())
                self._rules += 1
        if reason is not None and len(self._samples) < SAMPLES:
            self._samples.append(Sample(number, line[:SAMPLE_LENGTH], reason.value))
