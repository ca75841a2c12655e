"""When a rule holds: for which types and clients, except below which names, unless which list is used."""

from __future__ import annotations

import functools
import ipaddress
from collections.abc import Iterable

import msgspec

from resolver.model import Client
from resolver.rules.rule import Options


class Who(msgspec.Struct, frozen=True):
    """For which clients a rule holds. Empty is no condition; what is in `not_…` wins."""

    clients: tuple[str, ...] = ()
    not_clients: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    not_tags: tuple[str, ...] = ()


class Admission:
    """A `Who` made ready to be asked."""

    def __init__(self, who: Who) -> None:
        self._clients = _Clients(who.clients) if who.clients else None
        self._not_clients = _Clients(who.not_clients) if who.not_clients else None
        self._tags = frozenset(who.tags)
        self._not_tags = frozenset(who.not_tags)

    def admits(self, client: Client) -> bool:
        """Whether the rule holds for this client."""
        if self._not_clients is not None and self._not_clients.hold(client):
            return False
        if not self._not_tags.isdisjoint(client.tags):
            return False
        if self._clients is not None and not self._clients.hold(client):
            return False
        return not self._tags or not self._tags.isdisjoint(client.tags)


class _Clients:
    """Addresses and networks, MAC addresses and names of devices, as rules list them."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._networks: list[tuple[int, int, int]] = []
        self._words: set[str] = set()
        for text in texts:
            try:
                network = ipaddress.ip_network(text, strict=False)
            except ValueError:
                self._words.add(text.lower())
            else:
                shift = network.max_prefixlen - network.prefixlen
                self._networks.append((network.version, int(network.network_address) >> shift, shift))

    def hold(self, client: Client) -> bool:
        if self._words and (
            (client.device and client.device.lower() in self._words)
            or (client.mac and client.mac.lower() in self._words)
        ):
            return True
        if not self._networks:
            return False
        version, address = _address(client.address)
        return any(version == kind and address >> shift == prefix for kind, prefix, shift in self._networks)


@functools.lru_cache(maxsize=4096)
def _address(text: str) -> tuple[int, int]:
    """IP version and number of a client's address; 0 and 0 when it is not known."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return 0, 0
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.version, int(address)


class Condition(msgspec.Struct, frozen=True):
    """All that must be so for a rule to hold. `unless` is the mask of the lists that cancel it."""

    unless: int
    types: frozenset[int]
    not_types: frozenset[int]
    denyallow: frozenset[str]
    admission: Admission | None

    def holds(self, name: str, mask: int, type: int, client: Client) -> bool:
        """Whether the rule holds for a name, when the lists in `mask` are used. At an answer's address `name` is ""."""
        if self.unless & mask or type in self.not_types:
            return False
        if self.types and type not in self.types:
            return False
        if self.denyallow and _below(name, self.denyallow):
            return False
        return self.admission is None or self.admission.admits(client)


def _below(name: str, names: frozenset[str]) -> bool:
    """Whether a name is one of these or below one."""
    while name not in names:
        _, dot, name = name.partition(".")
        if not dot:
            return False
    return True


class Conditions:
    """The conditions of a compiled set by options id and cancelling lists, each made once. `admissions` are the
    different ones."""

    def __init__(self, options: list[Options]) -> None:
        self._options = [Options(), *options]
        self._known: dict[tuple[int, int], Condition | None] = {}
        self._admissions: dict[Who, Admission] = {}

    @property
    def admissions(self) -> tuple[Admission, ...]:
        return tuple(self._admissions.values())

    def of(self, options: int, unless: int) -> Condition | None:
        """The condition of a rule; None when it always holds. Raises IndexError for an options id that is none."""
        key = options, unless
        if key not in self._known:
            self._known[key] = self._make(self._options[options], unless)
        return self._known[key]

    def _make(self, options: Options, unless: int) -> Condition | None:
        who = Who(*map(_in_order, (options.clients, options.not_clients, options.tags, options.not_tags)))
        admission = None
        if who != Who():
            admission = self._admissions.setdefault(who, Admission(who))
        if not (unless or options.types or options.not_types or options.denyallow or admission):
            return None
        sets = frozenset(options.types), frozenset(options.not_types), frozenset(options.denyallow)
        return Condition(unless, *sets, admission)


def _in_order(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(texts)))
