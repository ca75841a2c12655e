"""What the structs of the config can do."""

from __future__ import annotations

import ipaddress

import pytest

from resolver import model
from resolver.config.blocking import Blocking
from resolver.config.people import Group
from resolver.config.schema import Config, ListSource


@pytest.mark.parametrize(
    ("mode", "answer"),
    [
        ("null-address", model.NullAddress()),
        ("nxdomain", model.Nxdomain()),
        ("nodata", model.Nodata()),
        ("refused", model.Refused()),
        ("address", model.Address((b"\xc0\0\2\1",), (b"\0" * 15 + b"\1",))),
    ],
)
def test_answers(mode: str, answer: model.BlockAnswer) -> None:
    addresses = (ipaddress.ip_address("::1"), ipaddress.ip_address("192.0.2.1"))
    assert Blocking(mode=mode, addresses=addresses).answer() == answer  # type: ignore[arg-type] # a parameter is a str


def test_lists_of_a_group() -> None:
    groups = {"default": Group(), "kids": Group(lists=("b",)), "guests": Group(lists=())}
    config = Config(lists=(ListSource("a"), ListSource("b")), groups=groups)
    assert [config.lists_of(group) for group in groups] == [("a", "b"), ("b",), ()]
