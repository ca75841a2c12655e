"""Stage identify: from a source address to who asks, and to the finished answers that hold for them."""

from __future__ import annotations

from collections.abc import Collection

from resolver.cache.packets import Packets
from resolver.cache.table import MakeTable, Table
from resolver.model import Client
from resolver.policy.bundle import Bundle
from resolver.policy.clients import ClientIndex, place

_PERSONAL = 16  # clients with rules of their own, or that rules of lists single out, get this part of the room or less
MAX_PERSONAL = 64  # such parts beside those of people's own rules; a list could make as many as there are addresses
MAX_PEERS = 10_000  # addresses remembered; a flood of forged ones only costs looking up the others again


class Peer:
    """An address that asked, under one bundle. `held` is shared by all whose effective policy is the same; `packets` is
    the same, or empty while every single query is to be counted. What it asks counts for its `place`, unless it is
    `exempt`."""

    __slots__ = ("client", "exempt", "held", "packets", "place")

    def __init__(self, client: Client, packets: Table, *, exempt: bool = False) -> None:
        self.client = client
        self.place = place(client.address)
        self.exempt = exempt
        self.held = self.packets = packets


def peer_key(address: str, id: str) -> str:
    """What a peer is found by: its address as sockets give it, and what it says it is, if it says anything."""
    return f"{address}#{id}" if id else address


class Peers(dict[str, Peer]):
    """Keys (`peer_key`) → peers, made on first sight. One table serves one bundle, then is thrown away."""

    def __init__(self, bundle: Bundle, capacity: int, table: MakeTable = Packets) -> None:
        """`capacity` is for how many bytes of finished answers there is room, over all groups, each of which has a
        `table`. With `subnets` they hold for those clients that give the same Client Subnet."""
        super().__init__()
        self._bundle = bundle
        self._capacity = capacity
        self._table = table
        self._nothing = table(0)
        self.subnets = bundle.document.truth.subnet
        self.evicted = 0  # finished answers that had to go, of maps that are no more
        self._exempt = ClientIndex((text, True) for text in bundle.document.limits.exempt)
        self._wild: Collection[str] = ()
        self._packets: dict[tuple[str, tuple[str, ...], bool, int], Table] = {}

    def __missing__(self, key: str) -> Peer:
        address, _, id = key.partition("#")
        client = self._bundle.identify(address, id)
        personal = self._bundle.personal
        own = tuple(name for name in (client.address, client.device) if name in personal)
        signature = self._bundle.signature(client) if client.admitted else 0  # a stranger costs nothing
        policy = (client.group, own, client.admitted, signature)
        packets = self._packets.get(policy)
        if packets is None:
            if len(self._packets) >= MAX_PERSONAL + len(personal) + 2 * len(self._bundle.groups):
                self.evicted += sum(map.evicted for map in self._packets.values())
                self._packets.clear()
                self.clear()
            share = max(_PERSONAL, len(personal)) if own or signature else max(len(self._bundle.groups), 1)
            packets = self._packets[policy] = self._table(self._capacity // share)
        if len(self) >= MAX_PEERS:
            self.clear()
        peer = self[key] = Peer(client, packets, exempt=self._exempt.of(client.address) is not None)
        if self._counted(peer):
            peer.packets = self._nothing
        return peer

    def _counted(self, peer: Peer) -> bool:
        return peer.place in self._wild and not peer.exempt

    def hold_back(self, wild: Collection[str]) -> None:
        """From now on every query from these places is counted, and of the others only what must be."""
        self._wild = wild
        for peer in self.values():
            peer.packets = self._nothing if self._counted(peer) else peer.held

    def maps(self) -> list[Table]:
        """The finished answers of each policy."""
        return list(self._packets.values())
