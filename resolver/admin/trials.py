"""Trying a list out: what it would do if it were in use, before it is."""

from __future__ import annotations

import asyncio
import os
import pathlib
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Raw

from resolver.admin.jobbodies import Job
from resolver.admin.jobs import Jobs, Report
from resolver.admin.listbodies import Tried, Trying
from resolver.admin.parts import Parts
from resolver.admin.quality import nameless
from resolver.admin.trying import Bench
from resolver.config.leaves import shown
from resolver.config.schema import Config, ListSource
from resolver.config.values import ListUrl
from resolver.errors import ApiError, ListError, StoreError
from resolver.lists import fetch
from resolver.lists.local import allowed
from resolver.lists.states import SAMPLES
from resolver.lists.trial import Trial
from resolver.policy.bundle import Bundle
from resolver.store.insight import DAY, Insight

_UNNAMED = "on trial"  # no id of a config is like it


class Trials:
    """One at a time. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], jobs: Jobs) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._jobs = jobs
        self._insight = Insight(parts.database)
        self._trying = asyncio.Lock()

    async def begin(self, asked: Trying) -> Job[Raw]:
        """Begin to receive a list, compile it by itself, and hold it against the lists in use and the log: the result
        is a Tried. Nothing is changed. One at a time; it takes a while."""
        source = await asyncio.to_thread(self._source, asked)
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")

        async def work(report: Report) -> Tried:
            async with self._trying:
                report.say("receiving and compiling it …")
                try:
                    async with self._parts.lists.trial(source, self._parts.catalogue, self._directories()) as trial:
                        report.say("holding it against the log …")
                        return await asyncio.to_thread(self._tried, trial, source, bundle, asked.days)
                except ListError as error:
                    raise ApiError(422, "list", str(error)) from error

        what = fetch.shown(asked.url) if asked.url else shown(asked.file or asked.id)
        return self._jobs.begin("try", f"try {what} out", work, needs="admin")

    def _source(self, asked: Trying) -> ListSource:
        """The list that is meant, as if it stood in the config."""
        given = [name for name in ("url", "file", "id") if getattr(asked, name)]
        if len(given) != 1:
            raise ApiError(400, "invalid", "give one of url, file and id (of the catalogue)")
        source = ListSource(_UNNAMED, kind=asked.kind, syntax=asked.syntax, subdomains=asked.subdomains)
        if asked.url:
            return msgspec.structs.replace(source, url=_url(asked.url))
        if asked.file:
            return msgspec.structs.replace(source, file=self._file(asked.file))
        if asked.id not in self._parts.catalogue.entries:
            preset = self._parts.catalogue.presets.get(asked.id)
            but = (
                f"it is a preset; try one of {', '.join(preset.lists)}" if preset else "give the url of a list of yours"
            )
            raise ApiError(404, "not-found", f"the catalogue has no list {shown(asked.id[:64])}: {but}", "id")
        return msgspec.structs.replace(source, id=asked.id)

    def _file(self, text: str) -> pathlib.Path:
        """A file of this machine that may be read: the admin must not become a way to look into others."""
        directories = self._directories()
        try:
            file = pathlib.Path(os.path.realpath(text)) if pathlib.Path(text).is_absolute() else None
        except ValueError:  # a NUL in it
            file = None
        if file is None or not allowed(file, directories):
            places = ", ".join(map(str, directories))
            message = f"{shown(text)} cannot be tried out: give the whole path of a file in {places}"
            raise ApiError(403, "forbidden", f"{message}; updates.files in the config says where files may be", "file")
        return file

    def _directories(self) -> Sequence[pathlib.Path]:
        """Where a file may be that is tried out."""
        return self._config().updates.files or (self._parts.home,)

    def _tried(self, trial: Trial, source: ListSource, bundle: Bundle, days: int) -> Tried:
        """Blocking, for seconds."""
        entry = self._parts.catalogue.entries.get(source.id)
        now, unknown = self._parts.clock.time(), nameless(self._config().log.privacy)
        kind = source.kind or (entry.kind if entry else "block")
        blocks = allows = None
        try:
            bench = Bench(trial.names, bundle, now, () if unknown else self._insight.clients())
            if not unknown:
                blocks = bench.blocks(self._insight, now - days * DAY)
                allows = bench.allows(self._insight, now - days * DAY)
        except StoreError as error:
            bench, unknown = Bench(trial.names, bundle, now), f"the log cannot be read now: {error}"
        new, overlaps = bench.overlap(allows=kind == "allow")
        report = trial.report
        return Tried(
            url=trial.url,
            kind=kind,
            syntax=source.syntax or (entry.syntax if entry else "auto"),
            bytes=trial.bytes,
            lines=report.lines,
            rules=report.rules,
            names=report.names,
            patterns=report.patterns,
            networks=report.networks,
            skipped=sum(report.skipped.values()),
            skipped_by=report.skipped,
            samples=report.samples[:SAMPLES],
            refused=trial.refused,
            new=new,
            overlaps=overlaps,
            since=now - days * DAY,
            blocks=blocks,
            allows=allows,
            unknown=unknown,
        )


def _url(text: str) -> str:
    try:
        return msgspec.convert(text, ListUrl)
    except msgspec.ValidationError as error:
        message = f"{shown(text)} is not a URL that begins with http:// or https:// and names a machine"
        raise ApiError(400, "invalid", message, "url") from error
