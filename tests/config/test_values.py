"""The values that a config is read into."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from resolver.config.shapes import shape_of
from resolver.config.values import Endpoint, ListUrl, Mac, Tag


def test_endpoints_as_text() -> None:
    assert [str(Endpoint("127.0.0.1", 53)), str(Endpoint("::1", 53))] == ["127.0.0.1:53", "[::1]:53"]


@pytest.mark.parametrize("text", ["", "02:00:5e:10:00:01", "02-00-5E-10-00-01"])
def test_mac_addresses(text: str) -> None:
    assert re.fullmatch(shape_of(Mac).pattern, text)


@pytest.mark.parametrize("text", ["02005e100001", "02:00:5e:10:00", "02:00:5e:10:00:01:02", "0g:00:5e:10:00:01"])
def test_what_is_no_mac_address(text: str) -> None:
    assert not re.fullmatch(shape_of(Mac).pattern, text)


def test_urls_name_a_machine() -> None:
    pattern = shape_of(ListUrl).pattern
    assert re.fullmatch(pattern, "http://[::1]:8080/list?x=1")
    assert not re.fullmatch(pattern, "ftp://example.org/list")
    assert not re.fullmatch(pattern, "https:///list")


def test_tags_say_what_a_device_is_what_it_runs_and_who_uses_it() -> None:
    assert {tag.partition("_")[0] for tag in get_args(Tag)} == {"device", "os", "user"}
