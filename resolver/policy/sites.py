"""Tier 4: site rules. While a client is on a site, what that site needs is allowed for it. Pure.

Which windows are open is known elsewhere (`Visits`); here is which rules there are, for whom, and for which names.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Protocol

import msgspec

from resolver.model import Client, RuleRef, Tier
from resolver.policy.document import SiteEntry
from resolver.policy.overlay import Scope
from resolver.wire.name import suffixes

SOURCE = "sites"


class Visits(Protocol):
    """What is known of the windows that clients opened."""

    def until(self, client_key: str, rule_key: str, /) -> float:
        """When (Unix time) the window of a rule (`SiteEntry.key`) ends for a client (`Client.key`); 0.0: there is
        none."""
        ...


class _Nobody:
    def until(self, _: str, __: str, /) -> float:
        return 0.0


NOBODY: Visits = _Nobody()
"""Nobody is on any site."""


class SiteMatch(msgspec.Struct, frozen=True):
    """A site rule that would allow a name. `strength` orders as that of the overlay's matches does (the length is 0
    where the rule allows everything); `open`: whether it does so now, and then until when."""

    rule: RuleRef
    strength: tuple[int, int, bool]
    until: float
    open: bool


class _Ready(msgspec.Struct, frozen=True):
    """A rule ready for questions; `ends` is math.inf for one without an end."""

    entry: SiteEntry
    rule: RuleRef
    scope: Scope
    ends: float


class _Scoped:
    """The rules of one scope: those with a window by their site, all by the names they allow, and those that allow
    everything."""

    def __init__(self) -> None:
        self.sites: dict[str, list[_Ready]] = {}
        self.allowed: dict[str, list[_Ready]] = {}
        self.everything: list[_Ready] = []

    def add(self, ready: _Ready) -> None:
        entry = ready.entry
        if entry.window is not None:
            self.sites.setdefault(entry.site, []).append(ready)
        if entry.everything:
            self.everything.append(ready)
        else:
            for name in dict.fromkeys(entry.allow):
                self.allowed.setdefault(name, []).append(ready)


class Sites:
    """The site rules of one bundle; false when there are none."""

    def __init__(self, entries: tuple[SiteEntry, ...]) -> None:
        self._scopes: dict[tuple[str, str], _Scoped] = {}
        for entry in entries:
            rule = RuleRef(Tier.SITES, SOURCE, str(entry), entry.key)
            scope = Scope.CLIENT if entry.client else Scope.GROUP if entry.group else Scope.EVERYONE
            ready = _Ready(entry, rule, scope, math.inf if entry.until is None else entry.until)
            self._scopes.setdefault((entry.client, entry.group), _Scoped()).add(ready)
        # Most names have nothing to do with any rule, which is seen at a glance.
        self._allowed = frozenset(name for entry in entries for name in entry.allow)
        self._names = self._allowed.union(entry.site for entry in entries)
        self._trusting = any(entry.everything for entry in entries)
        self.personal = frozenset(entry.client for entry in entries if entry.client)

    def __bool__(self) -> bool:
        return bool(self._scopes)

    def opened(self, text: str, client: Client, now: float) -> tuple[SiteEntry, ...]:
        """The rules whose window a look-up of this name by this client opens or renews at `now` (Unix time)."""
        if self._names.isdisjoint(suffixes(text)):
            return ()
        names = tuple(suffixes(text))
        return tuple(
            ready.entry
            for scoped in self._of(client)
            if scoped.sites
            for name in names
            for ready in scoped.sites.get(name, ())
            if ready.ends > now
        )

    def about(self, text: str, client: Client, now: float, visits: Visits) -> list[SiteMatch]:
        """Every rule in force that would allow this name for this client: those that do now first, the strongest of
        them first, and of equals the one that does so the longest."""
        if not self._trusting and self._allowed.isdisjoint(suffixes(text)):
            return []
        found = [_match(ready, length, client, now, visits) for ready, length in self._mentioning(text, client, now)]
        found.sort(key=lambda match: (not match.open, *(-part for part in match.strength), -match.until))
        return found

    def momentary(self, text: str, client: Client, now: float) -> bool:
        """Whether what this client is told of this name may depend on, or have an effect on, its windows."""
        return self.named(text, client, now) or self.trusting(client, now)

    def named(self, text: str, client: Client, now: float) -> bool:
        """Whether a rule with a window names this name, or one above it, as its site or as allowed."""
        if self._names.isdisjoint(suffixes(text)):
            return False
        names = tuple(suffixes(text))
        return any(
            ready.entry.window is not None and ready.ends > now
            for scoped in self._of(client)
            for known in (scoped.sites, scoped.allowed)
            if known
            for name in names
            for ready in known.get(name, ())
        )

    def trusting(self, client: Client, now: float) -> bool:
        """Whether a rule with a window would allow this client everything."""
        return self._trusting and any(
            ready.entry.window is not None and ready.ends > now
            for scoped in self._of(client)
            for ready in scoped.everything
        )

    def _of(self, client: Client) -> Iterator[_Scoped]:
        """The rules of every scope that the client is in."""
        known = self._scopes
        for who in dict.fromkeys((client.address, client.device, "")):
            for group in (client.group, ""):
                scoped = known.get((who, group))
                if scoped is not None:
                    yield scoped

    def _mentioning(self, text: str, client: Client, now: float) -> Iterator[tuple[_Ready, int]]:
        """The rules in force that allow this name, each once, with the length of the longest of their names that it is
        or is below."""
        for scoped in self._of(client):
            seen: set[int] = set()
            for name in suffixes(text) if scoped.allowed else ():
                for ready in scoped.allowed.get(name, ()):
                    if ready.ends > now and id(ready) not in seen:
                        seen.add(id(ready))
                        yield ready, len(name)
            for ready in scoped.everything:
                if ready.ends > now:
                    yield ready, 0


def _match(ready: _Ready, length: int, client: Client, now: float, visits: Visits) -> SiteMatch:
    until = ready.ends
    if ready.entry.window is not None:
        until = min(until, visits.until(client.key, ready.entry.key))
    return SiteMatch(ready.rule, (ready.scope, length, True), until, until > now)
