"""Judging a new version before it takes the place of a good one: it is compiled by itself, and looked at."""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from resolver.config.schema import Updates
from resolver.errors import ListError, LullError
from resolver.lists import disk, guard
from resolver.lists.canaries import Canary, own_hosts
from resolver.lists.compiler import Alone, Compiler, Input
from resolver.lists.sources import Held
from resolver.lists.wanted import Wanted
from resolver.rules.expressions import MAX_PATTERNS

log = logging.getLogger(__name__)

Canaries = Callable[[], Awaitable[Sequence[Canary]]]
"""The names that matter besides the popular ones, as they are now."""

_SHORTEST_PATTERN = 4  # bytes, with the end of its line


class Before(msgspec.Struct, frozen=True):
    """The version in force, and its file."""

    held: Held
    path: pathlib.Path


class Judged(msgspec.Struct, frozen=True):
    """The `rules` of a version (0: not counted yet), and why it is refused (empty: it is not). What is `passing` is no
    list at all."""

    rules: int = 0
    reason: str = ""
    passing: bool = False


class Examiner:
    """Judges versions. `popular` are the names that ship with Lull, `updates` is what the config says."""

    def __init__(self, compiler: Compiler, canaries: Canaries) -> None:
        self.popular: Sequence[Canary] = ()
        self.updates = Updates()
        self._compiler = compiler
        self._canaries = canaries

    def terms(self, wanted: Wanted) -> str:
        """What a list is judged by: a version that was refused by other terms is to be judged again."""
        updates = self.updates
        about = ",".join(sorted(wanted.category))
        return f"{wanted.kind} {wanted.syntax} {wanted.subdomains} {about} {updates.shrink} {updates.grow}"

    async def examine(self, path: pathlib.Path, wanted: Wanted, before: Before | None) -> Judged:
        """What is to be said of a version in a file. Raises ListError when it cannot be found out."""
        own = wanted.file is not None
        try:
            reason, size = await asyncio.to_thread(_looked_at, path, before.held.rules if before else 0, own)
        except OSError as error:
            raise ListError(f"{path}: it cannot be read: {disk.why(error)}") from error
        if reason is not None:
            return Judged(reason=reason, passing=True)
        if own and size <= MAX_PATTERNS * _SHORTEST_PATTERN:  # it cannot have too many, and may have all else
            return Judged()
        async with self._compiler.alone(_input(wanted), path) as alone:
            return await self.judge(alone, wanted, before)

    async def judge(self, alone: Alone, wanted: Wanted, before: Before | None) -> Judged:
        """What is to be said of a version that was compiled by itself. Raises ListError."""
        report = alone.report
        if wanted.file is not None:
            return Judged(report.rules, guard.too_many(report) or "")
        nothing = guard.without_rule(report, wanted.syntax)
        if nothing is not None:
            return Judged(reason=nothing, passing=True)
        reasons = [
            guard.matches_all(report),
            guard.too_many(report),
            guard.harm(await self._hits(alone, wanted, before)) if wanted.kind == "block" else None,
            guard.out_of_proportion(report.rules, before.held.rules, self.updates) if before else None,
        ]
        return Judged(report.rules, "; ".join(filter(None, reasons)))

    async def _hits(self, alone: Alone, wanted: Wanted, before: Before | None) -> list[guard.Hit]:
        """The canaries that a version would block and the one before does not."""
        canaries = [*own_hosts(wanted.urls), *await self._given(), *self.popular]
        canaries = [one for one in canaries if not one.categories & {*wanted.category} and (before or not one.usual)]
        hits = await asyncio.to_thread(guard.hits, canaries, alone.names)
        if not hits or before is None:
            return hits
        async with self._compiler.alone(_input(wanted), before.path) as former:
            known = await asyncio.to_thread(guard.hits, [hit.canary for hit in hits], former.names)
        already = {hit.canary.name for hit in known}
        return [hit for hit in hits if hit.canary.name not in already]

    async def _given(self) -> Sequence[Canary]:
        try:
            return await self._canaries()
        except (LullError, OSError) as error:
            log.warning("names that this household needs are not known now: %s", error)
            return ()


def _looked_at(path: pathlib.Path, rules_before: int, own: bool) -> tuple[str | None, int]:
    return guard.not_a_list(path, rules_before, own=own), path.stat().st_size


def _input(wanted: Wanted) -> Input:
    """A list as it is compiled by itself: nobody asks for the digest."""
    return Input(wanted.id, wanted.kind, wanted.syntax, wanted.subdomains, "")
