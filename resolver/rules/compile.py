"""Lists → the files of a compiled set. Seconds of CPU for a million rules: `child` runs it in a process of its own."""

from __future__ import annotations

import functools
import pathlib
from collections import Counter
from collections.abc import Callable, Sequence
from typing import BinaryIO, Literal

import msgspec

from resolver.errors import ListError
from resolver.rules import auto
from resolver.rules.read import TooLong, lines
from resolver.rules.report import EVERYTHING, SAMPLE_LENGTH, SAMPLES, Sample, SourceReport
from resolver.rules.rule import Cancel, Network, Outcome, Parser, Pattern, Reason, Rule, Skip
from resolver.rules.table import Table, Written

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
    gathered = []
    done = 0
    for source, parse, size in zip(sources, parsers, sizes, strict=True):
        step = functools.partial(_step, progress, done, total)
        gathered.append(_gather(source, parse, table, step))
        done += size
        progress(_READING * done / total)
    try:
        written = table.write(out)
    except OSError as error:
        raise ListError(f"{out}: the compiled lists cannot be written: {error.strerror or error}") from error
    progress(1.0)
    return [one.report(written) for one in gathered]


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


def _gather(source: Source, parse: Parser, table: Table, step: Callable[[int], None]) -> _Gathering:
    gathering = _Gathering(source, table)
    try:
        with source.path.open("rb") as file:
            gathering.read(file, parse, step)
    except OSError as error:
        raise _unreadable(source, error) from error
    return gathering


class _Gathering:
    """One source on its way into the table, and the counts of its report."""

    def __init__(self, source: Source, table: Table) -> None:
        self._source = source
        self._trust = source.kind == "allow"
        self._table = table
        self._lines = 0
        self._rules = 0
        self._networks = 0
        self._ignored = 0
        self._skipped: Counter[str] = Counter()
        self._samples: list[Sample] = []
        self._everything: list[Sample] = []
        self._patterns: Counter[str] = Counter()  # by text
        self._where: dict[str, int] = {}  # the first line of each

    def read(self, file: BinaryIO, parse: Parser, step: Callable[[int], None]) -> None:
        for number, line in enumerate(lines(file, indent=self._source.syntax in auto.INDENTED), 1):
            self._lines = number
            if isinstance(line, TooLong):
                self._take(number, line.head, (Skip(Reason.TOO_LONG),))
            elif outcome := parse(line):
                self._take(number, line, outcome)
            else:
                self._ignored += 1
            if number % _LINES_A_STEP == 0:
                step(file.tell())

    def _take(self, number: int, line: str, outcome: Outcome) -> None:
        first = None
        for found in outcome:
            reason = found.reason if isinstance(found, Skip) else self._add(number, line, found)
            if reason is not None:
                self._skipped[reason.value] += 1
                first = first or reason
        if first is not None:
            self._sample(number, line, first)

    def _add(self, number: int, line: str, found: Rule | Pattern | Network | Cancel) -> Reason | None:
        reason = self._table.add(self._source.index, found, trust=self._trust)
        if reason is None:
            self._rules += 1
            if not isinstance(found, Rule):
                self._note(number, line, found)
        return reason

    def _note(self, number: int, line: str, found: Pattern | Network | Cancel) -> None:
        if isinstance(found, Pattern):
            self._patterns[found.text] += 1
            self._where.setdefault(found.text, number)
            if found.everything and len(self._everything) < EVERYTHING:
                self._everything.append(Sample(number, line[:SAMPLE_LENGTH], Reason.TOO_BROAD.value))
        elif isinstance(found, Network):
            self._networks += 1

    def _sample(self, number: int, line: str, reason: Reason) -> None:
        if len(self._samples) < SAMPLES:
            self._samples.append(Sample(number, line[:SAMPLE_LENGTH], reason.value))

    def report(self, written: Written) -> SourceReport:
        """What became of the source, once the table is written."""
        index = self._source.index
        fallen = 0
        for text in sorted({text for list, text in written.dropped if list == index}, key=self._where.__getitem__):
            fallen += self._patterns[text]
            self._sample(self._where[text], text, Reason.TOO_MANY)
        if fallen:
            self._skipped[Reason.TOO_MANY.value] += fallen
        return SourceReport(
            index=index,
            id=self._source.id,
            lines=self._lines,
            rules=self._rules - fallen,
            ignored=self._ignored,
            skipped=dict(sorted(self._skipped.items())),
            samples=self._samples,
            patterns=self._patterns.total() - fallen,
            networks=self._networks,
            names=written.names[index],
            shared=written.shared[index],
            everything=self._everything,
        )
