"""Options of rules while lists are compiled: interned, so that 200,000 rules with the same ones cost no more than plain
rules; and bounded, since every worker holds them all and asks each condition on clients for each client."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from resolver.rules.fact import MOST_OPTIONS
from resolver.rules.rule import Options

MAX_OPTIONS = 20_000
"""Different options of all lists together."""

MAX_OPTIONS_BYTES = 4 << 20
"""What they may take as msgpack."""

MAX_CLIENTS = 2_000
"""Clients and tags that they may name in all. Each takes a µs when an address is seen for the first time."""

_NONE = Options()
_T = TypeVar("_T", int, str)


class Interned:
    """Options ↔ ids. The id 0 is that of no options."""

    def __init__(self) -> None:
        self.all: list[Options] = []  # by id, less one
        self._ids: dict[Options | None, int] = {None: 0, _NONE: 0}
        self._essences: dict[int, int] = {}
        self._same: dict[Options, int] = {}
        self._bytes = 0
        self._clients = 0

    def id(self, options: Options | None) -> int | None:
        """The id of options, old or new; None when there is no room for more."""
        known = self._ids.get(options)
        return self._new(options) if known is None and options is not None else known

    def _new(self, options: Options) -> int | None:
        size = len(msgspec.msgpack.encode(options))
        people = sum(map(len, (options.clients, options.not_clients, options.tags, options.not_tags)))
        full = len(self.all) >= min(MAX_OPTIONS, MOST_OPTIONS)
        if full or self._bytes + size > MAX_OPTIONS_BYTES or self._clients + people > MAX_CLIENTS:
            return None
        self._bytes += size
        self._clients += people
        self.all.append(options)
        self._ids[options] = len(self.all)
        return len(self.all)

    def essence(self, id: int) -> int:
        """A number that two ids share when their options say the same, however they are written."""
        known = self._essences.get(id)
        if known is None:
            essence = _essence(self.all[id - 1]) if id else _NONE
            known = self._essences[id] = self._same.setdefault(essence, len(self._same))
        return known


def trusted(options: Options | None) -> Options | None:
    """What remains of the options of a rule that an allow list holds: it says nothing."""
    if options is None:
        return None
    silent = msgspec.structs.replace(options, says=None)
    return None if silent == _NONE else silent


def _essence(options: Options) -> Options:
    return Options(
        types=_in_order(options.types),
        not_types=_in_order(options.not_types),
        denyallow=_in_order(options.denyallow),
        clients=_in_order(options.clients),
        not_clients=_in_order(options.not_clients),
        tags=_in_order(options.tags),
        not_tags=_in_order(options.not_tags),
        says=options.says,
    )


def _in_order(values: tuple[_T, ...]) -> tuple[_T, ...]:
    return tuple(sorted(set(values)))
