"""Stage admit: who may ask at all. Lull on a public address must not serve the world."""

from __future__ import annotations

from resolver.model import Ede, EdeCode, Query, Rcode, Response, Transport
from resolver.pipeline.stage import Gate, Parts


def make(parts: Parts) -> Gate:
    def admit(query: Query) -> Response | None:
        if query.client.admitted:
            return None
        text = f"{query.client.address} is not in dns.allow"
        # Only over UDP may the address be somebody else's, to whom the answers would go.
        silent = query.transport == Transport.UDP and parts.bundle().document.drops
        return Response(Rcode.REFUSED, ede=(Ede(EdeCode.PROHIBITED, text),), silent=silent)

    return admit
