"""Why a question is answered as it is, by the function that the workers use and by what they have in their caches."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable
from typing import TypeVar

from msgspec.structs import replace

from resolver.admin import checks, explained
from resolver.admin.advice import advise
from resolver.admin.lines import lines_of
from resolver.admin.parts import Parts
from resolver.admin.whybodies import Link, MatchedRule, Why, Window
from resolver.config.leaves import is_address
from resolver.errors import ApiError
from resolver.journal.frames import Told
from resolver.model import Block, Client, Pass, Rewrite, Tier, Type, Verdict
from resolver.policy import ahead
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.policy.decide import Moment, decide, judge
from resolver.policy.why import Explanation, explain
from resolver.wire.name import from_text
from resolver.wire.zone import type_text

T = TypeVar("T")

_PATIENCE = 0.5  # seconds for what workers know


class _Told:
    """The windows that workers tell of, for the client that they were asked about."""

    def __init__(self, told: Iterable[Told]) -> None:
        self.windows: dict[str, float] = {}
        for one in told:
            for key, until in one.windows.items():
                self.windows[key] = max(until, self.windows.get(key, 0.0))

    def until(self, _: str, rule_key: str, /) -> float:
        return self.windows.get(rule_key, 0.0)


class _Found:
    """What there is to say of a question: the explanation, and the first alias that a rule is against."""

    def __init__(self, name: str, type: int, moment: Moment, told: list[Told]) -> None:
        """`name` is normal text. Takes milliseconds."""
        self.moment = moment
        self._name, self._type = name, type
        self._aliases = explained.chain(told)
        self.of_name = explain(name, type, *moment)
        self.links = [self._link(alias) for alias in self._aliases]
        self.via, self.verdict = self._decided(moment.now)
        self.of_via = explain(self.via, Type.CNAME, *moment) if self.via else None
        self.until = ahead.changes(lambda at: self._decided(at)[1], moment.now)
        then = [] if self.until == math.inf else [self._decided(self.until)[1]]
        self.edges = explained.edges(self.of_name, [self.verdict, *then])
        self.answer = explained.answer(name, type, self.verdict, moment.bundle)
        self.advice = advise(self.of_name, name, type, moment, self.verdict)

    def _decided(self, at: float) -> tuple[str, Verdict]:
        """The verdict at a moment, and the alias that it is about, if it is not about the name itself."""
        moment = self.moment._replace(now=at)
        verdict = decide(from_text(self._name), self._name, self._type, *moment)
        until = verdict.until
        for alias in self._aliases if isinstance(verdict, Pass) else ():
            said = self._said(alias, moment)
            until = min(until, said.until)
            if isinstance(said, Block | Rewrite):
                return alias, replace(said, until=until)
        return "", replace(verdict, until=until)

    def _said(self, alias: str, moment: Moment) -> Verdict:
        return judge(from_text(alias), alias, Type.CNAME, moment, self._type)

    def _link(self, alias: str) -> Link:
        said = self._said(alias, self.moment)
        return Link(alias, str(said.rule) if isinstance(said, Block | Rewrite) else "")

    @property
    def explanations(self) -> list[Explanation]:
        """The one that decided first."""
        return [self.of_name] if self.of_via is None else [self.of_via, self.of_name]


class Whys:
    """Raises ApiError for what cannot be told, with a reason."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._one_by_one = asyncio.Lock()

    async def why(self, name: str, client: str = "", type: int = Type.A, at: float | None = None) -> Why:
        """The verdict on a question. `client` is an address, a MAC address or a device's name; empty: somebody of the
        default group. `at` is Unix time: of what workers know nothing is told then."""
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        text = checks.domain_name(name)
        who = await self._apart(lambda: self._who(bundle, client)) if client else Client("", DEFAULT)
        told = [] if at is not None else await self._parts.hub.ask(text, type, who.address, _PATIENCE)
        visits = _Told(told)
        moment = Moment(who, bundle, self._parts.clock.time() if at is None else at, visits)
        found = await self._apart(lambda: _Found(text, type, moment, told))
        matched = await self._matched(found)
        rule = None if isinstance(found.verdict, Pass) else found.verdict.rule
        tier = Tier.DEFAULT if rule is None else Tier(rule.tier)
        return Why(
            name=text,
            type=type_text(type),
            client=who.address,
            group=who.group,
            verdict=explained.word(found.verdict),
            tier=tier,
            word=explained.WORDS[tier],
            decided_by="" if rule is None else str(rule),
            until=explained.finite(found.until),
            matched=matched,
            advice=found.advice.text,
            at=moment.now,
            via=found.via,
            device=found.of_name.called if who.device else "",
            identified=found.of_name.how,
            chain=found.links,
            cached=explained.cached(told),
            finished=max((one.finished for one in told if one.finished is not None), default=None),
            windows=_windows(bundle, visits),
            edges=found.edges,
            command=found.advice.command,
            answer=found.answer,
        )

    def windows(self, addresses: Iterable[str]) -> list[Window]:
        """The site rules whose windows are open for whoever has any of these addresses, as control knows. From
        memory."""
        bundle, clock = self._parts.publisher.bundle, self._parts.clock
        if bundle is None:
            return []
        keys = {bundle.identify(address).key for address in addresses}
        since = clock.time() - clock.monotonic()
        texts = {entry.key: str(entry) for entry in bundle.document.sites}
        open = [(rule, end + since) for client, rule, end in self._parts.hub.windows() if client in keys]
        ends = {rule: end for rule, end in sorted(open, key=lambda one: one[1]) if rule in texts}
        return [Window(texts[rule], end) for rule, end in ends.items()]

    async def _apart(self, work: Callable[[], T]) -> T:
        """What `work` returns, done by another thread: one at a time, as many would keep the loop from its turns."""
        async with self._one_by_one:
            return await asyncio.to_thread(work)

    async def _matched(self, found: _Found) -> list[MatchedRule]:
        rules = [rule for one in found.explanations for rule in explained.rules(one)]
        lines = {line.rule: line for line in await lines_of(self._parts.lists, rules)}
        return [match for one in found.explanations for match in explained.matched(one, lines)]

    def _who(self, bundle: Bundle, given: str) -> Client:
        """The client that is meant: at an address, or a device at the address it was last seen at."""
        if is_address(given.strip()):
            return bundle.identify(checks.address(given))
        calling = self._parts.devices.calling()
        addresses = calling.where(given)
        if addresses:
            return bundle.identify(addresses[0])
        scope = calling.scope(given)
        entry = next((device for device in bundle.document.devices if device.name.lower() == scope), None)
        return Client("", (entry.group if entry else "") or DEFAULT, device=scope)


def _windows(bundle: Bundle, told: _Told) -> list[Window]:
    texts = {entry.key: str(entry) for entry in bundle.document.sites}
    return [Window(texts[key], until) for key, until in told.windows.items() if key in texts]
