"""Site rules as people see them: those of the config and those in the database, with their hits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec
from msgspec.structs import replace

from resolver.admin.sitebodies import SiteInfo
from resolver.config.leaves import is_address
from resolver.paths import PRODUCT
from resolver.policy.document import SiteEntry
from resolver.store.hits import Hits
from resolver.store.putback import own_site
from resolver.store.sites import NewSite, Site

_NEVER = Hits(0, 0)


class Shown(msgspec.Struct, frozen=True):
    """How site rules are shown: with the hits of each by its key, the groups that there are, and the names of devices,
    as they were written, by those in small letters."""

    hits: Mapping[str, Hits]
    groups: Collection[str]
    devices: Mapping[str, str]

    def stored(self, site: Site) -> SiteInfo:
        """One of the database."""
        info = self.entry(own_site(site))
        return replace(info, id=site.id, comment=site.comment, created=site.created, who=site.who)

    def entry(self, rule: SiteEntry) -> SiteInfo:
        """One as the policy has it."""
        hits = self.hits.get(rule.key, _NEVER)
        return SiteInfo(
            None,
            rule.site,
            list(rule.allow),
            rule.everything,
            rule.window,
            self.devices.get(rule.client, rule.client),
            rule.group,
            rule.until,
            "",
            None,
            rule.origin,
            hits=hits.count,
            last_hit=hits.last if hits.count else None,
            note=self._odd(rule.client, rule.group),
        )

    def _odd(self, client: str, group: str) -> str:
        if group and group not in self.groups:
            return f"the config has no group {group} any more: it is for nobody"
        if client and client not in self.devices and not is_address(client):
            return f"no device is called {client} any more: it is for nobody"
        return ""


def lifted(rule: NewSite | SiteEntry) -> str:
    """What a rule that allows everything lifts for everyone; "" for any other."""
    if not rule.everything or rule.client or rule.group:
        return ""
    what = (
        "no list, service, safe search or allow-only group holds then, for everyone; bedtime and rules of your own do"
    )
    if rule.window is None:
        return f"whether somebody is on {rule.site} or not: {what}. So nothing is blocked any more"
    return f"while a device is on {rule.site}, {what}. To do so for some alone: --client DEVICE or --group G"


def unblocked(rules: Iterable[SiteEntry], now: float) -> Iterator[str]:
    """The site rules in force at a Unix time by which nothing is blocked any more for anybody, as something odd."""
    for rule in rules:
        if rule.window is None and (rule.until is None or rule.until > now) and lifted(rule):
            end = f"{PRODUCT} site {rule.site} delete" if rule.origin == "api" else "take it out of sites in the config"
            yield f"{rule}, always and for everyone: nothing is blocked any more; to end that: {end}"
