"""Stage identify: from a source address to who asks, and to the finished answers that hold for them."""

from __future__ import annotations

from resolver.cache.packets import Packets
from resolver.model import Client
from resolver.policy.bundle import Bundle

_PERSONAL = 16  # clients with rules of their own, or that rules of lists single out, get this part of the room or less
MAX_PERSONAL = 64  # such parts beside those of people's own rules; a list could make as many as there are addresses
MAX_PEERS = 10_000  # addresses remembered; a flood of forged ones only costs looking up the others again


class Peer:
    """An address that asked, under one bundle. `packets` is shared by all whose effective policy is the same."""

    __slots__ = ("client", "packets")

    def __init__(self, client: Client, packets: Packets) -> None:
        self.client = client
        self.packets = packets


class Peers(dict[str, Peer]):
    """Addresses as sockets give them → peers, made on first sight. One table serves one bundle, then is thrown away."""

    def __init__(self, bundle: Bundle, capacity: int) -> None:
        """`capacity` is for how many bytes of finished answers there is room, over all groups. With `subnets` they hold
        for those clients that give the same Client Subnet."""
        super().__init__()
        self._bundle = bundle
        self._capacity = capacity
        self.subnets = bundle.document.truth.subnet
        self._packets: dict[tuple[str, tuple[str, ...], bool, int], Packets] = {}

    def __missing__(self, address: str) -> Peer:
        client = self._bundle.identify(address)
        personal = self._bundle.personal
        own = tuple(name for name in (client.address, client.device) if name in personal)
        signature = self._bundle.signature(client) if client.admitted else 0  # a stranger costs nothing
        policy = (client.group, own, client.admitted, signature)
        packets = self._packets.get(policy)
        if packets is None:
            if len(self._packets) >= MAX_PERSONAL + len(personal) + 2 * len(self._bundle.groups):
                self._packets.clear()
                self.clear()
            share = max(_PERSONAL, len(personal)) if own or signature else max(len(self._bundle.groups), 1)
            packets = self._packets[policy] = Packets(self._capacity // share)
        if len(self) >= MAX_PEERS:
            self.clear()
        peer = self[address] = Peer(client, packets)
        return peer

    def maps(self) -> list[Packets]:
        """The finished answers of each policy."""
        return list(self._packets.values())
