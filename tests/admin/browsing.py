"""A browser in which somebody is signed in to the admin of these tests, and what the admin answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from resolver.admin.pages.cookies import SESSION as COOKIE

if TYPE_CHECKING:
    from tests.admin.household import House


_OUR_SCRIPT = re.compile(r'<script src="/static/live\.js\?[0-9a-f]{10}" defer></script>')


def but_ours(page: str) -> str:
    """A page without our script, of which there is one: whatever else is a script in it is somebody else's."""
    rest, found = _OUR_SCRIPT.subn("", page)
    assert found == 1, "no page of ours has none, or two"
    return rest


class Reply(msgspec.Struct, frozen=True):
    """An HTTP response that was read to its end."""

    status: int
    headers: Mapping[str, str]
    text: str
    cookies: Sequence[str] = ()

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.text)

    @property
    def error(self) -> Any:
        return self.json["error"]

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    def cookie(self, name: str = COOKIE) -> str:
        """The value of a cookie that the response sets."""
        found = [match[1].strip('"') for one in self.cookies if (match := re.match(rf"{name}=([^;]*)", one))]
        return found[0] if found else ""


class Browser:
    """Somebody who is signed in, and the cookies they have."""

    def __init__(self, house: House, session: str) -> None:
        self.house = house
        self.session = session
        self.notice = ""

    @property
    def cookies(self) -> str:
        return f"{COOKIE}={self.session}; lull_notice={self.notice}"

    async def page(self, path: str = "/") -> str:
        reply = await self.house.get(path, token=None, headers={"Cookie": self.cookies})
        assert reply.status == 200, reply.text
        return reply.text

    async def ask(self, method: str, path: str, json: object = None) -> Reply:
        """Use the API as a script of one of our pages would."""
        headers = {"Cookie": self.cookies, "Sec-Fetch-Site": "same-origin"}
        if json is None and method != "GET":
            headers["Content-Type"] = "application/json"
        reply = await self.house.call(method, f"/api/v1/{path}", token=None, json=json, headers=headers)
        self.session = reply.cookie() or self.session
        return reply

    async def form_token(self) -> str:
        found = re.search(r'name="form" value="([0-9a-f]+)"', await self.page("/account"))
        assert found
        return found[1]

    async def post(
        self, path: str, fields: Mapping[str, str] | None = None, *, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one of the page's forms; `form` may be given to forge its token."""
        data = {"form": await self.form_token(), **(fields or {})}
        sent = {"Cookie": self.cookies, **(headers or {})}
        reply = await self.house.call("POST", path, token=None, data=data, headers=sent)
        self.notice = reply.cookie("lull_notice")
        self.session = reply.cookie() or self.session
        return reply
