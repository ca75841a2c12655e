"""What a config says of how devices are found: a part of the schema."""

from __future__ import annotations

import pathlib
from typing import Annotated

from msgspec import Meta, Struct

from resolver.config.values import Router


class Discovery(Struct, frozen=True):
    """As loaded the paths are absolute."""

    neighbours: Annotated[
        bool,
        Meta(description="Whether this machine's neighbour tables tell which addresses have which MAC address."),
    ] = True
    router: Annotated[
        Router,
        Meta(
            description="Who is asked for the names of private addresses: auto (the default gateway, if its address "
            "is private), an address, or off."
        ),
    ] = Router("auto")
    leases: Annotated[
        tuple[pathlib.Path, ...] | None,
        Meta(
            description="Files of DHCP leases, of dnsmasq, ISC or Kea, relative to this config file's directory. Left "
            "out: those of the usual places that there are; []: none."
        ),
    ] = None
