"""People's own rules that are lines of a list, compiled: each is a list of its own, so that who it is for can be told
apart from what it says."""

from __future__ import annotations

import hashlib
import pathlib
from collections.abc import Sequence
from typing import Literal

import msgspec

import resolver
from resolver.errors import RuleError
from resolver.rules import files
from resolver.rules.ownrule import meant
from resolver.rules.table import Table

Line = tuple[Literal["allow", "deny"], str]


def mark(lines: Sequence[Line]) -> str:
    """What tells compiled lines from others: these lines, as this version of Lull reads and writes them."""
    made_of = (resolver.__version__, files.FORMAT, list(lines))
    return hashlib.sha256(msgspec.msgpack.encode(made_of)).hexdigest()


def compile_lines(lines: Sequence[Line], out: pathlib.Path) -> list[tuple[Line, str]]:
    """Compile lines into the directory `out`, each as the list of its place. Milliseconds for hundreds.

    Returns those that cannot be used, with the reason. Raises OSError when `out` cannot be written.
    """
    table = Table()
    refused = []
    for place, line in enumerate(lines):
        try:
            reason = table.add(place, meant(*line))
        except RuleError as error:
            refused.append((line, str(error)))
            continue
        if reason is not None:
            refused.append((line, reason.value))
    written = table.write(out)
    refused += [(lines[place], f"{text}: too many patterns") for place, text in written.dropped]
    return refused
