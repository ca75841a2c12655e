import logging
import pathlib

import pytest

from resolver.lists.canaries import Canary, named, own_hosts, popular
from resolver.lists.catalogue import CATEGORIES
from resolver.paths import shipped


def test_the_names_that_ship() -> None:
    found = {canary.name: canary for canary in popular(shipped("blocklists"))}
    assert {"google.com", "www.google.com", "wikipedia.org"} <= set(found)
    assert "social" in found["facebook.com"].categories
    assert not any(canary.categories - set(CATEGORIES) for canary in found.values())
    assert not any(canary.usual for canary in found.values())


def test_names_with_their_categories(tmp_path: pathlib.Path) -> None:
    (tmp_path / "popular.txt").write_text("# all\n\nb.example social dating # once\nwww.a.example\nnot a!name\nB.x\n")
    what = "one of the most popular names"
    both = frozenset(["social", "dating"])
    assert popular(tmp_path) == (
        Canary("b.example", what, both),
        Canary("www.b.example", what, both),
        Canary("www.a.example", what),
        Canary("not", what, frozenset(["a!name"])),
        Canary("www.not", what, frozenset(["a!name"])),
    )


def test_a_file_that_is_gone_is_said_and_survived(tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    assert popular(tmp_path) == ()
    assert "popular.txt cannot be read, so lists may block popular names: No such file" in caplog.text


@pytest.mark.parametrize("data", [b"\xff\x00\n", b"\n" * 9, b"x" * 2_000_000])
def test_a_file_of_garbage_is_survived(tmp_path: pathlib.Path, data: bytes) -> None:
    (tmp_path / "popular.txt").write_bytes(data)
    assert popular(tmp_path) == ()


def test_the_hosts_of_a_list() -> None:
    urls = ["https://me:secret@Lists.Example/a?b", "http://192.0.2.1/x", "http://[2001:db8::1]/x", "http://xn--/x"]
    assert [canary.name for canary in own_hosts(urls)] == ["lists.example"]


@pytest.mark.parametrize(
    ("host", "names"), [("dns.example", ["dns.example"]), ("192.0.2.53", []), ("fe80::1%eth0", [])]
)
def test_hosts_that_are_addresses_are_no_names(host: str, names: list[str]) -> None:
    assert [canary.name for canary in named(host, "an upstream")] == names
