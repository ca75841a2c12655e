"""People's own rules as people see them: those of the config and those in the database, with their hits and what is odd
about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from resolver.admin.rulebodies import RuleInfo
from resolver.config.leaves import is_address
from resolver.policy.document import OwnRule
from resolver.store.hits import Hits
from resolver.store.rules import Rule

_NEVER = Hits(0, 0)


class Shown:
    """How rules are shown: with the hits of each by its key, the groups that there are, the names of devices, as they
    were written, by those in small letters, and what rules, as they are written, are not in force
    (`Publisher.refused`)."""

    def __init__(
        self,
        hits: Mapping[str, Hits],
        groups: Collection[str],
        devices: Mapping[str, str],
        refused: Mapping[str, str],
    ) -> None:
        self._hits = hits
        self._refused = refused
        self._groups = groups
        self._devices = devices

    def stored(self, rule: Rule) -> RuleInfo:
        hits = self._hits.get(rule.key, _NEVER)
        return RuleInfo(
            rule.id,
            rule.action,
            rule.name,
            self._devices.get(rule.client, rule.client),
            rule.group,
            rule.until,
            rule.comment,
            rule.created,
            rule.origin,
            exact=rule.exact,
            text=rule.text,
            who=rule.who,
            hits=hits.count,
            last_hit=hits.last if hits.count else None,
            note=self._odd(rule),
        )

    def configured(self, rule: OwnRule) -> RuleInfo:
        hits = self._hits.get(rule.key, _NEVER)
        return RuleInfo(
            None,
            rule.action,
            rule.name,
            self._devices.get(rule.client, rule.client),
            rule.group,
            None,
            "",
            None,
            "config",
            exact=rule.exact,
            text=rule.text,
            hits=hits.count,
            last_hit=hits.last if hits.count else None,
            note=self._odd(rule),
        )

    def _odd(self, rule: Rule | OwnRule) -> str:
        client, group = rule.client, rule.group
        if str(rule) in self._refused:
            return f"it is not in force: {self._refused[str(rule)]}"
        if group and group not in self._groups:
            return f"the config has no group {group} any more: it is for nobody"
        if client and client not in self._devices and not is_address(client):
            return f"no device is called {client} any more: it is for nobody"
        return ""


def outranks(other: RuleInfo, rule: RuleInfo) -> bool:
    """Whether `other` says the opposite about the name of `rule`, to somebody more in particular."""
    if other.action == rule.action or other.text or rule.text:
        return False
    below = rule.name.endswith(f".{other.name}") and not other.exact
    narrower = bool(other.client and not rule.client) or bool(other.group and not rule.group and not rule.client)
    return (rule.name == other.name or below) and narrower
