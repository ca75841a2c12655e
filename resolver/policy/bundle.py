"""A bundle in memory: the immutable whole of policy that a worker swaps by one reference."""

from __future__ import annotations

import pathlib

import msgspec

from resolver.errors import BundleError
from resolver.model import BlockAnswer, Client
from resolver.policy.clients import DEFAULT, AccessList, ClientIndex, parse_address
from resolver.policy.document import VERSION, DeviceEntry, Document, GroupEntry
from resolver.policy.overlay import Overlay
from resolver.policy.schedules import Timetable, timetables
from resolver.policy.servicenames import SafeNames, ServiceNames
from resolver.policy.special import LocalNames
from resolver.rules.ruleset import RuleSet

DOCUMENT = "policy.msgpack"


_NO_DEVICE = DeviceEntry("")


class Group(msgspec.Struct, frozen=True):
    """A group in force: the lists it uses as bit masks, those that are live and those in shadow mode, how blocked
    names are answered for it, the ids of the services it blocks and of the engines whose search is safe, whether what
    nothing allows is blocked, and its schedules if it has any."""

    name: str
    mask: int
    shadow: int
    answer: BlockAnswer
    ttl: int
    services: frozenset[str] = frozenset()
    safe_search: frozenset[str] = frozenset()
    deny: bool = False
    timetable: Timetable | None = None


class Bundle:
    """Policy ready for questions. `generation` names it; `names` are the lists' rules."""

    def __init__(self, generation: str, document: Document, names: RuleSet) -> None:
        self.generation = generation
        self.document = document
        self.names = names
        live, shadow = (_bits(document, mode) for mode in ("live", "shadow"))
        planned = timetables(document, live)
        self.groups = {
            entry.name: _group(
                entry, document, _mask(entry.lists, live), _mask(entry.lists, shadow), planned.get(entry.name)
            )
            for entry in document.groups
        }
        self.basics = frozenset(document.basics)
        if DEFAULT not in self.groups:
            raise BundleError(f"bundle {generation} has no group {DEFAULT!r}")
        self._grouped = ClientIndex(((group.name, group.clients) for group in document.groups), DEFAULT)
        self._devices = ClientIndex(((device, device.addresses) for device in document.devices), _NO_DEVICE)
        self.access = AccessList(document.allow)
        self.overlay = Overlay(document.rules, document.pauses)
        self.local = LocalNames(document.records)
        self.services = ServiceNames(document.services)
        self.safe = SafeNames(document.safe_search)

    def identify(self, address: str) -> Client:
        """Who is behind an address as sockets give it, and whether they may ask."""
        text = str(parse_address(address))
        device = self._devices.of(text)
        return Client(
            text, self._grouped.of(text), self.access.admits(text), device.name.lower(), device.mac, device.tags
        )

    @classmethod
    def open(cls, directory: pathlib.Path) -> Bundle:
        """Map the bundle in `directory`, whose files are known to be whole. Raises BundleError if it cannot be used."""
        try:
            document = msgspec.msgpack.decode((directory / DOCUMENT).read_bytes(), type=Document)
        except (OSError, msgspec.MsgspecError) as error:
            raise BundleError(f"{directory / DOCUMENT}: {error}") from error
        if document.version != VERSION:
            raise BundleError(f"{directory / DOCUMENT}: version {document.version}, expected {VERSION}")
        try:
            return cls(directory.name, document, RuleSet.open(directory, [entry.id for entry in document.lists]))
        except ValueError as error:
            raise BundleError(f"{directory / DOCUMENT}: {error}") from error


def _group(entry: GroupEntry, document: Document, mask: int, shadow: int, timetable: Timetable | None) -> Group:
    return Group(
        entry.name,
        mask,
        shadow,
        document.answer if entry.answer is None else entry.answer,
        document.ttl if entry.ttl is None else entry.ttl,
        frozenset(entry.services),
        frozenset(entry.safe_search),
        entry.deny,
        timetable,
    )


def _bits(document: Document, mode: str) -> dict[str, int]:
    """The bits of the lists of a mode, by id."""
    return {entry.id: 1 << place for place, entry in enumerate(document.lists) if entry.mode == mode}


def _mask(ids: tuple[str, ...], bits: dict[str, int]) -> int:
    return sum({bits[id] for id in ids if id in bits})
