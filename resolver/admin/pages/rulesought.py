"""Which of people's own rules somebody looks for: what the search form of /rules says, and whether a rule fits it.
Pure."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable, Mapping

import msgspec

from resolver.admin.rulebodies import RuleInfo

_LONGEST = 253
_DEVICES = 50
_GROUP = "group:"
_CLIENT = "client:"

ACTIONS = (("", "allow or deny"), ("allow", "allow"), ("deny", "deny"))
STATES = (
    ("", "all of them"),
    ("unused", "never decided anything"),
    ("ending", "end by themselves"),
    ("odd", "have a note"),
)


class Sought(msgspec.Struct, frozen=True):
    """What is looked for: `find` in any text of a rule, an `action`, a `scope` (as `scope_of` has it, or "devices"), a
    `state`; "" for anything."""

    find: str = ""
    action: str = ""
    scope: str = ""
    state: str = ""

    def fits(self, rule: RuleInfo) -> bool:
        words = (rule.what, rule.client, rule.group, rule.comment, rule.who)
        return (
            (not self.action or rule.action == self.action)
            and (not self.scope or self.scope == scope_of(rule) or (self.scope == "devices" and bool(rule.client)))
            and self._is_state(rule)
            and (not self.find or any(self.find.lower() in word.lower() for word in words))
        )

    def address(self, path: str, start: int = 0) -> str:
        """The address of what was found, from so many rules on."""
        values = {**msgspec.structs.asdict(self), "from": start}
        told = urllib.parse.urlencode({name: value for name, value in values.items() if value})
        return f"{path}?{told}" if told else path

    def _is_state(self, rule: RuleInfo) -> bool:
        match self.state:
            case "unused":
                return not rule.hits
            case "ending":
                return rule.until is not None
            case "odd":
                return bool(rule.note)
        return True


def sought(query: Mapping[str, str]) -> Sought:
    """What the parameters of the URL look for; what they cannot mean is left out."""
    action, state = query.get("action", ""), query.get("state", "")
    return Sought(
        query.get("find", "").strip()[:_LONGEST],
        action if action in dict(ACTIONS) else "",
        query.get("scope", "")[:_LONGEST],
        state if state in dict(STATES) else "",
    )


def scope_of(rule: RuleInfo) -> str:
    """For whom a rule is, in one word: "everyone", "group:NAME" or "client:NAME"."""
    if rule.client:
        return _CLIENT + rule.client
    return _GROUP + rule.group if rule.group else "everyone"


def scopes(groups: Iterable[str]) -> list[tuple[str, str]]:
    """The scopes that can be chosen to look for, and what they are called."""
    every = [("", "anybody"), ("everyone", "everyone"), ("devices", "one device")]
    return [*every, *((f"{_GROUP}{group}", f"group {group}") for group in groups)]


def whom(groups: Iterable[str]) -> list[tuple[str, str]]:
    """For whom a rule can be, but for one device, and what that is called."""
    return [("", "everyone"), *((group, f"group {group}") for group in groups)]


def scopes_of(rules: Iterable[RuleInfo], groups: Iterable[str]) -> list[tuple[str, str]]:
    """The scopes whose rules can be had as text, and what they are called: everyone, the groups, and the first devices
    that have rules."""
    devices = sorted({rule.client for rule in rules if rule.client})[:_DEVICES]
    named = [("everyone", "everyone"), *((f"{_GROUP}{group}", f"group {group}") for group in groups)]
    return [*named, *((f"{_CLIENT}{device}", device) for device in devices)]
