"""How many queries wait for upstreams: in all, of one client, and for the names below one domain. Nobody has all the
room: neither a device that has gone wild nor a flood of names that nobody has heard of (random subdomains)."""

from __future__ import annotations

from resolver.model import Query
from resolver.policy.clients import place

MOST = 4096
MOST_OF_CLIENT = 2048  # a router that asks for a whole house is one client
MOST_BELOW = 512  # names with the same last three labels
MOST_UNDER = 2048  # with the same last two: of com, org or co.uk they are those of everybody

Keys = tuple[str, str, str]
"""What a query counts for: its client, and what ends its name."""


class Waiting:
    """Queries that wait. What `full` refuses is not to be entered."""

    def __init__(self) -> None:
        self.count = 0
        self._clients: dict[str, int] = {}
        self._below: dict[str, int] = {}
        self._under: dict[str, int] = {}

    def full(self, keys: Keys) -> str:
        """Why there is no room for a query; empty when there is."""
        client, below, under = keys
        if self.count >= MOST:
            return "too many queries are waiting for upstreams"
        if self._clients.get(client, 0) >= MOST_OF_CLIENT:
            return "too many queries of this client are waiting for upstreams"
        if self._below.get(below, 0) >= MOST_BELOW or self._under.get(under, 0) >= MOST_UNDER:
            return f"too many queries below {under} are waiting for upstreams"
        return ""

    def enter(self, keys: Keys) -> None:
        self.count += 1
        client, below, under = keys
        self._clients[client] = self._clients.get(client, 0) + 1
        self._below[below] = self._below.get(below, 0) + 1
        self._under[under] = self._under.get(under, 0) + 1

    def leave(self, keys: Keys) -> None:
        self.count -= 1
        client, below, under = keys
        _less(self._clients, client)
        _less(self._below, below)
        _less(self._under, under)


def _less(counts: dict[str, int], key: str) -> None:
    if counts[key] > 1:
        counts[key] -= 1
    else:
        del counts[key]


def keys_of(query: Query) -> Keys:
    name = query.name
    last = name.rfind(".")
    second = name.rfind(".", 0, last) if last > 0 else -1
    third = name.rfind(".", 0, second) if second > 0 else -1
    return query.client.device or place(query.client.address), name[third + 1 :], name[second + 1 :]
