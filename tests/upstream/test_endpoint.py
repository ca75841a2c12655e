"""Whom the URLs of a bundle name, and the addresses of those that are given by address."""

from __future__ import annotations

import asyncio

import pytest

from resolver.config.upstreams import upstream
from resolver.errors import TextError, UpstreamUnreachable
from resolver.upstream.endpoint import Addressed, read


def test_a_url_is_read_as_the_config_reads_it() -> None:
    text = "https://dns.example/q?method=get&bootstrap=192.0.2.1"
    assert read(text) == upstream(text)
    with pytest.raises(TextError):
        read("later://dns.example")


def test_addresses() -> None:
    assert list(asyncio.run(Addressed().addresses(read("tls://[2001:db8::1]#dns.example")))) == ["2001:db8::1"]
    with pytest.raises(UpstreamUnreachable, match=r"nobody was asked for the address of dns\.example"):
        asyncio.run(Addressed().addresses(read("tls://dns.example")))
