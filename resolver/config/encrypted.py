"""Where encrypted queries are taken: a part of the schema."""

from __future__ import annotations

import pathlib
from typing import Annotated

from msgspec import Meta, Struct

from resolver.config.values import Endpoint, ExactName, Network


class Encrypted(Struct, frozen=True):
    """As loaded it has absolute paths, and a key wherever it has a certificate."""

    tls: Annotated[
        tuple[Endpoint, ...], Meta(description="Where queries over TLS are taken (DoT, usually port 853).")
    ] = ()
    https: Annotated[
        tuple[Endpoint, ...],
        Meta(description="Where queries over HTTPS are taken (DoH, usually port 443), at /dns-query."),
    ] = ()
    quic: Annotated[
        tuple[Endpoint, ...],
        Meta(description="Where queries over QUIC are taken (DoQ, usually port 853, UDP). Needs lull-dns[quic]."),
    ] = ()
    certificate: Annotated[
        pathlib.Path | None,
        Meta(
            description="The certificate with those above it, PEM; read again when it changes, by dns.user too. Left "
            "out: one that is made in the state directory, for trying: devices must be told to trust it."
        ),
    ] = None
    key: Annotated[
        pathlib.Path | None,
        Meta(description="The certificate's private key, PEM. Left out: it stands in the certificate's file."),
    ] = None
    names: Annotated[
        tuple[ExactName, ...],
        Meta(
            description="The names that the certificate holds. Devices are told the first by discovery (DDR); a device "
            "with an `id` may ask for ID.NAME over TLS, where the certificate holds *.NAME."
        ),
    ] = ()
    proxies: Annotated[
        tuple[Network, ...],
        Meta(
            description="Proxies in front of these, that must say by the PROXY protocol (version 2) whom they speak "
            "for; and in front of TCP."
        ),
    ] = ()

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return (*self.tls, *self.https, *self.quic)
