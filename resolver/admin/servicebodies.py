"""The typed bodies about the services that groups block, and the engines whose search is made safe."""

from __future__ import annotations

import msgspec


class ServiceInfo(msgspec.Struct, frozen=True):
    """A service: its id, title and kind, how many names it has, the groups that block it, and the schedules that do
    while they are in force."""

    id: str
    title: str
    kind: str
    names: int
    groups: list[str]
    schedules: list[str]


class EngineInfo(msgspec.Struct, frozen=True):
    """A search engine, and the groups for which its search is made safe."""

    id: str
    title: str
    groups: list[str]


class Services(msgspec.Struct, frozen=True):
    """All services by kind, in the order of the kinds, and all engines."""

    services: list[ServiceInfo]
    engines: list[EngineInfo]
    kinds: list[str]
