"""Stage admit: who may ask at all. Lull on a public address must not serve the world."""

from __future__ import annotations

from resolver.model import Ede, EdeCode, Query, Rcode, Response
from resolver.pipeline.stage import Gate, Parts


def make(_: Parts) -> Gate:
    def admit(query: Query) -> Response | None:
        if query.client.admitted:
            return None
        text = f"{query.client.address} is not in dns.allow"
        return Response(Rcode.REFUSED, ede=(Ede(EdeCode.PROHIBITED, text),))

    return admit
