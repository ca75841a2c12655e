"""Why a question is answered as it is, by the function that the workers use and by what they have in their caches."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from resolver.admin import checks, explained
from resolver.admin.advice import advise
from resolver.admin.changing import Changing
from resolver.admin.lines import lines_of
from resolver.admin.parts import Parts
from resolver.admin.whybodies import Link, MatchedRule, Why, Window
from resolver.config.leaves import is_address
from resolver.errors import ApiError
from resolver.journal.frames import Told
from resolver.model import Block, Client, Pass, Rewrite, Tier, Type, Verdict
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.policy.decide import Moment, judge
from resolver.policy.why import Explanation, explain
from resolver.wire.name import from_text
from resolver.wire.zone import type_text

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
        self.of_name = explain(name, type, *moment)
        self.links: list[Link] = []
        self.via = ""
        self.verdict: Verdict = self.of_name.verdict
        for alias in explained.chain(told):
            against = self._against(alias, type)
            self.links.append(Link(alias, "" if against is None else str(against.rule)))
            if against is not None and not self.via and isinstance(self.verdict, Pass):
                self.via, self.verdict = alias, against
        self.of_via = explain(self.via, Type.CNAME, *moment) if self.via else None
        self.advice = advise(self.of_name, name, type, moment, self.verdict)

    def _against(self, alias: str, type: int) -> Block | Rewrite | None:
        verdict = judge(from_text(alias), alias, Type.CNAME, self.moment, type)
        return verdict if isinstance(verdict, Block | Rewrite) else None

    @property
    def explanations(self) -> list[Explanation]:
        """The one that decided first."""
        return [self.of_name] if self.of_via is None else [self.of_via, self.of_name]


class Whys:
    """Raises ApiError for what cannot be told, with a reason."""

    def __init__(self, parts: Parts, change: Changing) -> None:
        self._parts = parts
        self._change = change

    async def why(self, name: str, client: str = "", type: int = Type.A, at: float | None = None) -> Why:
        """The verdict on a question. `client` is an address, a MAC address or a device's name; empty: somebody of the
        default group. `at` is Unix time: of what workers know nothing is told then."""
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        text = checks.domain_name(name)
        who = await asyncio.to_thread(self._who, bundle, client) if client else Client("", DEFAULT)
        told = [] if at is not None else await self._parts.hub.ask(text, type, who.address, _PATIENCE)
        visits = _Told(told)
        moment = Moment(who, bundle, self._parts.clock.time() if at is None else at, visits)
        found = await asyncio.to_thread(_Found, text, type, moment, told)
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
            until=explained.finite(found.verdict.until),
            matched=matched,
            advice=found.advice.text,
            at=moment.now,
            via=found.via,
            device=who.device,
            identified=found.of_name.how,
            chain=found.links,
            cached=explained.cached(told),
            finished=max((one.finished for one in told if one.finished is not None), default=None),
            windows=_windows(bundle, visits),
            edges=explained.edges(found.of_name),
            command=found.advice.command,
        )

    async def _matched(self, found: _Found) -> list[MatchedRule]:
        rules = [rule for one in found.explanations for rule in explained.rules(one)]
        lines = {line.rule: line for line in await lines_of(self._parts.lists, rules)}
        return [match for one in found.explanations for match in explained.matched(one, lines)]

    def _who(self, bundle: Bundle, given: str) -> Client:
        """The client that is meant: at an address, or a device at the address it was last seen at."""
        if is_address(given.strip()):
            return bundle.identify(checks.address(given))
        scope, _ = self._change.scope(given, "")
        addresses = self._parts.devices.addresses(scope)
        if addresses:
            return bundle.identify(addresses[0])
        entry = next((device for device in bundle.document.devices if device.name.lower() == scope), None)
        return Client("", (entry.group if entry else "") or DEFAULT, device=scope)


def _windows(bundle: Bundle, told: _Told) -> list[Window]:
    texts = {entry.key: str(entry) for entry in bundle.document.sites}
    return [Window(texts[key], until) for key, until in told.windows.items() if key in texts]
