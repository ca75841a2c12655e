"""Negative answers of our own."""

from __future__ import annotations

import math

from resolver.model import Ede, Pass, RRset, Type
from resolver.pipeline.negative import negative
from resolver.wire.rdata import soa_minimum


def test_they_can_be_cached_for_as_long_as_is_said() -> None:
    response = negative(3, b"\x01a\0", 30, Pass(), (Ede(15, "x"),))
    assert (response.rcode, response.answer, response.ede) == (3, (), (Ede(15, "x"),))
    (soa,) = response.authority
    assert isinstance(soa, RRset)
    assert (soa.owner, soa.type, soa.ttl, soa_minimum(soa.rdatas[0])) == (b"\x01a\0", Type.SOA, 30, 30)
    assert (response.lifetime, response.fixed) == (math.inf, True)
