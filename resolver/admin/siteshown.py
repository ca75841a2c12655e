"""Site rules as people see them: those of the config and those in the database, with their hits."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec
from msgspec.structs import replace

from resolver.admin.sitebodies import SiteInfo
from resolver.config.leaves import is_address
from resolver.policy.document import SiteEntry
from resolver.store.hits import Hits
from resolver.store.putback import own_site
from resolver.store.sites import Site

_NEVER = Hits(0, 0)


class Shown(msgspec.Struct, frozen=True):
    """How site rules are shown: with the hits of each by its key, and the groups and devices' names that there are."""

    hits: Mapping[str, Hits]
    groups: Collection[str]
    devices: Collection[str]

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
            rule.client,
            rule.group,
            rule.until,
            "",
            None,
            rule.origin,
            hits=hits.count,
            last_hit=hits.last or None,
            note=self._odd(rule.client, rule.group),
        )

    def _odd(self, client: str, group: str) -> str:
        if group and group not in self.groups:
            return f"the config has no group {group} any more: it is for nobody"
        if client and client not in self.devices and not is_address(client):
            return f"no device is called {client} any more: it is for nobody"
        return ""
