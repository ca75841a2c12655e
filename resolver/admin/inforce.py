"""Bringing into force what there is: a config that was read or chosen, its lists, and what could not be at first."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from resolver.admin.parts import Parts
from resolver.admin.service import Service
from resolver.config.settled import Settled
from resolver.errors import ListError

log = logging.getLogger(__name__)

AGAIN = 10.0
"""Seconds between tries to bring a policy into force."""


class InForce:
    """In control's loop."""

    def __init__(self, parts: Parts, service: Service) -> None:
        self._parts = parts
        self._service = service

    async def keep_lists(self) -> None:
        """Bring the config into force at once, then keep its lists fresh, until cancelled. A full disk is waited
        out."""
        while True:
            try:
                await self._configure_lists()
                await self._parts.lists.start()
                break
            except ListError as error:
                log.error("the lists cannot be used: %s", error)
                await asyncio.sleep(AGAIN)
        await self._service.publish()
        await self._parts.lists.run()

    async def keep_published(self, choose: Callable[[], Awaitable[object]]) -> None:
        """Try again what could not be brought into force, such as when the disk was full; write down where upstreams
        were found; bring into force what another database says, or one that answered late: `choose` does so with what
        people chose. Until cancelled."""
        parts, known = self._parts, self._parts.database.generation
        while True:
            await asyncio.sleep(AGAIN)
            before, known = known, parts.database.generation  # it may move on meanwhile: then all of this is done again
            if known != before:
                await choose()
            if parts.publisher.trouble or self._service.upstreams_moved or known != before:
                await self._service.publish()

    async def take(self, settled: Settled) -> str:
        """Bring a config into force; returns what went wrong, empty if nothing did."""
        self._service.take(settled)
        self._parts.writer.interval = settled.config.log.write_every
        self._parts.dnstap.move(settled.config.log.dnstap)
        try:
            await self._configure_lists()
        except ListError as error:
            return f"the lists cannot be used: {error}"
        return await self._service.publish()

    async def _configure_lists(self) -> None:
        config = self._service.config
        await self._parts.lists.configure(config.lists, self._parts.catalogue, config.updates)
