"""Everything that pages, API and command can do, in one place: they differ only in how they show it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from typing import TypeVar

import msgspec

from resolver import __version__
from resolver.admin import bodies, shown
from resolver.admin.publish import Publisher
from resolver.config.leaves import duration
from resolver.config.schema import Config
from resolver.errors import ApiError, DomainError, ListError, StoreError
from resolver.journal.hub import Hub
from resolver.lists.update import Lists, ListState
from resolver.model import Client, Clock
from resolver.policy import build
from resolver.policy.clients import parse_address
from resolver.policy.decide import explain
from resolver.policy.document import Document, ListEntry, OwnRule, Pause
from resolver.store.database import Database
from resolver.store.queries import LogFilter, Queries
from resolver.store.rules import NewPause, NewRule, RulesStore
from resolver.store.writer import Writer
from resolver.wire.name import from_text, to_text

log = logging.getLogger(__name__)

T = TypeVar("T")
MAX_DURATION = 366 * 86_400.0


class Parts(msgspec.Struct, frozen=True):
    """What the service works with, made by the composition root."""

    clock: Clock
    hub: Hub
    publisher: Publisher
    lists: Lists
    database: Database
    rules: RulesStore
    queries: Queries
    writer: Writer


class Service:
    """The household's resolver, as people handle it. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, config: Config, parts: Parts) -> None:
        self.config = config
        self.config_trouble = ""
        self._parts = parts
        self._changing = asyncio.Lock()
        self._started = parts.clock.time()

    # Policy into force

    async def publish(self) -> str:
        """Bring config, lists and people's rules into force; returns what went wrong, empty if nothing did."""
        async with self._changing:
            document = await asyncio.to_thread(self._document)
            return await self._parts.publisher.publish(document, self._parts.lists.compiled.directory)

    def _document(self) -> Document:
        compiled = self._parts.lists.compiled
        missing = {source.id for source in self.config.lists} - set(compiled.ids)
        entries = [ListEntry(id, kind) for id, kind in zip(compiled.ids, compiled.kinds, strict=True)]
        own, pauses = self._people()
        return build.document(self.config, entries, missing, own, pauses)

    def _people(self) -> tuple[list[OwnRule], list[Pause]]:
        """Own rules and pauses; those of the bundle in force when the database has never been readable."""
        try:
            own = [OwnRule(r.action, r.name, r.client, r.group, r.until) for r in self._parts.rules.rules()]
            return own, [Pause(p.until, p.client, p.group) for p in self._parts.rules.pauses()]
        except StoreError as error:
            log.warning("people's rules are taken from the bundle in force: %s", error)
            bundle = self._parts.publisher.bundle
            if bundle is None:
                return [], []
            return [r for r in bundle.document.rules if r.origin == "api"], list(bundle.document.pauses)

    # What people ask

    def status(self) -> bodies.Status:
        return shown.status(self._parts, self._started, __version__, self.config_trouble)

    async def stats(self, since: float) -> bodies.Stats:
        """Totals from the hour of `since` on; the names and clients on top since then."""
        return await self._store(lambda: shown.stats(self._parts.queries, since))

    async def log(self, filter: LogFilter, cursor: int | None, limit: int) -> bodies.LogPage:
        return await self._store(lambda: shown.log_page(self._parts.queries.log(filter, cursor, limit)))

    def why(self, name: str, client: str, type: int) -> bodies.Why:
        """The verdict on a question, by the function that the workers use."""
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        text = _name(name)
        who = bundle.clients.identify(_address(client)) if client else Client("", "default")
        return shown.why(explain(text, type, who, bundle, self._parts.clock.time()), text, type)

    # Rules

    async def rules(self) -> list[bodies.RuleInfo]:
        """Rules of the config, then those people added, oldest first."""
        stored = await self._store(self._parts.rules.rules)
        return [*(shown.config_rule(rule) for rule in self.config.rules), *map(shown.stored_rule, stored)]

    async def add_rule(self, new: bodies.NewRule) -> bodies.RuleResult:
        """Add a rule and bring it into force."""
        client, group = self._scope(new.client, new.group)
        until = None if new.duration is None else self._until(new.duration)
        wanted = NewRule(new.action, _name(new.name), client, group, until, new.comment)
        added = await self._store(lambda: self._parts.rules.add(wanted))
        note = await self.publish() if added.created else ""
        replaced = list(map(shown.stored_rule, added.replaced))
        return bodies.RuleResult(shown.stored_rule(added.rule), added.created, replaced, effective=not note, note=note)

    async def delete_rule(self, id: int) -> bodies.Done:
        """Delete a rule that people added."""
        if await self._store(lambda: self._parts.rules.delete(id)) is None:
            raise ApiError(404, "not-found", f"there is no rule {id}; rules of the config are changed in its file")
        return _done(await self.publish())

    # Pauses

    def pauses(self) -> list[bodies.PauseInfo]:
        return shown.pauses(self._parts)

    async def pause(self, new: bodies.NewPause) -> bodies.PauseInfo:
        """Begin a pause now."""
        client, group = self._scope(new.client, new.group)
        wanted = NewPause(self._until(new.duration), client, group)
        paused = (await self._store(lambda: self._parts.rules.pause(wanted))).pause
        await self.publish()
        return bodies.PauseInfo(paused.id, paused.until, paused.client, paused.group)

    async def end_pauses(self, id: int | None = None) -> bodies.Done:
        """End one pause, or all."""
        for pause in await self._store(self._parts.rules.pauses):
            if id is None or pause.id == id:
                await self._store(lambda pause=pause: self._parts.rules.end(pause.id))  # type: ignore[misc]
        return _done(await self.publish())

    # Lists

    def lists(self) -> list[ListState]:
        return self._parts.lists.states()

    async def refresh(self, ids: Collection[str] | None) -> list[ListState]:
        """Look for new versions of lists (None: of all) now."""
        try:
            await self._parts.lists.refresh(ids)
        except ListError as error:
            raise ApiError(404, "not-found", str(error)) from error
        return self.lists()

    # Checks

    def _scope(self, client: str, group: str) -> tuple[str, str]:
        if client and group:
            raise ApiError(400, "invalid", "give a client or a group, not both", "group")
        if group and group not in self.config.groups:
            known = ", ".join(self.config.groups)
            raise ApiError(400, "invalid", f"there is no group {group!r}; the config has {known}", "group")
        return (_address(client) if client else ""), group

    def _until(self, given: str | int) -> float:
        try:
            seconds = float(given) if isinstance(given, int) else duration(given)
        except ValueError as error:
            raise ApiError(400, "invalid", str(error), "for") from error
        if not 0 < seconds <= MAX_DURATION:
            raise ApiError(400, "invalid", "a duration is more than nothing and at most a year", "for")
        return self._parts.clock.time() + seconds

    async def _store(self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.to_thread(work)
        except StoreError as error:
            raise ApiError(503, "store", f"the database cannot be used now: {error}") from error


def _done(note: str) -> bodies.Done:
    return bodies.Done(effective=not note, note=note)


def _name(text: str) -> str:
    try:
        return to_text(from_text(text.strip()))
    except DomainError as error:
        raise ApiError(400, "invalid", str(error), "name") from error


def _address(text: str) -> str:
    try:
        return str(parse_address(text))
    except ValueError as error:
        raise ApiError(400, "invalid", f"{text!r} is not an IP address", "client") from error
