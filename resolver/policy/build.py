"""From a config and what people added to the document of a bundle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Literal, get_args

from resolver.config.blocking import GroupBlocking
from resolver.config.offered import Offered
from resolver.config.schedule import Schedule
from resolver.config.schema import Config
from resolver.config.values import Day, Endpoint, Upstream
from resolver.paths import SELF_SIGNED, STARTER
from resolver.policy.document import (
    Document,
    Doors,
    ForwardEntry,
    GroupEntry,
    Limits,
    ListEntry,
    Machine,
    People,
    SafeEntry,
    ScheduleEntry,
    ServiceEntry,
)
from resolver.policy.household import devices_of, rules_of, sites_of
from resolver.policy.truth import Truth

_MACHINE = Machine()


def document(
    config: Config,
    compiled: Iterable[tuple[str, Literal["block", "allow"]]],
    missing: Collection[str],
    people: People,
    offered: Offered,
    machine: Machine = _MACHINE,
) -> Document:
    """The policy of `config` with what people made beside it, over lists (id and kind) compiled in this order.

    `missing` are the ids of lists that have no version yet; `offered` are the services and search engines that the
    config was loaded with.
    """
    modes = {source.id: source.mode for source in config.lists}
    return Document(
        lists=tuple(ListEntry(id, kind, modes.get(id, "live")) for id, kind in compiled),
        groups=_groups(config, missing),
        services=_services(offered, _services_used(config)),
        safe_search=_safe_search(offered, {id for group in config.groups.values() for id in group.safe_search}),
        schedules=tuple(_schedule(name, schedule) for name, schedule in config.schedules.items()),
        basics=config.basics or (),
        devices=devices_of(config, people),
        rules=(*rules_of(config), *people.rules),
        pauses=people.pauses,
        sites=(*sites_of(config), *people.sites),
        changes=people.changes,
        records=(*machine.records, *config.records),
        answer=config.blocking.answer(),
        ttl=int(config.blocking.ttl),
        upstreams=_urls(config.upstreams),
        truth=_truth(config),
        clocks=offered.clocks if any(upstream.encrypted for upstream in config.upstreams) else (),
        allow=tuple(map(str, config.dns.allow)),
        drops=config.dns.strangers == "drop",
        privacy=config.log.privacy,
        prefix_v4=config.log.prefix_v4,
        prefix_v6=config.log.prefix_v6,
        doors=_doors(config),
        limits=Limits(
            config.limits.client, config.limits.errors, tuple(map(str, config.limits.exempt)), config.limits.slip
        ),
        boot=machine.boot,
        offset=machine.offset,
        strategy=config.strategy,
        fallback=_urls(config.fallback),
        forward=tuple(ForwardEntry(zone, _urls(upstreams)) for zone, upstreams in config.forward.items()),
        bootstrap=tuple(map(str, config.bootstrap)),
    )


def _doors(config: Config) -> Doors:
    doors = config.encrypted
    return Doors(
        certificate=str(doors.certificate or config.state.absolute() / SELF_SIGNED),
        key=str(doors.key or config.state.absolute() / SELF_SIGNED),
        names=tuple(doors.names),
        proxies=tuple(map(str, doors.proxies)),
        tls=_ports(doors.tls),
        https=_ports(doors.https),
        quic=_ports(doors.quic),
    )


def _ports(endpoints: Iterable[Endpoint]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(endpoint.port for endpoint in endpoints))


def _urls(upstreams: Iterable[Upstream]) -> tuple[str, ...]:
    return tuple(upstream.url for upstream in upstreams)


def _truth(config: Config) -> Truth:
    cache = config.cache
    return Truth(
        size=cache.size,
        min_ttl=int(cache.min_ttl),
        max_ttl=int(cache.max_ttl),
        stale=int(cache.stale),
        prefetch=cache.prefetch,
        trust=config.dnssec.trust,
        subnet=config.client_subnet == "forward",
        rebinding=config.rebinding.refuse,
        local=frozenset((*config.rebinding.allow, *config.forward)),
    )


def _groups(config: Config, missing: Collection[str]) -> tuple[GroupEntry, ...]:
    block = {source.id for source in config.lists if source.kind != "allow" and source.mode == "live"}
    entries = []
    for name, group in config.groups.items():
        lists = config.lists_of(name)
        if any(id in missing and id in block for id in lists):
            lists = (*lists, STARTER)
        blocking = config.blocking_of(name)
        entries.append(
            GroupEntry(
                name,
                tuple(map(str, group.networks)),
                lists,
                services=group.services,
                safe_search=group.safe_search,
                schedules=group.schedules,
                deny=group.default == "deny",
                answer=None if group.blocking == GroupBlocking() else blocking.answer(),
                ttl=None if group.blocking.ttl is None else int(blocking.ttl),
                privacy=group.privacy,
                upstreams=_urls(group.upstreams),
            )
        )
    return tuple(entries)


def _schedule(name: str, schedule: Schedule) -> ScheduleEntry:
    def words(kind: str) -> tuple[str, ...]:
        return tuple(target.word for target in schedule.block if target.kind == kind)

    assert schedule.zone is not None  # of a config as loaded
    return ScheduleEntry(
        name,
        tuple(sorted(get_args(Day).index(day) for day in schedule.days)),
        _minutes(schedule.begins),
        _minutes(schedule.ends),
        str(schedule.zone),
        only=schedule.only,
        block=words("name"),
        allow=schedule.allow,
        services=words("service"),
        lists=words("list"),
    )


def _minutes(time: dt.time) -> int:
    return time.hour * 60 + time.minute


def _services_used(config: Config) -> set[str]:
    """The ids of the services that some group or schedule blocks."""
    targets = [target for schedule in config.schedules.values() for target in schedule.block]
    named = {target.word for target in targets if target.kind == "service"}
    return named | {id for group in config.groups.values() for id in group.services}


def _services(offered: Offered, used: Collection[str]) -> tuple[ServiceEntry, ...]:
    """What a worker needs to know of the services with these ids. Raises KeyError for one that is not offered."""
    found = sorted((offered.services[id] for id in used), key=lambda service: service.id)
    return tuple(ServiceEntry(one.id, one.title, one.names) for one in found)


def _safe_search(offered: Offered, used: Collection[str]) -> tuple[SafeEntry, ...]:
    found = sorted((offered.engines[id] for id in used), key=lambda engine: engine.id)
    return tuple(SafeEntry(one.id, one.title, one.names, one.target) for one in found)
