"""Every page that can be looked at, with parameters that no page of ours leads to: refused or passed over, in words,
and nothing breaks."""

from __future__ import annotations

import pathlib
import re
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from msgspec.structs import fields
from yarl import URL

from resolver.admin.pages import ROUTES
from resolver.admin.pages.log import log
from resolver.admin.pages.logfilter import Asked
from resolver.admin.routing import Route
from tests.admin.household import House, Opener
from tests.admin.pages.furnished import KID, furnish, seen

VALUES = (
    *("-1", "0", "9" * 19, str(10**18), "9" * 5000, "1e400", "nan", "-inf", "1_0", quote("\u0662"), quote("\u00b2")),
    *("%ZZ", "%ff%fe", "%00", "%0d%0aX:y", "%ED%A0%80", quote("\u202e\x1b[2J"), quote("<script>"), "", "+"),
    *("x" * 5000, "a." * 500, "." * 20, "*", "xn--", "..", "%5B%5D", "%5B", "//", "1.1", f"{'1' * 18}.{'9' * 11}"),
    *("192.0.2.1", "::ffff:1.2.3.4", "fe80::1%25eth0", "02:00:5e:10:00:01", "nobody", "true", "%7B%7D"),
    *("9999-12-31T23:59", "0001-01-01", "mon%2025:00", "999999999999999999h", "https://%5B", "https://a:99999/"),
)
"""As they stand in addresses."""

USUAL = {"site": "news.example", "name": "news.example", "client": KID}
"""What goes with the others, so that they are looked at."""

PARTS = ("1", "kids", "ads", KID, "x" * 3000, "%ff", "%00", "a%2Fb", "..%2f..%2fetc", "%5B%5D", "%e2%80%ae", "9" * 20)
"""What stands in the place of a variable part."""

_PART = re.compile(r"\{\w+(:([^{}]|\{[^{}]*\})*)?\}")
_READ = re.compile(r'\.get\("([a-z-]+)"')


def names_of(route: Route) -> list[str]:
    """The parameters that a page says it takes, or, where it says nothing, those that its file reads."""
    said = fields(Asked) if route.handler is log else fields(route.query)
    if said:
        return [field.encode_name for field in said]
    module = sys.modules[route.handler.__module__]
    return sorted(set(_READ.findall(pathlib.Path(str(module.__file__)).read_text(encoding="utf-8")))) or ["x"]


def addresses(route: Route) -> Iterator[str]:
    for part in PARTS if "{" in route.path else PARTS[:1]:
        yield _PART.sub(part, route.path)
    path = _PART.sub(KID, route.path)
    names = names_of(route)
    for name in names:
        usual = "".join(f"&{other}={value}" for other, value in USUAL.items() if other in names and other != name)
        yield from (f"{path}?{name}={value}{usual}" for value in VALUES)
        yield f"{path}?{name}=1&{name}=2"
    for value in ("%ZZ=1", "%ff", "=&&=x&a%5B%5D=1"):
        yield f"{path}?{value}"


def test_every_page_with_hostile_parameters(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        browser = await house.sign_in()
        headers, tried, shown = {"Cookie": browser.cookies, "Accept": "text/html"}, 0, 0
        for address in (one for route in ROUTES if route.method == "GET" for one in addresses(route)):
            where = URL(house.url + address, encoded=True)
            async with house.http.get(where, allow_redirects=False, headers=headers) as response:
                await response.read()
            assert response.status < 500, address[:200]
            tried += 1
            shown += response.status == 200
        assert (tried > 2000, shown > 500) == (True, True), (tried, shown)

    open_house(scenario, config=furnish(open_house, monkeypatch))
