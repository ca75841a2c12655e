"""What is found on disk."""

from __future__ import annotations

import pathlib

import msgspec

from resolver.policy.bundle import Bundle
from resolver.policy.bundles import Bundles
from resolver.policy.document import Document, ListEntry, OwnRule


def policy(ttl: int) -> Document:
    """A policy over the names that the fixture compiles, told from others by its TTL."""
    return Document(lists=(ListEntry("ads"),), ttl=ttl)


def lined(ttl: int) -> Document:
    """The same with rules of people's own that are lines of lists, others for each TTL."""
    rules = (OwnRule("deny", "", text=f"/^x{ttl}[.]/"), OwnRule("allow", "", text=f"||y.example^$dnstype=TYPE{ttl}"))
    return msgspec.structs.replace(policy(ttl), rules=rules)


def best(bundles: Bundles) -> tuple[Bundle | None, list[str]]:
    """The bundle that is found, and what was said of those that were passed over."""
    complaints: list[str] = []
    return bundles.open_best(complaints.append), complaints


def in_force(bundles: Bundles) -> int | None:
    """The TTL of the bundle that is found, if one is; nothing may be complained of."""
    found, complaints = best(bundles)
    assert complaints == []
    return None if found is None else found.document.ttl


def replace(path: pathlib.Path, data: bytes) -> None:
    """Write a file anew: to write into it would change what is linked to it."""
    path.unlink()
    path.write_bytes(data)
