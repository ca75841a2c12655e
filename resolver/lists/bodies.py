"""What is told of a list: the same values for API, pages and command. Light, as every process may read them."""

from __future__ import annotations

from typing import Literal

import msgspec

from resolver.rules.report import Sample


class Version(msgspec.Struct, frozen=True):
    """A version that is kept; `current` is the one in force. `received` is Unix time, `url` without secrets or a file's
    path; `rules` is 0 while they are not counted."""

    sha256: str
    received: float
    rules: int
    bytes: int
    url: str
    current: bool


class Refused(msgspec.Struct, frozen=True):
    """The version that was refused: why, and when (Unix time); `rules` is 0 for what is no list at all."""

    reason: str
    at: float
    rules: int
    bytes: int
    sha256: str


class ListState(msgspec.Struct, frozen=True):
    """A list as the admin shows it. Times are Unix times, 0.0 for never; `url` is without secrets.

    `state`: "waiting" has no version yet; "failing" has one, but the last check failed, with `error`; "ok".
    `rules`, `lines`, `skipped` (in all, by reason, and the first of those lines) are of the last compile with it, as
    are `patterns`, `names` (distinct), and `shared`: how many of these another list holds too.
    `fetched` is when a version was last received, `changed` when another one last came into force. `versions` are those
    that are kept, newest first; those before the current one were left for it, with the reason in `note`. `refused` is
    the version that was not taken, `everything` the first lines that match every name.
    """

    id: str
    title: str
    kind: Literal["block", "allow"]
    url: str
    file: str
    syntax: str
    rules: int
    lines: int
    skipped: int
    skipped_by: dict[str, int]
    samples: list[Sample]
    bytes: int
    fetched: float
    checked: float
    changed: float
    next_check: float
    error: str
    state: Literal["ok", "waiting", "failing"]
    mode: Literal["live", "shadow"] = "live"
    patterns: int = 0
    names: int = 0
    shared: int = 0
    refused: Refused | None = None
    versions: list[Version] = []
    note: str = ""
    everything: list[Sample] = []
