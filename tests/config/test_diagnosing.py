"""What a config says of diagnoses."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.errors import ConfigError


def portal(url: str) -> str:
    return read(f"{{lists: [], diagnose: {{portal: '{url}'}}}}")


def read(text: str) -> str:
    return parse(text.encode(), pathlib.Path("/etc/lull.yaml"), Known()).diagnose.portal


@pytest.mark.parametrize(
    "url", ["", "http://check.example/generate_204", "http://192.0.2.1:8080", "http://x.example/?a=b"]
)
def test_a_page(url: str) -> None:
    assert portal(url) == url


@pytest.mark.parametrize("url", ["https://check.example/", "check.example", "http://", "http://a b/", "http://x@y/"])
def test_what_is_no_page(url: str) -> None:
    with pytest.raises(ConfigError, match=r"diagnose.portal: .*is not a URL that begins with http:// and names a mach"):
        portal(url)


def test_none_unless_given() -> None:
    assert read("lists: []") == ""
