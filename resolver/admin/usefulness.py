"""Whether rules that allow are of any use, and what comes before a rule. By the policy in force, and by what workers
have in their caches: a name may be blocked for what it is an alias of."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from resolver.admin.against import Against, concerned
from resolver.admin.parts import Parts
from resolver.model import Allow, Client, Pass, Rewrite, Type
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.policy.decide import decide
from resolver.policy.overlay import SOURCE as OWN
from resolver.store.hits import Hits
from resolver.store.rules import Rule
from resolver.wire.name import from_text

DAYS = 90
"""After so many days without a hit a rule is thought not to be used."""

_DAY = 86_400.0
_PATIENCE = 0.2  # seconds for what workers know
_MOST = 2_000  # rules that are looked into


class Usefulness:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def hint(self, rule: Rule) -> str:
        """Why a rule in force changes nothing now, in words; "" for one that may, and where another rule of people's
        own comes first."""
        bundle = self._parts.publisher.bundle
        if bundle is None or rule.text:
            return ""
        first = await asyncio.to_thread(self._before, bundle, rule)
        if first or rule.action != "allow":
            return first
        now = self._parts.clock.time()
        against = await asyncio.to_thread(Against, bundle, now, hours=rule.until is not None)
        return "" if await self._is_of_use(against, bundle, rule) else "nothing blocks it now"

    def _before(self, bundle: Bundle, rule: Rule) -> str:
        """What comes before a rule."""
        for client in self._concerned(bundle, rule):
            verdict = decide(from_text(rule.name), rule.name, Type.A, client, bundle, self._parts.clock.time())
            if isinstance(verdict, Pass) or verdict.rule.source == OWN:
                continue
            if isinstance(verdict, Rewrite) or isinstance(verdict, Allow) is not (rule.action == "allow"):
                whom = "" if rule.client or rule.group or client.group == DEFAULT else f" for group {client.group}"
                return f"but {verdict.rule} comes first{whom}"
        return ""

    async def needless(
        self, rules: Sequence[Rule], hits: Mapping[str, Hits], *, counted: bool
    ) -> list[tuple[Rule, str]]:
        """The rules, of those that allow for good, that could be deleted, and why. Unless hits are `counted`, nothing
        is said of how often they are used."""
        bundle = self._parts.publisher.bundle
        lasting = [rule for rule in rules if rule.action == "allow" and rule.until is None]
        now = self._parts.clock.time()
        found = []
        against = None if bundle is None else await asyncio.to_thread(Against, bundle, now, hours=False)
        asked = 0
        for rule in lasting:
            last = hits[rule.key].last if rule.key in hits else now
            if counted and last < now - DAYS * _DAY:
                found.append((rule, f"not used for {DAYS} days"))
            elif bundle is not None and against is not None and not rule.text and asked < _MOST:
                asked += 1
                if not await self._is_of_use(against, bundle, rule):
                    found.append((rule, "no list, service or default blocks it, or a name below it, any more"))
        return found

    async def _is_of_use(self, against: Against, bundle: Bundle, rule: Rule) -> bool:
        """Whether something would stand against the name, one below it, or what it is an alias of."""
        clients = await asyncio.to_thread(self._concerned, bundle, rule)
        if await asyncio.to_thread(against.stands, rule.name, clients, exact=rule.exact):
            return True
        told = await self._parts.hub.ask(rule.name, Type.A, "", _PATIENCE)
        chain = {name for one in told if one.known is not None for name in one.known.chain}
        return any(against.stands(name, clients, exact=True) for name in chain)

    def _concerned(self, bundle: Bundle, rule: Rule) -> list[Client]:
        addresses = self._parts.devices.addresses(rule.client) if rule.client else ()
        return concerned(bundle, rule.client, rule.group, addresses)
