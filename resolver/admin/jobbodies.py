"""The typed bodies of jobs, and of refusals. Light: the command reads them too. Times are Unix time."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

import msgspec

T = TypeVar("T")


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong: a stable word, a sentence for a person, and the offending field if there is one."""

    code: str
    message: str
    path: str | None = None


class ErrorBody(msgspec.Struct, frozen=True):
    """Why a request is refused, or what failed."""

    error: Failure


class Job(msgspec.Struct, Generic[T], frozen=True):
    """Work that takes longer than a request. `kind` is a stable word for what it is and `title` says it for people;
    `progress` is how much is done in per cent (None: that is not known), `said` what there was to say of it so far, the
    latest last. When it is done there is a `result`; when it failed, `error` says why."""

    id: str
    kind: str
    title: str
    state: Literal["running", "done", "failed"]
    progress: float | None
    said: list[str]
    result: T | None
    error: Failure | None
    began: float
    ended: float | None
