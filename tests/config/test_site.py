"""Sites as they are loaded."""

from __future__ import annotations

import pathlib

from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.schema import Config


def _config(text: str) -> Config:
    return parse(("lists: []\n" + text).encode(), pathlib.Path("lull.yaml"), Known())


def test_sites_as_loaded() -> None:
    text = (
        "devices: {TV: {names: [tv]}}\n"
        "sites: [{site: News.example, allow: [b.example]}, {site: a.example, allow: all, window: 90, client: Tv}, "
        "{site: a.example, allow: [all], window: always, client: '2001:DB8::1'}]"
    )
    first, second, third = _config(text).sites
    assert (first.site, first.names, first.everything, first.window) == ("news.example", ("b.example",), False, 600)
    assert (first.client, first.group) == ("", "")
    assert (second.names, second.everything, second.window, second.client) == ((), True, 90, "tv")
    assert (third.everything, third.window, third.client) == (True, None, "2001:db8::1")
