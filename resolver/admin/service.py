"""Everything that pages, API and command can do, in one place: they differ only in how they show it. What is about
lists is in `listing` and `trials`."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import pathlib
from collections.abc import Callable
from typing import TypeVar

import msgspec

from resolver import __version__
from resolver.admin import bodies, checks, explained, shown
from resolver.admin.lines import lines_of
from resolver.admin.listing import Listing
from resolver.admin.publish import Publisher
from resolver.admin.trials import Trials
from resolver.config.schema import Config
from resolver.errors import ApiError, ListError, StoreError
from resolver.journal.hub import Hub
from resolver.lists.catalogue import Catalogue
from resolver.lists.compiler import Compiled
from resolver.lists.update import Lists
from resolver.model import Client, Clock
from resolver.policy import build
from resolver.policy.decide import explain
from resolver.policy.document import Document, OwnRule, Pause
from resolver.store.database import Database
from resolver.store.queries import LogFilter, Queries, Totals
from resolver.store.rules import NewPause, NewRule, RulesStore
from resolver.store.writer import Writer

log = logging.getLogger(__name__)

T = TypeVar("T")


class Parts(msgspec.Struct, frozen=True):
    """What the service works with, made by the composition root. `home` is the config file's directory."""

    clock: Clock
    hub: Hub
    publisher: Publisher
    lists: Lists
    database: Database
    rules: RulesStore
    queries: Queries
    writer: Writer
    catalogue: Catalogue
    home: pathlib.Path


class Service:
    """The household's resolver, as people handle it. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, config: Config, parts: Parts) -> None:
        self.config = config
        self.config_trouble = ""
        self._parts = parts
        self.listing = Listing(parts, lambda: self.config)
        self.trials = Trials(parts, lambda: self.config)
        self._changing = asyncio.Lock()
        self._started = parts.clock.time()
        self._pauses: list[bodies.PauseInfo] = []
        self._counted: dict[tuple[str, str], int] = {}

    @property
    def clock(self) -> Clock:
        return self._parts.clock

    # Policy into force

    async def publish(self) -> str:
        """Bring config, lists and people's rules into force; returns what went wrong, empty if nothing did."""
        publisher = self._parts.publisher
        async with self._changing:
            try:
                compiled = self._parts.lists.compiled
            except ListError as error:
                publisher.trouble = f"no policy can be made yet: {error}"
                return publisher.trouble
            document, unread = await asyncio.to_thread(self._document, compiled)
            await publisher.publish(document, compiled.directory)
            publisher.trouble = "; ".join(filter(None, (publisher.trouble, unread)))
            return publisher.trouble

    def _document(self, compiled: Compiled) -> tuple[Document, str]:
        """The policy, and why people's part of it may be out of date."""
        missing = {source.id for source in self.config.lists} - set(compiled.ids)
        entries = zip(compiled.ids, compiled.kinds, strict=True)
        own, pauses, unread = self._people()
        offered = self._parts.catalogue.offered
        return build.document(self.config, entries, missing, own, pauses, offered), unread

    def _people(self) -> tuple[list[OwnRule], list[Pause], str]:
        """Own rules and pauses; those of the bundle in force when the database has never been readable, and why."""
        try:
            own, pauses = self._parts.rules.rules(), self._parts.rules.pauses()
        except StoreError as error:
            unread = f"people's rules are those of the policy before, as the database cannot be read: {error}"
            log.warning("%s", unread)
            return *self._people_before(), unread
        self._pauses = [bodies.PauseInfo(p.id, p.until, p.client, p.group) for p in pauses]
        return (
            [OwnRule("allow" if r.action == "allow" else "deny", r.name, r.client, r.group, r.until) for r in own],
            [Pause(p.until, p.client, p.group) for p in pauses],
            "",
        )

    def _people_before(self) -> tuple[list[OwnRule], list[Pause]]:
        bundle = self._parts.publisher.bundle
        if bundle is None:
            return [], []
        pauses = list(bundle.document.pauses)
        self._pauses = [bodies.PauseInfo(0, p.until, p.client, p.group) for p in pauses]
        return [rule for rule in bundle.document.rules if rule.origin == "api"], pauses

    # What people ask

    def status(self) -> bodies.Status:
        """The whole state of the daemon. From memory: it can be had whatever the disk and the database do."""
        return shown.status(self._parts, self._started, __version__, self.config_trouble, self.pauses())

    def health(self) -> bodies.Health:
        """Whether control can do its work, which a dead upstream or database does not keep it from, and how DNS is."""
        status = self.status()
        if self._parts.publisher.bundle is not None:
            return bodies.Health(ok=True, well=status.well, sentence=status.sentence)
        return bodies.Health(ok=False, well=status.well, sentence=f"{status.sentence} {shown.no_policy(self._parts)}")

    async def stats(self, since: float) -> bodies.Stats:
        """Totals from the hour of `since` on; the names and clients on top since then."""
        return await self._store(lambda: shown.stats(self._parts.queries, since))

    async def totals(self, since: float) -> Totals:
        """Counts of all queries from the hour of `since` on: what `stats` has without looking through the log."""
        return await self._store(lambda: self._parts.queries.totals(since))

    async def counted(self) -> dict[tuple[str, str], int]:
        """Every query ever counted, by verdict and origin; as last known while the database cannot be read."""
        with contextlib.suppress(ApiError):
            self._counted = await self._store(self._parts.queries.counted)
        return self._counted

    async def log(self, filter: LogFilter, cursor: int | None, limit: int) -> bodies.LogPage:
        return await self._store(lambda: shown.log_page(self._parts.queries.log(filter, cursor, limit)))

    async def why(self, name: str, client: str, type: int) -> bodies.Why:
        """The verdict on a question, by the function that the workers use."""
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        text = checks.domain_name(name)
        who = bundle.identify(checks.address(client)) if client else Client("", "default")
        found = explain(text, type, who, bundle, self._parts.clock.time())
        lines = await lines_of(self._parts.lists, (*found.matched, *found.shadow, *found.unused))
        return explained.why(found, text, type, lines)

    # Rules

    async def rules(self) -> list[bodies.RuleInfo]:
        """Rules of the config, then those people added, oldest first."""
        stored = await self._store(self._parts.rules.rules)
        return [*(shown.config_rule(rule) for rule in self.config.rules), *map(shown.stored_rule, stored)]

    async def add_rule(self, new: bodies.NewRule) -> bodies.RuleResult:
        """Add a rule and bring it into force."""
        client, group = self._scope(new.client, new.group)
        until = None if new.duration is None else self._until(new.duration)
        wanted = NewRule(new.action, checks.rule_name(new.action, new.name), client, group, until, new.comment)
        added = await self._store(lambda: self._parts.rules.add(wanted))
        note = await self.publish() if added.created else ""
        replaced = list(map(shown.stored_rule, added.replaced))
        rule = shown.stored_rule(added.rule)
        outranked_by = [other for other in await self.rules() if shown.outranks(other, rule)]
        return bodies.RuleResult(rule, added.created, replaced, not note, note, outranked_by)

    async def delete_rule(self, id: int) -> bodies.Done:
        """Delete a rule that people added."""
        if await self._store(lambda: self._parts.rules.delete(id)) is None:
            raise ApiError(404, "not-found", f"there is no rule {id}; rules of the config are changed in its file")
        return _done(await self.publish())

    # Pauses

    def pauses(self) -> list[bodies.PauseInfo]:
        """The pauses in force."""
        now = self._parts.clock.time()
        return [pause for pause in self._pauses if pause.until > now]

    async def pause(self, new: bodies.NewPause) -> bodies.PauseInfo:
        """Begin a pause now."""
        client, group = self._scope(new.client, new.group)
        wanted = NewPause(self._until(new.duration), client, group)
        paused = (await self._store(lambda: self._parts.rules.pause(wanted))).pause
        await self.publish()
        return bodies.PauseInfo(paused.id, paused.until, paused.client, paused.group)

    async def end_pauses(self, id: int | None = None) -> bodies.Done:
        """End one pause, or all."""
        in_force = [pause.id for pause in await self._store(self._parts.rules.pauses)]
        if id is not None and id not in in_force:
            raise ApiError(404, "not-found", f"there is no pause {id} in force")
        for one in in_force if id is None else [id]:
            await self._store(functools.partial(self._parts.rules.end, one))
        return _done(await self.publish())

    # Checks

    def _scope(self, client: str, group: str) -> tuple[str, str]:
        if client and group:
            raise ApiError(400, "invalid", "give a client or a group, not both", "group")
        if group and group not in self.config.groups:
            known = ", ".join(self.config.groups)
            raise ApiError(400, "invalid", f"there is no group {group!r}; the config has {known}", "group")
        return (checks.address(client) if client else ""), group

    def _until(self, given: str | int) -> float:
        return self._parts.clock.time() + checks.seconds(given)

    async def _store(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except StoreError as error:
            raise ApiError(503, "store", f"the database cannot be used now: {error}") from error


def _done(note: str) -> bodies.Done:
    return bodies.Done(effective=not note, note=note)
