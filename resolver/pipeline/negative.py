"""Negative answers of Lull's own, with the synthetic SOA that lets clients cache them (RFC 2308 section 3)."""

from __future__ import annotations

import math

from resolver.model import Ede, Response, RRset, Type, Verdict
from resolver.wire.rdata import synthetic_soa


def negative(rcode: int, name: bytes, ttl: int, verdict: Verdict, ede: tuple[Ede, ...] = ()) -> Response:
    """NODATA (`rcode` NOERROR) or NXDOMAIN for `name`, good for `ttl` seconds."""
    soa = RRset(name, Type.SOA, ttl, (synthetic_soa(ttl),))
    return Response(rcode, authority=(soa,), ede=ede, lifetime=math.inf, fixed=True, verdict=verdict)
