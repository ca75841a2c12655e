"""Which site on which device is meant, and what there is to say and to try there: by the log and the policy."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence

from resolver.admin import sitenames
from resolver.admin.changing import Changing
from resolver.admin.explained import finite, word
from resolver.admin.glances import Glances
from resolver.admin.parts import Parts
from resolver.admin.sitebodies import MOST_NAMES, Kind, NewTrial, SiteItself
from resolver.admin.suspecting import Case, Looked, suspects, unknown, unnamed, who
from resolver.config.leaves import shown
from resolver.config.schema import Config
from resolver.errors import ApiError, StoreError
from resolver.model import Block, Pass, Type, Verdict
from resolver.policy.bundle import Bundle
from resolver.policy.decide import decide
from resolver.repair.domains import Domains
from resolver.repair.trial import Trial, Unit
from resolver.wire.name import from_text

_DAY = 86_400.0
_KINDS: tuple[Kind, ...] = (
    "local",
    "temporary",
    "schedules",
    "rules",
    "sites",
    "services",
    "lists",
    "default",
)  # by tier


class Cases:
    """Raises ApiError for what cannot be told or tried, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing, domains: Domains) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._change = change
        self._domains = domains
        self._glances = Glances[Looked](parts.clock)

    def of(self, text: str, client: str, days: int, *, exact: bool) -> tuple[Case, str]:
        """The case that is meant, and what to say about that."""
        site, hint = sitenames.site(text, self._domains, exact=exact)
        if not client:
            raise ApiError(400, "invalid", "give the device on which the site is broken", "client")
        scope, _ = self._change.scope(client, "")
        case = Case(site, scope, self._parts.devices.addresses(scope), self._parts.clock.time() - days * _DAY)
        return case, "; ".join(filter(None, (hint, unnamed(self._parts, scope))))

    def called(self, scope: str) -> str:
        """A device as people wrote its name."""
        return self._parts.devices.named().get(scope, scope)

    def group(self, case: Case) -> str:
        """The group that the device is in."""
        entries = self._bundle().document.devices
        said = next((entry.group for entry in entries if entry.name.lower() == case.client and entry.group), "")
        return said if said and not case.addresses else who(self._bundle(), case).group

    def itself(self, text: str, case: Case) -> SiteItself:
        """What becomes of the name that was given; or of all of the site, if both are blocked."""
        bundle, now = self._bundle(), self._parts.clock.time()
        client = who(bundle, case)

        def verdict_on(name: str) -> Verdict:
            return decide(from_text(name), name, Type.A, client, bundle, now)

        name = sitenames.name(text)
        verdict = verdict_on(name)
        if isinstance(verdict, Block) and isinstance(verdict_on(case.site), Block):
            name, verdict = case.site, verdict_on(case.site)
        if isinstance(verdict, Pass):
            return SiteItself(name, "pass", "", "", finite(verdict.until))
        rule = verdict.rule
        kind: Kind = "pause" if rule.source == "pause" else _KINDS[rule.tier]
        return SiteItself(name, word(verdict), str(rule), kind, finite(verdict.until))

    def unknown(self, case: Case) -> str:
        """Why the log cannot say who is missing; "" when it can."""
        return unknown(self._config(), self._bundle(), case)

    async def look(self, case: Case, trying: Collection[str] = ()) -> Looked:
        """What the log says; `trying` are the names that are on trial. What was asked just now is there in a second."""
        return await self._change.store(self._work(case, trying))

    async def soon(self, case: Case) -> Looked | None:
        """The same while nothing is on trial, as it was some seconds ago at most; None while that is not known."""
        try:
            return await self._glances.soon(self._key(case), self._work(case, ()))
        except StoreError as error:
            raise ApiError(503, "store", f"the database cannot be used now: {error}") from error

    def _work(self, case: Case, trying: Collection[str]) -> Callable[[], Looked]:
        self._parts.writer.hasten()
        bundle = self._bundle()
        return lambda: suspects(self._parts, bundle, case, self._domains, trying)

    def _key(self, case: Case) -> Hashable:
        """What was seen for this is not what was seen under another policy."""
        days = round((self._parts.clock.time() - case.since) / _DAY)
        return case.site, case.client, case.addresses, days, self._bundle().generation

    async def wanted(self, case: Case, new: NewTrial, before: Trial | None) -> Sequence[Unit]:
        """What somebody wants to try: names, suspects of some domains, or all suspects that are worth trying, with
        those that are on trial already."""
        named = [Unit(name, (name,)) for name in sitenames.names(new.names)]
        if named and not new.domains:
            return named
        why = self.unknown(case)
        if why:
            raise ApiError(409, "unknown", f"{why}: give the names to try")
        if new.domains:
            looked = self._glances.seen(self._key(case)) or await self.look(case, before.names if before else ())
            return [*_of(looked, new.domains), *named]
        looked = await self.look(case, before.names if before else ())
        if not looked.evidence.of:
            message = (
                f"the log does not have {self.called(case.client)} on {case.site}: load the page there, and try again"
            )
            raise ApiError(409, "unknown", message)
        if not looked.units:
            raise ApiError(
                409, "unknown", f"nothing that {self.called(case.client)} asks for with {case.site} is blocked"
            )
        return looked.units

    async def more(self, case: Case, trial: Trial) -> Sequence[Unit]:
        """Suspects that were not on trial: a page that gets further asks for more."""
        if self.unknown(case):
            return ()
        known = {unit.domain for unit in trial.units}
        return [unit for unit in (await self.look(case)).units if unit.domain not in known]

    def _bundle(self) -> Bundle:
        bundle = self._parts.publisher.bundle
        if bundle is None:
            raise ApiError(503, "not-ready", "no policy is in force yet: try again in a second")
        return bundle


def _of(looked: Looked, domains: Sequence[str]) -> list[Unit]:
    """The suspects of these domains; those that are not worth trying come last, as less likely than the others."""
    worth = {unit.domain: unit for unit in looked.units}
    least = min((unit.odds for unit in worth.values()), default=1.0) / 2
    others = [
        Unit(one.domain, tuple(name.name for name in one.names), least)
        for one in looked.suspects
        if one.domain not in worth
    ]
    found = [unit for unit in (*worth.values(), *others) if unit.domain in domains]
    missing = sorted(set(domains) - {unit.domain for unit in found})
    if missing:
        raise ApiError(409, "unknown", f"{shown(missing[0])} is no suspect any more: look again", "domains")
    if sum(len(unit.names) for unit in found) > MOST_NAMES:
        raise ApiError(400, "invalid", f"at most {MOST_NAMES} names are tried at once: take fewer", "domains")
    return found
