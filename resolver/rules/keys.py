"""Keys of the trie: owner names turned round, and networks bit by bit.

The key of a name is the name backwards with a dot behind it (`ads.example` → `elpmaxe.sda.`), so that every ancestor of
a name is a prefix of its key and no label is cut. The key of a network is a mark and the bits of its prefix
(`192.0.2.0/24` → `⁴110000000000000000000010`), so that every network an address is in is a prefix of its key. The marks
are not ASCII: no name that is asked for holds one.
"""

from __future__ import annotations

import ipaddress

from resolver.rules.rule import Form

_MARKS = {32: "⁴", 128: "⁶"}
_BITS = {mark: bits for bits, mark in _MARKS.items()}

NETWORKS = tuple(_BITS)
"""What keys of networks begin with."""

_VERBATIM, _FORWARD, _REVERSED = Form.EXACT, Form.SUBTREE, Form.WILDCARD
FOLDS = (_VERBATIM, _FORWARD, _REVERSED)
"""The forms that facts beside a network have."""

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def key(name: str) -> str:
    """The key of a name in normal form."""
    return f".{name}"[::-1]


def name_of(key: str) -> str:
    """The name of a key of one."""
    return key[-2::-1]


def address_key(packed: bytes) -> str:
    """The key of an address: 4 or 16 bytes, in network byte order."""
    size = 8 * len(packed)
    return f"{_MARKS[size]}{int.from_bytes(packed, 'big'):0{size}b}"


def network_key(network: IPNetwork) -> str:
    """The key of a network."""
    return address_key(network.network_address.packed)[: 1 + network.prefixlen]


def network_of(key: str) -> IPNetwork:
    """The network of a key of one."""
    size, bits = _BITS[key[0]], key[1:]
    packed = int(bits.ljust(size, "0"), 2).to_bytes(size // 8, "big")
    return ipaddress.ip_network((packed, len(bits)))


def fold(network: IPNetwork, text: str) -> tuple[Form, tuple[str, str]]:
    """The text of a rule about a network as a form and a frame around the network, so that many rules share them."""
    for form in (_FORWARD, _REVERSED):
        written = _written(network, form)
        if written and written in text:
            before, _, after = text.partition(written)
            return form, (before, after)
    return _VERBATIM, (text, "")


def unfold(network: IPNetwork, form: Form, frame: tuple[str, str]) -> str:
    """The reverse of `fold`."""
    return _written(network, form).join(frame)


def _written(network: IPNetwork, form: Form) -> str:
    """A network as rules write it: forward without the length that says one address, or reversed as RPZ does."""
    if form is _FORWARD:
        return str(network) if network.prefixlen < network.max_prefixlen else str(network.network_address)
    if form is _REVERSED and network.version == 4:
        return ".".join([str(network.prefixlen), *reversed(str(network.network_address).split("."))])
    return ""
