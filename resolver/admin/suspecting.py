"""Who may be missing on a site, for one device: what the log says of it, held against the policy in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import msgspec

from resolver.admin.parts import Parts
from resolver.admin.quality import nameless
from resolver.admin.sitebodies import MOST_NAMES, SuspectInfo, SuspectName
from resolver.config.leaves import is_address
from resolver.config.schema import Config
from resolver.journal.redaction import place
from resolver.model import Block, Client, RuleRef, Tier, Type
from resolver.paths import PRODUCT
from resolver.policy.bundle import Bundle
from resolver.policy.decide import Moment, decide, judge
from resolver.policy.document import SiteEntry
from resolver.repair.domains import Domains, is_below
from resolver.repair.look import Evidence, Known, look
from resolver.repair.suspects import Named, Suspect, likelihoods
from resolver.repair.trial import Unit
from resolver.store.loads import DeviceRows
from resolver.wire.name import from_text

_MEANT = {Tier.TEMPORARY: "people's rules", Tier.SCHEDULE: "a schedule", Tier.RULES: "people's rules"}
"""Tiers that no site rule can outdo, and who is behind them."""


class Case(msgspec.Struct, frozen=True):
    """The site that is broken, on which device: what rules call that, and the addresses by which the log knows it; and
    since when (Unix time) the log is looked at."""

    site: str
    client: str
    addresses: tuple[str, ...]
    since: float


class Looked(msgspec.Struct, frozen=True):
    """What was found: the suspects as they are shown, and those worth trying as they are put on trial."""

    evidence: Evidence
    suspects: list[SuspectInfo]
    units: list[Unit]


def unknown(config: Config, bundle: Bundle, case: Case) -> str:
    """Why the log cannot say who is missing for a device; "" when it can."""
    where = {
        "all": "log.privacy",
        "group": f"groups.{who(bundle, case).group}.privacy",
        "device": "privacy of the device",
    }
    kept, by = bundle.kept(case.addresses[0]) if case.addresses else (config.log.privacy, "all")
    if kept == "no-client":
        return f"the log does not keep who asked ({where[by]} is no-client)"
    if nameless(kept):
        return f"the log keeps no names ({where[by]} is {kept})"
    prefixes = (config.log.prefix_v4, config.log.prefix_v6)
    if case.addresses and all(place(one, prefixes) != one for one in case.addresses):
        return "the log knows networks instead of devices (log.prefix-v4 and log.prefix-v6)"
    return ""


def unnamed(parts: Parts, scope: str) -> str:
    """What to say of a device that is known by one of its addresses alone; "" of any other."""
    device = parts.devices.calling().find(scope) if is_address(scope) else None
    if device is None or len(device.addresses) < 2:
        return ""
    return (
        f"this device has {len(device.addresses)} addresses, of which {scope} alone is meant until it has a name: "
        f"{PRODUCT} devices name {scope} NAME"
    )


def who(bundle: Bundle, case: Case) -> Client:
    """The device as it would be answered now."""
    return bundle.identify(case.addresses[0]) if case.addresses else Client("", "default", device=case.client)


def suspects(parts: Parts, bundle: Bundle, case: Case, domains: Domains, trying: Collection[str] = ()) -> Looked:
    """Who the suspects are. Names that are blocked no more are none, but for those that are on trial (`trying`).
    Blocks; raises StoreError."""
    evidence = look(DeviceRows(parts.database, case.addresses, case.since), case.site, domains.registrable)
    policy = _Policy(case, Moment(who(bundle, case), bundle, parts.clock.time()), trying)
    shown: list[SuspectInfo] = []
    worth: list[Suspect] = []
    for known in evidence.known:
        names = [named for one in known.suspect.names if (named := policy.blocked(one)) is not None]
        if names:
            why = policy.meant(names) or _seldom(known.suspect)
            shown.append(_shown(known, names, why))
            if not why:
                worth.append(msgspec.structs.replace(known.suspect, names=tuple(names)))
    return Looked(evidence, shown, _units(worth))


class _Policy:
    """What the policy in force says to the device of a name that was blocked."""

    def __init__(self, case: Case, moment: Moment, trying: Collection[str]) -> None:
        self._moment = moment
        self._trying = trying
        self._rules = [rule for rule in moment.bundle.document.sites if _covers(rule, case.site, moment)]
        self._by: dict[str, RuleRef] = {}

    def blocked(self, named: Named) -> Named | None:
        """The name with the rule that blocks it now; None when nothing does, at least not on this site."""
        if named.name in self._trying:
            return named
        if any(rule.everything or any(is_below(named.name, one) for one in rule.allow) for rule in self._rules):
            return None
        verdict = decide(from_text(named.name), named.name, Type.A, *self._moment)
        if not isinstance(verdict, Block) and named.via:
            verdict = judge(from_text(named.via), named.via, Type.CNAME, self._moment, Type.A)
        if not isinstance(verdict, Block):
            return None
        self._by[named.name] = verdict.rule
        return msgspec.structs.replace(named, source=verdict.rule.source, rule=verdict.rule.text)

    def meant(self, names: Iterable[Named]) -> str:
        """Why it is of no use to try names that people block themselves; "" when it is of use."""
        tiers = {self._by[one.name].tier for one in names if one.name in self._by}
        return next((f"it is blocked by {_MEANT[Tier(tier)]}" for tier in sorted(tiers) if Tier(tier) in _MEANT), "")


def _covers(rule: SiteEntry, site: str, moment: Moment) -> bool:
    """Whether a site rule in force is for this site and device."""
    client = moment.client
    its = rule.client in {"", client.address, client.device} and rule.group in {"", client.group}
    lasts = rule.until is None or rule.until > moment.now
    return its and lasts and is_below(site, rule.site)


def _seldom(suspect: Suspect) -> str:
    if suspect.weight > 0:
        return ""
    return "it is asked for about as often when the site is not"


def _units(worth: list[Suspect]) -> list[Unit]:
    """What is put on trial: no more names than one trial may have."""
    odds = likelihoods(worth)
    units: list[Unit] = []
    count = 0
    for one in worth:
        count += len(one.names)
        if count > MOST_NAMES:
            break
        units.append(Unit(one.domain, tuple(named.name for named in one.names), odds[one.domain]))
    return units


def _shown(known: Known, names: list[Named], why: str) -> SuspectInfo:
    one = known.suspect
    return SuspectInfo(
        one.domain,
        [SuspectName(it.name, f"{it.source}: {it.rule}" if it.source else it.rule, it.via, it.asked) for it in names],
        one.with_site,
        one.loads,
        one.share,
        one.lift,
        list(known.others),
        worth=not why,
        why=why,
    )
