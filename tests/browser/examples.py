"""Which addresses are looked at for each page: a page that has no example, and needs one, fails the sweep."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from resolver.admin.pages import ROUTES
from tests.admin.household import ADMIN
from tests.browser.filled import BROKEN, LAPTOP, MEMBER, SITE, TABLET, VISITOR

_PART = re.compile(r"\{(\w+):(?:[^{}]|\{[^{}]*\})*\}")


class Example(NamedTuple):
    """An address of a page, who looks at it ("": somebody who is not signed in), and what comes of it."""

    address: str
    who: str = ADMIN
    status: int = 200


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "/login": (Example("/login", ""),),
    "/welcome": (Example("/welcome", "", 403),),
    "/me": (Example("/me", MEMBER), Example("/me")),
    "/rules": (Example("/rules"), Example("/rules?find=cdn&state=unused"), Example("/rules?find=nothing")),
    "/rules/bulk": (Example("/rules/bulk?scope=everyone"),),
    "/account": (Example("/account"), Example("/account", MEMBER)),
    "/account/user": (Example(f"/account/user?name={MEMBER}"), Example(f"/account/user?name={ADMIN}")),
    "/log": (Example("/log"), Example("/log?verdict=block")),
    "/why": (Example(f"/why?name=t.ads.example&client={LAPTOP}"), Example("/why")),
    "/devices/{client}": (Example(f"/devices/{TABLET}"), Example("/devices/nowhere", status=404)),
    "/groups/{group}": (Example("/groups/kids"), Example("/groups/default")),
    "/schedules": (Example("/schedules"), Example("/schedules?edit=bedtime"), Example("/schedules?new=1")),
    "/services": (Example("/services?group=kids"), Example("/services?group=kids&kind=social")),
    "/lists/{id}": (Example("/lists/ads"), Example("/lists/starter"), Example("/lists/hagezi-pro")),
    "/lists/catalogue": (Example("/lists/catalogue?category=advertising"), Example("/lists/catalogue")),
    "/settings/file": (Example("/settings/file"), Example("/settings/file?section=log")),
    "/sites/{site}": (Example(f"/sites/{SITE}"),),
    "/repair": (
        Example(f"/repair?site={BROKEN}&client={quote(VISITOR)}"),
        Example("/repair"),
        Example(f"/repair?site={SITE}&client={LAPTOP}"),
        Example(f"/repair?site=t.ads.example&client={LAPTOP}"),
        Example("/repair?site=nobody.example"),
    ),
    "/repair/from": (),  # it leads on to the page above before it can be looked at
    "/setup/{system}": tuple(Example(f"/setup/{one}") for one in ("windows", "android", "router", "firefox")),
}
"""By the path of the route. Others are looked at as they are, by the admin."""


def pages() -> list[str]:
    """The paths of all routes that are pages, without what their parameters must look like."""
    return [
        _PART.sub(r"{\1}", one.path)
        for one in ROUTES
        if one.method == "GET" and one.page and one.content == "text/html"
    ]


def without_example() -> list[str]:
    """Those whose path has something to be filled in, with no example of it."""
    return [path for path in pages() if "{" in path and path not in EXAMPLES]


def every() -> list[Example]:
    """What is looked at."""
    return [
        one for path in pages() if "{" not in path or path in EXAMPLES for one in EXAMPLES.get(path, (Example(path),))
    ]
