"""The typed bodies of what is told of upstreams. Light, as every process may read them. Times are Unix time."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from resolver.model import UpstreamHealth


class UpstreamHour(msgspec.Struct, frozen=True):
    """An hour of an upstream, by the log: `count` queries that it answered, of which it `failed` at some, with an RCODE
    other than NOERROR and NXDOMAIN. Half of them took `p50` milliseconds at most, and 95 of 100 `p95`."""

    at: int
    count: int
    failed: int
    p50: float
    p95: float


class UpstreamInfo(UpstreamHealth, frozen=True):
    """An upstream as it is now, with its hours, the earliest first; those without any query are left out."""

    hours: list[UpstreamHour] = msgspec.field(default_factory=list)


class Unanswered(msgspec.Struct, frozen=True):
    """An hour in which nobody answered some queries."""

    at: int
    count: int


class Upstreams(msgspec.Struct, frozen=True):
    """The upstreams, and how they were from the hour of `since` on. `unanswered` are the hours in which queries were
    not answered by any. `unknown` is why the hours are not known ("" if they are)."""

    since: float
    upstreams: list[UpstreamInfo]
    unanswered: list[Unanswered] = []
    unknown: str = ""


class UpstreamTest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which of the upstreams of the config is to be tested: its URL."""

    url: Annotated[str, Meta(max_length=512)]


class UpstreamTested(msgspec.Struct, frozen=True):
    """What came of a test. `first_ms` is how long the first answer took, with all that it takes to connect, and `ms`
    the second, as queries after it take; `reason` says why it does not work ("" if it does)."""

    url: str
    works: bool
    first_ms: float
    ms: float
    reason: str = ""
