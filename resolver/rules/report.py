"""What became of a list when it was compiled. Light: what is told of lists is made of it, far from the compiler."""

from __future__ import annotations

from typing import NamedTuple

import msgspec

SAMPLES = 100
"""How many skipped lines of a source are kept to be shown."""

SAMPLE_LENGTH = 200
"""Characters of a skipped line that are kept."""

EVERYTHING = 20
"""How many lines that match every name are kept to be shown."""


class Sample(NamedTuple):
    """A line worth showing: its number from 1, its first SAMPLE_LENGTH characters, the reason."""

    line: int
    text: str
    reason: str


class SourceReport(msgspec.Struct, frozen=True):
    """What became of a list.

    `lines`: all of them. `rules`: as often as the list says them; of these `patterns` and `networks`. `ignored`: lines
    that say nothing (comments, empty ones, names that are never a rule). `skipped`: lines, or parts of them, that gave
    no rule, by reason. `samples`: the first SAMPLES skipped lines. `names`: different names; `shared`: those that
    another source has too. `everything`: the first EVERYTHING lines that match every name.
    """

    index: int
    id: str
    lines: int
    rules: int
    ignored: int
    skipped: dict[str, int]
    samples: list[Sample]
    patterns: int = 0
    networks: int = 0
    names: int = 0
    shared: int = 0
    everything: list[Sample] = []
