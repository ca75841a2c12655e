"""A list that is looked at before anybody uses it: received and compiled by itself, and gone again."""

from __future__ import annotations

import asyncio
import contextlib
import pathlib
from collections.abc import AsyncIterator, Sequence

import msgspec

from resolver.config.schema import ListSource
from resolver.errors import ListError
from resolver.lists import disk, guard, local
from resolver.lists.catalogue import Catalogue
from resolver.lists.compiler import Compiler, Input
from resolver.lists.examine import Before
from resolver.lists.fetch import Fetched, NotModified, fetch_first, shown
from resolver.lists.listed import Means
from resolver.lists.sources import Meta
from resolver.lists.wanted import Wanted, resolve
from resolver.rules.report import SourceReport
from resolver.rules.ruleset import RuleSet

_FILE = "list"


class Trial(msgspec.Struct, frozen=True):
    """What is known of a list on trial: the `report` of its lines, a set of this one list (index 0, mask 1), its bytes
    unpacked, where it came from (without secrets; or a file's path), why it would be refused (empty: it would not)."""

    report: SourceReport
    names: RuleSet
    bytes: int
    url: str
    refused: str


def on_trial(source: ListSource, base: Catalogue) -> Wanted:
    """What is to be tried out. Raises ListError for what is in no catalogue and comes from nowhere."""
    return next(one for one in resolve([source], base) if one.id == source.id)


@contextlib.asynccontextmanager
async def trying(
    wanted: Wanted, means: Means, compiler: Compiler, before: Before | None, within: Sequence[pathlib.Path]
) -> AsyncIterator[Trial]:
    """The trial of a list, against the version in force if there is one. Raises ListError when it cannot be had: a file
    of this machine must be `within` these directories."""
    async with compiler.workplace() as work:
        found = await _had(wanted, means, work / _FILE, within)
        own = wanted.file is not None
        try:
            nothing = await asyncio.to_thread(guard.not_a_list, found.path, 0, own=own)
        except OSError as error:
            raise ListError(f"{found.path}: it cannot be read: {disk.why(error)}") from error
        one = Input(wanted.id, wanted.kind, wanted.syntax, wanted.subdomains, found.sha256)
        async with compiler.alone(one, found.path) as alone:
            reason = nothing or (await means.examiner.judge(alone, wanted, before)).reason
            yield Trial(alone.report, alone.names, found.bytes, found.url if own else shown(found.url), reason)


async def _had(wanted: Wanted, means: Means, out: pathlib.Path, within: Sequence[pathlib.Path]) -> Fetched:
    limits = means.habits.limits
    if wanted.file is not None:
        if not wanted.ships and not within:
            raise ListError(f"{wanted.file}: this file cannot be tried out; it is not where files of lists may be")
        return await asyncio.to_thread(local.copy, wanted.file, out, limits.size, () if wanted.ships else within)
    async with means.habits.session_factory(means.examiner.updates.reach) as session:
        found = await fetch_first(session, wanted.urls, Meta(), limits, out)
    if isinstance(found, NotModified):
        raise ListError(f"{shown(found.url)}: the server answered 304 Not Modified")
    return found
