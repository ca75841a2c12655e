"""How much one client may ask: a part of the schema."""

from __future__ import annotations

import ipaddress
from typing import Annotated

from msgspec import Meta, Struct

from resolver.config.values import Network


class Limits(Struct, frozen=True):
    client: Annotated[
        int,
        Meta(
            ge=0,
            le=1_000_000,
            description="How many queries a second one client may ask on and on, and ten times as many for a moment. "
            "More are refused. 0: any number. A router that asks for a whole house is one client, and so are all "
            "addresses of an IPv6 network of 64 bits.",
        ),
    ] = 1000
    slip: Annotated[
        int,
        Meta(
            ge=0,
            le=10,
            description="Of the queries that are refused over UDP, every how many-th is told to come again over TCP "
            "instead: whoever is really there does, and is answered, also while somebody else floods Lull in its name. "
            "0: none.",
        ),
    ] = 2
    errors: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            description="How many broken queries of one client are told a second, over UDP, that they are broken. "
            "Others get no answer.",
        ),
    ] = 20
    exempt: Annotated[
        tuple[Network, ...], Meta(description="Clients of whom more is answered: addresses and networks.")
    ] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1"))
