"""The typed bodies of `diagnose`. Light: the command reads them too. Times are Unix time, `ms` milliseconds."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

MOST_ALSO = 3
"""Resolvers that are not configured, in one diagnosis."""


class Diagnosing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name to diagnose, as a client sees it (an address, a MAC address or a device's name; left out: anybody of the
    default group). `also` are resolvers to ask besides, by address, URL or a provider's name; those that are not
    configured learn the name and are asked only if that is `agreed`."""

    name: Annotated[str, Meta(max_length=1024)]
    client: Annotated[str, Meta(max_length=64)] = ""
    also: Annotated[list[Annotated[str, Meta(max_length=512)]], Meta(max_length=MOST_ALSO)] = []
    agreed: bool = False


class Said(msgspec.Struct, frozen=True):
    """What one resolver says of the name. `role` is own (Lull itself), upstream, transport (an upstream over another
    transport) or also (one that is not configured). Without an answer `rcode` is "" and `failure` says why. `agrees`
    with those who are right: same, near (other machines of the same site), different, or "" where that cannot be
    said."""

    server: str
    role: str
    rcode: str
    ms: float
    addresses: list[str] = []
    chain: list[str] = []
    ad: bool = False
    ede: list[str] = []
    failure: str = ""
    agrees: str = ""


class Reached(msgspec.Struct, frozen=True):
    """Whether a port of an address takes connections; `secure`: with a certificate that is right for the name. Why it
    does not is `trouble` in a word and `reason` in words ("" if it does)."""

    address: str
    port: int
    secure: bool
    ms: float
    trouble: str = ""
    reason: str = ""


class Network(msgspec.Struct, frozen=True):
    """The routers of the default routes ("" for none; the interface's name on a line without a router), whether the
    IPv4 one is heard of (None: not known), and what came of looking for a captive portal ("" if it was not)."""

    v4: str
    v6: str
    gateway_heard: bool | None
    portal: str


class Result(msgspec.Struct, frozen=True):
    """What was found. `sentence` says it all, `finding` is that in a stable word, `advice` what to do about it, and
    `command` what to type for that. `beside` is what is the matter besides. `fine`: it is neither the DNS nor the site.

    What Lull does with the name is `verdict` (block, allow, rewrite or pass) by `rule`. What it would answer without
    any rules is what the upstreams `said`.
    """

    sentence: str
    finding: str
    fine: bool
    advice: str
    command: str
    beside: list[str]
    verdict: str
    rule: str
    said: list[Said]
    reached: list[Reached]
    network: Network


class Diagnosis(msgspec.Struct, frozen=True):
    """What was found about a name for a client (its device's name, or its address) of a group."""

    name: str
    client: str
    group: str
    result: Result
