"""From a config and what people added to the document of a bundle."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from resolver.config.schema import Config
from resolver.paths import STARTER
from resolver.policy.document import DeviceEntry, Document, GroupEntry, ListEntry, OwnRule, Pause


def document(
    config: Config,
    compiled: Iterable[tuple[str, Literal["block", "allow"]]],
    missing: Collection[str],
    own: Iterable[OwnRule],
    pauses: Iterable[Pause],
) -> Document:
    """The policy of `config` with people's `own` rules and pauses, over lists (id and kind) compiled in this order.

    `missing` are the ids of lists that have no version yet.
    """
    modes = {source.id: source.mode for source in config.lists}
    return Document(
        lists=tuple(ListEntry(id, kind, modes.get(id, "live")) for id, kind in compiled),
        groups=_groups(config, missing),
        devices=tuple(
            DeviceEntry(name, tuple(map(str, device.addresses)), device.mac, device.tags)
            for name, device in config.devices.items()
        ),
        rules=(*(OwnRule(rule.action, rule.name, origin="config") for rule in config.rules), *own),
        pauses=tuple(pauses),
        records=config.records,
        answer=config.blocking.answer(),
        ttl=int(config.blocking.ttl),
        upstreams=tuple(upstream.url for upstream in config.upstreams),
        allow=tuple(map(str, config.dns.allow)),
        privacy=config.log.privacy,
    )


def _groups(config: Config, missing: Collection[str]) -> tuple[GroupEntry, ...]:
    block = {source.id for source in config.lists if source.kind != "allow" and source.mode == "live"}
    entries = []
    for name, group in config.groups.items():
        lists = config.lists_of(name)
        if any(id in missing and id in block for id in lists):
            lists = (*lists, STARTER)
        entries.append(GroupEntry(name, tuple(map(str, group.clients)), lists))
    return tuple(entries)
