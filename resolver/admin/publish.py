"""Putting policy into force: build the document, write the bundle, have every worker take it."""

from __future__ import annotations

import asyncio
import logging
import pathlib
from collections.abc import Collection, Mapping

from resolver.errors import BundleError
from resolver.journal.hub import Hub
from resolver.model import Clock
from resolver.policy.anchor import in_time
from resolver.policy.bundle import Bundle
from resolver.policy.bundles import Bundles
from resolver.policy.document import Document

log = logging.getLogger(__name__)

_PATIENCE = 2.0  # seconds a worker gets to take a bundle before it is reported as late
_NAMED = 3  # rules that are named where many are not in force


class Publisher:
    """One change at a time. `bundle` is the one in force, as control itself maps it for `why`; `refused` are people's
    own rules, as they are written, that are not in force though they are in it, with the reason; it was `made` then
    (Unix time; 0.0: there is none)."""

    def __init__(self, bundles: Bundles, hub: Hub, clock: Clock) -> None:
        self._bundles = bundles
        self._hub = hub
        self._clock = clock
        self.bundle: Bundle | None = None
        self.refused: Mapping[str, str] = {}
        self.made = 0.0
        self.trouble = ""

    async def start(self) -> None:
        """Map what an earlier run left behind."""
        troubles: list[str] = []
        self.bundle = await asyncio.to_thread(self._bundles.open_best, troubles.append)
        if self.bundle is not None:
            self._know(self.bundle.generation)
        self.trouble = "; ".join(troubles)

    def keep_time(self, boot: str, offset: float) -> None:
        """Follow the clock, as the workers do: see `policy.anchor`."""
        if self.bundle is not None:
            self.bundle = in_time(self.bundle, boot, offset)

    @property
    def generation(self) -> str:
        return "" if self.bundle is None else self.bundle.generation

    def left_out(self, rules: Collection[str] | None = None) -> str:
        """In words, which rules (of these; None: of all), as they are written, are not in force; "" if all are."""
        found = [f"{rule}: {why}" for rule, why in self.refused.items() if rules is None or rule in rules]
        more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
        return f"not in force: {', '.join(found[:_NAMED])}{more}" if found else ""

    async def publish(self, document: Document, names: pathlib.Path) -> str:
        """Put `document` over the compiled `names` into force. Returns what went wrong, "" when all workers have it."""
        try:
            generation = await asyncio.to_thread(self._bundles.publish, document, names, self._clock.time())
            self.bundle = await asyncio.to_thread(self._bundles.open, generation)
            self._know(generation)
        except (OSError, BundleError) as error:
            self.trouble = f"the policy could not be written, the one before stays in force: {error}"
            log.warning("%s", self.trouble)
            return self.trouble
        troubles = await self._hub.load(generation, _PATIENCE)
        self.trouble = "; ".join(f"worker {number}: {text}" for number, text in troubles.items())
        return self.trouble

    def _know(self, generation: str) -> None:
        """What the manifest of the policy in force tells. Raises BundleError."""
        self.refused = self._bundles.refused(generation)
        self.made = self._bundles.made(generation)
