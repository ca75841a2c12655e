"""Judging a new version before it takes the place of a good one: it is compiled by itself, and looked at."""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple

import msgspec

from resolver.config.updates import Updates
from resolver.errors import ListError, LullError
from resolver.lists import disk, guard
from resolver.lists.canaries import Canary, own_hosts
from resolver.lists.compiler import Alone, Compiler, Input
from resolver.lists.sources import Held
from resolver.lists.wanted import Wanted
from resolver.rules.expressions import MAX_PATTERNS
from resolver.rules.report import Sample

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


class _Found(NamedTuple):
    """What may be wrong with a version: lines that match everything, canaries that it blocks, networks of the world."""

    everything: Sequence[Sample]
    hits: Sequence[guard.Hit]
    networks: Sequence[guard.Wide]

    def beyond(self, former: _Found) -> _Found:
        """What another version has not."""
        lines, names = {one.text for one in former.everything}, {hit.canary.name for hit in former.hits}
        return _Found(
            [one for one in self.everything if one.text not in lines],
            [hit for hit in self.hits if hit.canary.name not in names],
            [] if former.networks else self.networks,
        )


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
            guard.too_many(report),
            guard.too_many_clients(alone.names),
            *await self._harms(alone, wanted, before),
            guard.out_of_proportion(report.rules, before.held.rules, self.updates) if before else None,
        ]
        return Judged(report.rules, "; ".join(filter(None, reasons)))

    async def _harms(self, alone: Alone, wanted: Wanted, before: Before | None) -> list[str | None]:
        """What a version would do and must not. What the one before does already was wanted so."""
        found = await asyncio.to_thread(_found, alone, await self._forbidden(wanted, before))
        if before is not None and any(found):
            async with self._compiler.alone(_input(wanted), before.path) as former:
                found = found.beyond(await asyncio.to_thread(_found, former, [hit.canary for hit in found.hits]))
        return [guard.matches_all(found.everything), guard.harm(found.hits), guard.too_wide(found.networks)]

    async def _forbidden(self, wanted: Wanted, before: Before | None) -> list[Canary]:
        """The names that a list must not keep people from."""
        if wanted.kind == "allow":
            return []
        canaries = [*own_hosts(wanted.urls), *await self._given(), *self.popular]
        return [one for one in canaries if not one.categories & {*wanted.category} and (before or not one.usual)]

    async def _given(self) -> Sequence[Canary]:
        try:
            return await self._canaries()
        except (LullError, OSError) as error:
            log.warning("names that this household needs are not known now: %s", error)
            return ()


def _looked_at(path: pathlib.Path, rules_before: int, own: bool) -> tuple[str | None, int]:
    return guard.not_a_list(path, rules_before, own=own), path.stat().st_size


def _found(alone: Alone, canaries: Sequence[Canary]) -> _Found:
    return _Found(alone.report.everything, guard.hits(canaries, alone.names), guard.wide(alone.names))


def _input(wanted: Wanted) -> Input:
    """A list as it is compiled by itself: nobody asks for the digest."""
    return Input(wanted.id, wanted.kind, wanted.syntax, wanted.subdomains, "")
