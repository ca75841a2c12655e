"""What every change that people make goes through: whom it is for, the database, and bringing it into force."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TypeVar

from msgspec.structs import replace

from resolver.admin import checks
from resolver.admin.bodies import Done, PauseInfo
from resolver.admin.parts import Parts
from resolver.admin.remembered import Hosts, moved, remembered
from resolver.config import called
from resolver.config.leaves import shown
from resolver.config.read import likely
from resolver.config.schema import Config
from resolver.errors import ApiError, ConflictError, ListError, StoreError
from resolver.lists.compiler import Compiled
from resolver.policy import build
from resolver.policy.document import Document, Machine, People
from resolver.policy.household import people_of

log = logging.getLogger(__name__)

T = TypeVar("T")


class Changing:
    """One policy at a time comes into force. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config]) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._publishing = asyncio.Lock()
        self._pauses: list[PauseInfo] = []

    # Into force

    async def publish(self) -> str:
        """Bring config, lists and what people made into force; returns what went wrong, empty if nothing did."""
        publisher = self._parts.publisher
        async with self._publishing:
            try:
                compiled = self._parts.lists.compiled
            except ListError as error:
                publisher.trouble = f"no policy can be made yet: {error}"
                return publisher.trouble
            document, unread = await asyncio.to_thread(self._document, compiled)
            await publisher.publish(document, compiled.directory)
            publisher.trouble = "; ".join(filter(None, (publisher.trouble, unread)))
            return publisher.trouble

    async def done(self) -> Done:
        """The same, as the answer to a change that was made."""
        note = await self.publish()
        return Done(effective=not note, note=note)

    @property
    def upstreams_moved(self) -> bool:
        """Whether workers found upstreams elsewhere than the policy in force says."""
        return moved(self._config(), self._hosts(), self._parts.hub.workers)

    def pauses(self) -> list[PauseInfo]:
        """The pauses in force, from memory."""
        now = self._parts.clock.time()
        return [pause for pause in self._pauses if pause.until > now]

    # The database

    async def store(self, work: Callable[[], T]) -> T:
        """What `work` returns, done by another thread. ApiError 503 while the database cannot be used, 409 for what
        no longer fits what is there."""
        try:
            return await asyncio.to_thread(work)
        except StoreError as error:
            raise ApiError(503, "store", f"the database cannot be used now: {error}") from error
        except ConflictError as error:
            raise ApiError(409, "conflict", str(error)) from error

    # For whom, and for how long

    def scope(self, client: str, group: str) -> tuple[str, str]:
        """For whom a change is: a device's name (small letters) or an address, from an address, MAC address or name;
        or a group; both empty for everyone."""
        if client and group:
            raise ApiError(400, "invalid", "give a client or a group, not both", "group")
        groups = self._config().groups
        group = called.composed(group)
        if group and group not in groups:
            advice = likely(group, groups) or f"; the config has {', '.join(groups)}"
            raise ApiError(400, "invalid", f"there is no group {shown(group)}{advice}", "group")
        return (self._parts.devices.scope(client) if client else ""), group

    def until(self, given: str | int) -> float:
        """The end (Unix time) of what lasts from now on as long as given: a duration such as "10m", or seconds."""
        return self._parts.clock.time() + checks.seconds(given)

    # What the policy is made of

    def _document(self, compiled: Compiled) -> tuple[Document, str]:
        """The policy, and why people's part of it may be out of date."""
        config, parts = self._config(), self._parts
        people, unread = self._people()
        machine = Machine(parts.boot, self._offset(), parts.devices.host_records())
        missing = {source.id for source in config.lists} - set(compiled.ids)
        entries = zip(compiled.ids, compiled.kinds, strict=True)
        document = build.document(config, entries, missing, people, parts.catalogue.offered, machine)
        return replace(document, hosts=remembered(config, self._hosts(), parts.hub.workers)), unread

    def _hosts(self) -> Hosts:
        bundle = self._parts.publisher.bundle
        return {} if bundle is None else bundle.document.hosts

    def _offset(self) -> float:
        """How the clock stood when the ends of what people made were right; it may have been set just now."""
        clock, known = self._parts.clock, self._parts.people.offset
        return clock.time() - clock.monotonic() if known is None else known

    def _people(self) -> tuple[People, str]:
        """What people made; that of the bundle in force when the database has never been readable, and why."""
        people, devices = self._parts.people, self._parts.devices
        try:
            made = People(
                rules=tuple(people.own_rules()),
                pauses=tuple(people.own_pauses()),
                sites=tuple(people.own_sites()),
                changes=tuple(people.own_changes()),
                devices=devices.entries(),
                found=devices.found(),
            )
            paused = people.pauses()
        except StoreError as error:
            unread = f"people's rules are those of the policy before, as the database cannot be read: {error}"
            log.warning("%s", unread)
            return self._people_before(), unread
        self._pauses = [PauseInfo(one.id, one.until, one.client, one.group, one.who) for one in paused]
        return made, ""

    def _people_before(self) -> People:
        bundle = self._parts.publisher.bundle
        if bundle is None:
            return People()
        people = people_of(bundle.document)
        self._pauses = [PauseInfo(0, one.until, one.client, one.group) for one in people.pauses]
        return people
