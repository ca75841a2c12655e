"""The machine's own names, and their records."""

from __future__ import annotations

import pytest

from resolver.config.hosts import host_records, usual_names
from resolver.config.records import record
from resolver.model import RRset, Type
from tests.support import wire


@pytest.mark.parametrize(
    ("hostname", "names"),
    [
        ("Box", ("box", "box.home.arpa", "lull.home.arpa")),
        ("box.example.net", ("box.example.net", "box.home.arpa", "lull.home.arpa")),
        ("lull", ("lull", "lull.home.arpa")),
        ("localhost", ("lull.home.arpa",)),
        ("localhost.localdomain", ("lull.home.arpa",)),
        ("", ("lull.home.arpa",)),
        ("a b\x1b[2J", ("lull.home.arpa",)),
        ("192.0.2.1", ("192.home.arpa", "lull.home.arpa")),
    ],
)
def test_usual_names(hostname: str, names: tuple[str, ...]) -> None:
    assert usual_names(hostname) == names


def test_records_of_the_host() -> None:
    found = host_records(["a.example", "b.example"], ["2001:db8::1", "192.0.2.1", "192.0.2.2", "192.0.2.1"])
    v4, v6 = (bytes((192, 0, 2, 1)), bytes((192, 0, 2, 2))), (bytes.fromhex("20010db8") + bytes(11) + b"\1",)
    assert found == tuple(
        RRset(wire(owner), type, 60, rdatas)
        for owner in ("a.example", "b.example")
        for type, rdatas in ((Type.A, v4), (Type.AAAA, v6))
    )
    assert host_records(["a.example"], []) == host_records([], ["192.0.2.1"]) == ()


def test_a_name_with_records_of_its_own_is_left_to_them() -> None:
    taken = [record("a.example CNAME b.example")]
    assert [one.owner for one in host_records(["a.example", "b.example"], ["192.0.2.1"], taken)] == [wire("b.example")]
