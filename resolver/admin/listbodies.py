"""The typed bodies of the API that are about what lists are good for. Light: the command reads them too."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from resolver.admin.bodies import Count
from resolver.lists.bodies import ListState
from resolver.rules.report import Sample


class Overlap(msgspec.Struct, frozen=True):
    """How many names of a list another one has too."""

    id: str
    names: int


class Quality(msgspec.Struct, frozen=True):
    """What a list was good for since a time, by the log and by the rules in force. Counts are queries.

    `hits`: that were blocked, or by a shadow list would have been, and that this list has a rule for, whoever decided;
    of an allow list, that were allowed. `own`: of those, what no other live list has a rule for. `allowed_later`: what
    people allowed afterwards. All three are None when they are not known: `unknown` says why. `overlaps` are the lists
    in use that have most of its names; `advice` is for a list that adds nothing ("" for others).
    """

    since: float
    hits: int | None = None
    own: int | None = None
    allowed_later: int | None = None
    overlaps: list[Overlap] = []
    advice: str = ""
    unknown: str = ""


class ListInfo(ListState, frozen=True):
    """A list with what it is good for; None when that was not looked into yet."""

    quality: Quality | None = None


class Trying(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list to try out: one of `url`, `file` and `id` (of the catalogue). What is not given is as for a list in use;
    `days` is how far back the log is looked through."""

    url: Annotated[str, Meta(max_length=2000)] = ""
    file: Annotated[str, Meta(max_length=4000)] = ""
    id: Annotated[str, Meta(max_length=64)] = ""
    syntax: Literal["hosts", "domains", "adblock", "rpz", "dnsmasq", "auto"] | None = None
    kind: Literal["block", "allow"] | None = None
    subdomains: bool | None = None
    days: Annotated[int, Meta(ge=1, le=90)] = 7


class Affected(msgspec.Struct, frozen=True):
    """A name of the log that would be answered otherwise, by which rule, how often it was asked for and by whom; the
    devices that asked most come first, and `more` are not named."""

    name: str
    rule: str
    count: int
    devices: list[Count]
    more: int = 0


class Effect(msgspec.Struct, frozen=True):
    """The names of the log that would be answered otherwise, those asked most first: `names` of them and `queries` for
    them in all, `shown` the first. `left_out` names, those asked least, were not looked into."""

    names: int
    queries: int
    shown: list[Affected]
    left_out: int = 0


class Tried(msgspec.Struct, frozen=True):
    """What a list would do. `url` is where it came from; `refused` is why the update guard would refuse it ("" if it
    would not). Of its `names`, `new` are on no list in use, and `overlaps` have the others. By the log since a time,
    `blocks` would newly be blocked (or answered otherwise) and `allows` newly allowed; None when the log cannot say,
    and `unknown` says why."""

    url: str
    kind: str
    syntax: str
    bytes: int
    lines: int
    rules: int
    names: int
    patterns: int
    networks: int
    skipped: int
    skipped_by: dict[str, int]
    samples: list[Sample]
    refused: str
    new: int
    overlaps: list[Overlap]
    since: float
    blocks: Effect | None = None
    allows: Effect | None = None
    unknown: str = ""
