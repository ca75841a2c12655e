"""The names of time servers: a part of `blocklists/basics.txt`. They can be asked for although this machine's clock is
wrong, so that it can be set (`upstream.pool`)."""

from __future__ import annotations

import pathlib

from resolver.errors import DomainError, ListError
from resolver.paths import shipped
from resolver.wire.name import from_text, to_text

_HEADING = "# The time of day."


def clocks(path: pathlib.Path | None = None) -> tuple[str, ...]:
    """The names (normal text form) under the heading of that part, down to the next empty line. Raises ListError."""
    path = path or shipped("blocklists") / "basics.txt"
    try:
        _, _, part = path.read_text(encoding="utf-8").partition(f"{_HEADING}\n")
        names = tuple(to_text(from_text(line.strip())) for line in part.partition("\n\n")[0].splitlines())
    except (OSError, ValueError, DomainError) as error:
        raise ListError(f"{path}: {error}") from error
    if not names:
        raise ListError(f'{path}: has no names under "{_HEADING}"')
    return names
