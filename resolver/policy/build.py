"""From a config and what people added to the document of a bundle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from resolver.config.schema import Config
from resolver.paths import STARTER
from resolver.policy.document import Document, GroupEntry, ListEntry, OwnRule, Pause


def document(
    config: Config,
    compiled: Sequence[ListEntry],
    missing: Collection[str],
    own: Iterable[OwnRule],
    pauses: Iterable[Pause],
) -> Document:
    """The policy of `config` with people's `own` rules and pauses, over lists compiled in this order.

    `missing` are the ids of lists that have no version yet.
    """
    return Document(
        lists=tuple(compiled),
        groups=_groups(config, missing),
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
    block = {source.id for source in config.lists if source.kind != "allow"}
    entries = []
    for name, group in config.groups.items():
        lists = config.lists_of(name)
        if any(id in missing and id in block for id in lists):
            lists = (*lists, STARTER)
        entries.append(GroupEntry(name, tuple(map(str, group.clients)), lists))
    return tuple(entries)
