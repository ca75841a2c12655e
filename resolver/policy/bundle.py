"""A bundle in memory: the immutable whole of policy that a worker swaps by one reference."""

from __future__ import annotations

import pathlib
from typing import Literal

import msgspec

from resolver.errors import BundleError
from resolver.model import BlockAnswer, Client, Privacy
from resolver.policy.clients import DEFAULT, AccessList, parse_address
from resolver.policy.designated import designated
from resolver.policy.document import VERSION, Document, GroupEntry
from resolver.policy.identity import Identified, Identity
from resolver.policy.overlay import Overlay, lines_of
from resolver.policy.schedules import Timetable, Timetables
from resolver.policy.servicenames import SafeNames, ServiceNames
from resolver.policy.sites import Sites
from resolver.policy.special import LocalNames
from resolver.rules.ruleset import RuleSet
from resolver.wire.name import from_text

DOCUMENT = "policy.msgpack"

OWN = "own"
"""Where below a bundle's directory people's own rules are that are lines of lists."""


class Group(msgspec.Struct, frozen=True):
    """A group in force: the lists it uses as bit masks, those that are live and those in shadow mode, how blocked
    names are answered for it, the ids of the services it blocks and of the engines whose search is safe, and whether
    what nothing allows is blocked."""

    name: str
    mask: int
    shadow: int
    answer: BlockAnswer
    ttl: int
    services: frozenset[str] = frozenset()
    safe_search: frozenset[str] = frozenset()
    deny: bool = False


class Bundle:
    """Policy ready for questions. `generation` names it; `names` are the lists' rules, `own` those of people that are
    lines of lists (None: there are none).

    `personal` are the addresses and names of devices that have something of their own: a rule, a pause, a site rule, a
    change of a schedule. With `has_networks` some rules are about addresses in answers.
    """

    def __init__(self, generation: str, document: Document, names: RuleSet, own: RuleSet | None = None) -> None:
        self.generation = generation
        self.document = document
        self.names = names
        self.own = own
        live, shadow = (_bits(document, mode) for mode in ("live", "shadow"))
        self.groups = {
            entry.name: _group(entry, document, _mask(entry.lists, live), _mask(entry.lists, shadow))
            for entry in document.groups
        }
        if DEFAULT not in self.groups:
            raise BundleError(f"bundle {generation} has no group {DEFAULT!r}")
        self.timetables = Timetables(document, live)
        self.basics = frozenset(document.basics)
        self.access = AccessList(document.allow)
        self.overlay = Overlay(document.rules, document.pauses, own)
        self.sites = Sites(document.sites)
        forwarded = frozenset(from_text(entry.zone) for entry in document.forward)
        self.local = LocalNames((*designated(document.doors, document.records), *document.records), forwarded)
        self.services = ServiceNames(document.services)
        self.safe = SafeNames(document.safe_search)
        self.personal = self.overlay.personal | self.sites.personal | self.timetables.personal
        self._privacies = {group.name: group.privacy for group in document.groups}
        self.has_networks = names.has_networks or self.overlay.has_networks
        self._identity = Identity(document.devices, document.groups)
        self._written = {device.name.lower(): device.name for device in document.devices}

    def identify(self, address: str, id: str = "") -> Client:
        """Who is behind an address as sockets give it, or is known by `id`, and whether they may ask."""
        return self.identified(address, id)[0]

    def identified(self, address: str, id: str = "") -> tuple[Client, str]:
        """The same, and how they are known: "MAC 02:00:5e:10:00:01", "network 192.0.2.0/24 of group kids"; "" for
        whom nothing tells from others."""
        text = str(parse_address(address))
        found = self._identity.of(text, id)
        device = found.device
        privacy = self._privacy(found)[0]
        admitted = self.access.admits(text) or bool(id and device.id == id)
        return Client(text, found.group, admitted, device.name.lower(), device.mac, device.tags, privacy), found.how

    def kept(self, address: str) -> tuple[Privacy, Literal["device", "group", "all"]]:
        """What the log keeps of whoever has an address, and who says so. A device's own word counts before its group's,
        were it the laxer one: who sets it for one device means that device."""
        return self._privacy(self._identity.of(str(parse_address(address))))

    def _privacy(self, found: Identified) -> tuple[Privacy, Literal["device", "group", "all"]]:
        if found.device.privacy is not None:
            return found.device.privacy, "device"
        of_group = self._privacies.get(found.group)
        return (self.document.privacy, "all") if of_group is None else (of_group, "group")

    def written(self, client: Client) -> str:
        """What a client is called for people: its device's name as somebody wrote it, or else its address."""
        return self._written.get(client.device) or client.key

    def timetable(self, client: Client, group: Group) -> Timetable | None:
        """The schedules of a client that is in this group; None when it has none."""
        return self.timetables.of(client, group.name)

    def signature(self, client: Client) -> int:
        """What rules can tell clients apart by: those with equal signatures are treated alike by every rule of lists,
        and by all lines of lists among people's own."""
        ours = 0 if self.own is None else self.own.signature(client)
        return ours << self.names.kinds | self.names.signature(client)

    def over(self, document: Document) -> Bundle:
        """The same names under a document that differs in times alone."""
        return Bundle(self.generation, document, self.names, self.own)

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
            names = RuleSet.open(directory, [entry.id for entry in document.lists])
            lines = [text for _, text in lines_of(document.rules)]
            own = RuleSet.open(directory / OWN, lines) if lines else None
            return cls(directory.name, document, names, own)
        except ValueError as error:
            raise BundleError(f"{directory / DOCUMENT}: {error}") from error


def _group(entry: GroupEntry, document: Document, mask: int, shadow: int) -> Group:
    return Group(
        entry.name,
        mask,
        shadow,
        document.answer if entry.answer is None else entry.answer,
        document.ttl if entry.ttl is None else entry.ttl,
        frozenset(entry.services),
        frozenset(entry.safe_search),
        entry.deny,
    )


def _bits(document: Document, mode: str) -> dict[str, int]:
    """The bits of the lists of a mode, by id."""
    return {entry.id: 1 << place for place, entry in enumerate(document.lists) if entry.mode == mode}


def _mask(ids: tuple[str, ...], bits: dict[str, int]) -> int:
    return sum({bits[id] for id in ids if id in bits})
