"""The part of a config that says how blocked names are answered: for everyone, and for a group where that differs."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from resolver import model
from resolver.config.values import Address


class Blocking(Struct, frozen=True):
    mode: Annotated[
        Literal["null-address", "nxdomain", "nodata", "refused", "address"],
        Meta(
            description="What a blocked name is answered with: 0.0.0.0 and ::, a denial that it exists, an empty "
            "answer, a refusal, or the addresses below."
        ),
    ] = "null-address"
    ttl: Annotated[
        float,
        Meta(ge=0, le=86400, description="How long clients keep a blocked answer. Short: a repair works on reload."),
    ] = 10.0
    addresses: Annotated[
        tuple[Address, ...], Meta(description="The answer of mode address, IPv4 and IPv6. Only for that mode.")
    ] = ()

    def answer(self) -> model.BlockAnswer:
        """What a blocked name is answered with, as the rest of Lull speaks of it."""
        match self.mode:
            case "null-address":
                return model.NullAddress()
            case "nxdomain":
                return model.Nxdomain()
            case "nodata":
                return model.Nodata()
            case "refused":
                return model.Refused()
            case "address":
                v4 = tuple(address.packed for address in self.addresses if address.version == 4)
                return model.Address(v4, tuple(address.packed for address in self.addresses if address.version == 6))


class GroupBlocking(Struct, frozen=True):
    """What is None, or no addresses, is as `blocking` says for everyone."""

    mode: Annotated[
        Literal["null-address", "nxdomain", "nodata", "refused", "address"] | None,
        Meta(description="What a blocked name is answered with for this group. Left out: as for everyone."),
    ] = None
    ttl: Annotated[
        float | None,
        Meta(ge=0, le=86400, description="How long its clients keep a blocked answer. Left out: as for everyone."),
    ] = None
    addresses: Annotated[
        tuple[Address, ...], Meta(description="The answer of mode address, for this group. Only for that mode.")
    ] = ()
