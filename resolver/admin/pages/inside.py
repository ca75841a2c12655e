"""What every page for people who are signed in has: who they are, a notice, what proves that a form is ours; and how
what a form asks for is done."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from resolver.admin.gate import FORM_TOKEN
from resolver.admin.handling import form, service, who
from resolver.admin.pages import cookies
from resolver.admin.pages.render import PAGES
from resolver.admin.principal import principal
from resolver.admin.service import Service
from resolver.admin.signed import form_token
from resolver.admin.signing import Browser
from resolver.errors import ApiError


class Inside(msgspec.Struct, frozen=True):
    """`name` is whose session it is; "" without one, for somebody who looks at pages with a token."""

    name: str
    admin: bool
    notice: cookies.Notice | None
    form_name: str
    form_token: str


def inside(request: web.Request, notice: cookies.Notice | None = None) -> Inside:
    """The same for this request; with a notice of its own, or that which was left for it."""
    found, secret = principal(request), cookies.session_of(request)
    name = found.name if found.session else ""
    return Inside(
        name, found.may("admin"), notice or cookies.notice_for(request), FORM_TOKEN, form_token(secret) if name else ""
    )


def show(request: web.Request, template: str, page: object, top: Inside, status: int = 200) -> web.Response:
    """A page; the notice is said, and not said again."""
    response = request.app[PAGES].response(template, status, page=page, inside=top)
    if top.notice is not None:
        cookies.clear_notice(request, response)
    return response


async def do(
    request: web.Request, work: Callable[[Service, dict[str, str], str], Awaitable[str]], back: str = "/"
) -> web.Response:
    """Have a form's work done, which is told who sends the form, and go back to a page that says what was done."""
    try:
        notice = cookies.Notice(await work(service(request), await form(request), who(request)))
    except ApiError as error:
        notice = refusal(error)
    response = web.Response(status=303, headers={"Location": back})
    cookies.leave_notice(request, response, notice)
    return response


def refusal(error: ApiError) -> cookies.Notice:
    return cookies.Notice(f"Nothing was changed: {error}", good=False)


def browser(request: web.Request) -> Browser:
    return Browser(request.remote or "", request.headers.get("User-Agent", ""))
