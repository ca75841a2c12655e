"""What stands against a name when nobody has allowed it: whether a rule that allows is of any use. Pure; some of it
takes milliseconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from resolver.model import Block, Client, Rewrite, Tier, Type
from resolver.policy.bundle import Bundle
from resolver.policy.clients import DEFAULT
from resolver.policy.decide import decide, group_of
from resolver.policy.document import Document, OwnRule
from resolver.rules.fact import Fact
from resolver.rules.rule import Action
from resolver.wire.name import from_text

_TYPES = (Type.A, Type.AAAA, Type.HTTPS)
_NEVER = 0.0  # Unix time: what has ended then is not in force


class Against:
    """The policy in force as it would be if nobody had allowed anything, for good or (`paused`) by a pause."""

    def __init__(self, bundle: Bundle, now: float, *, hours: bool) -> None:
        """With `hours` schedules count too: only what allows for a while comes before them."""
        document = bundle.document
        groups = document.groups if hours else tuple(replace(group, schedules=()) for group in document.groups)
        changes = document.changes if hours else ()
        self._bundle = bundle.over(
            replace(document, rules=_denying(document), pauses=(), sites=(), changes=changes, groups=groups)
        )
        self._now = now

    def stands(self, name: str, clients: Iterable[Client], *, exact: bool) -> bool:
        """Whether anything would block, or answer in its own way, a name, or (unless `exact`) one below it, for any of
        these clients. Patterns of lists are tried with the name itself and "www" below it."""
        asked = [name] if exact else [name, f"www.{name}"]
        for client in clients:
            if any(self._decided(one, type, client) for one in asked for type in _TYPES):
                return True
            if not exact and self._below(name, client):
                return True
        return False

    def _decided(self, name: str, type: int, client: Client) -> bool:
        verdict = decide(from_text(name), name, type, client, self._bundle, self._now)
        return isinstance(verdict, Block | Rewrite) and verdict.rule.tier != Tier.LOCAL

    def _below(self, name: str, client: Client) -> bool:
        group = group_of(self._bundle, client)
        if any(group.mask >> fact.index & 1 and _is_against(fact) for fact in self._bundle.names.under(name)):
            return True
        return any(_is_below(one, name) for one in self._own_names(client, group.services, group.safe_search))

    def _own_names(self, client: Client, services: frozenset[str], engines: frozenset[str]) -> Iterator[str]:
        """The names that people, services and search engines have for a client."""
        document = self._bundle.document
        for rule in document.rules:
            if rule.action == "deny" and rule.client in {"", client.key} and rule.group in {"", client.group}:
                yield rule.name
        for service in document.services:
            yield from service.names if service.id in services else ()
        for engine in document.safe_search:
            yield from engine.names if engine.engine in engines else ()


def concerned(bundle: Bundle, client: str, group: str, addresses: Iterable[str]) -> list[Client]:
    """Clients that stand for all whom a scope concerns, one for groups that are alike; `addresses` are those of the
    device it names, if it does."""
    if client:
        found = [bundle.identify(address) for address in addresses]
        return found or [Client("", DEFAULT, device=client)]
    if group:
        return [Client("", group)] if group in bundle.groups else []
    entries = {entry.name: entry.schedules for entry in bundle.document.groups}
    special = {rule.group for rule in bundle.document.rules}
    alike: dict[tuple[object, ...], Client] = {}
    for name, one in bundle.groups.items():
        what = (one.mask, one.services, one.safe_search, one.deny, entries[name], name if name in special else "")
        alike.setdefault(what, Client("", name))
    return list(alike.values())


def _denying(document: Document) -> tuple[OwnRule, ...]:
    """The rules with those that allow ended: they stay where they are, as places in a bundle hang on them."""
    return tuple(replace(rule, until=_NEVER) if rule.action == "allow" else rule for rule in document.rules)


def _is_against(fact: Fact) -> bool:
    return not fact.cancels and not fact.action.allows and fact.action != Action.EXCEPT


def _is_below(name: str, other: str) -> bool:
    return name.endswith(f".{other}")
