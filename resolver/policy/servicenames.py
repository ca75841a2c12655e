"""The names of services and of search engines, looked up label by label."""

from __future__ import annotations

from collections.abc import Iterator

from resolver.model import RuleRef, Tier
from resolver.policy.document import SafeEntry, ServiceEntry
from resolver.wire.name import from_text, suffixes

SERVICES = "services"
SAFE_SEARCH = "safe-search"


class ServiceNames:
    """The names of services → what is said of them."""

    def __init__(self, services: tuple[ServiceEntry, ...]) -> None:
        self._names = {
            name: (service.id, RuleRef(Tier.SERVICES, SERVICES, service.title))
            for service in services
            for name in service.names
        }

    def of(self, name: str) -> Iterator[tuple[str, RuleRef]]:
        """The services that a name belongs to, by the longest of their names first: id and rule."""
        for suffix in suffixes(name):
            found = self._names.get(suffix)
            if found is not None:
                yield found


class SafeNames:
    """The names of search engines → the engines and their safe targets."""

    def __init__(self, engines: tuple[SafeEntry, ...]) -> None:
        self._names: dict[str, list[tuple[str, RuleRef, bytes]]] = {}
        for engine in engines:
            said = (engine.engine, RuleRef(Tier.SERVICES, SAFE_SEARCH, engine.title), from_text(engine.target))
            for name in engine.names:
                self._names.setdefault(name, []).append(said)

    def of(self, name: str) -> list[tuple[str, RuleRef, bytes]]:
        """The engines that answer at just this name: id, rule and target (wire form)."""
        return self._names.get(name, [])
