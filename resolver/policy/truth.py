"""How what upstreams say is kept and passed on: the part of a bundle's policy that is about truth, not about names."""

from __future__ import annotations

from typing import Literal

import msgspec

Trust = Literal["encrypted", "all", "none"]
"""Whose AD bit is believed: of upstreams whose name was verified or that run on this machine, of all, of none."""


class Truth(msgspec.Struct, frozen=True):
    """`size` in MiB, the others in seconds, `prefetch` in upstream queries per 100 answers; `stale` 0: never. With
    `rebinding`, local addresses are refused for all names but those in `local` and below them (text form)."""

    size: int = 16
    min_ttl: int = 0
    max_ttl: int = 86_400
    stale: int = 259_200
    prefetch: int = 10
    trust: Trust = "encrypted"
    subnet: bool = False
    rebinding: bool = True
    local: frozenset[str] = frozenset()
