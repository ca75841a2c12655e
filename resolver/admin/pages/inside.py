"""What every page has beside its own values: who looks at it, the menu, a notice, what proves that a form is ours, and
what was typed into a form that could not be done; and how what a form asks for is done."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

import msgspec
from aiohttp import web

from resolver.admin.gate import FORM_TOKEN
from resolver.admin.handling import form, service, who
from resolver.admin.pages import cookies
from resolver.admin.pages.menu import Part, menu
from resolver.admin.pages.render import PAGES
from resolver.admin.principal import Principal, principal
from resolver.admin.rulebodies import ChangeInfo
from resolver.admin.service import Service
from resolver.admin.signed import form_token
from resolver.admin.signing import Browser
from resolver.errors import ApiError

T = TypeVar("T")

BACK = "back"
"""The field of a form that says which page of ours to come back to."""

LIVE = "X-Live"
"""The header by which the script of our pages asks for one again."""

_LONGEST_BACK = 600
_LOOKED_AT = 5  # changes
_OURS = re.compile(r"/(?![/\\]|%2f|%5c)[!-~]*", re.IGNORECASE)


class Typed(msgspec.Struct, frozen=True):
    """What somebody typed into the form of this name, and what is `wrong` with it, in the field `where` ("": with all
    of it). Nothing of it on a page that no form led to."""

    form: str = ""
    fields: Mapping[str, str] = {}
    wrong: str = ""
    where: str = ""


NOTHING = Typed()

Work = Callable[[Service, dict[str, str], str], Awaitable[str]]
"""Does what a form asks for: takes what can be done, the form's fields, and who sends it; returns what was done, in a
sentence. Raises ApiError, of which `path` is the field that is wrong."""

Again = Callable[[web.Request, Typed], Awaitable[web.Response]]
"""Shows the page of a form again, with what was typed."""


class Inside(msgspec.Struct, frozen=True):
    """`name` is whose session it is; "" without one, for somebody who looks at pages with a token, or is not known.
    `here` is the page's address, to come back to; `undo` the change that the notice tells of (0: none)."""

    name: str
    admin: bool
    notice: cookies.Notice | None
    form_name: str
    form_token: str
    here: str = "/"
    menu: tuple[Part, ...] = ()
    typed: Typed = NOTHING

    @property
    def undo(self) -> int:
        return self.notice.undo if self.notice is not None else 0


def inside(request: web.Request, notice: cookies.Notice | None = None, typed: Typed = NOTHING) -> Inside:
    """The same for this request; with a notice of its own, or that which was left for it."""
    found, secret = principal(request), cookies.session_of(request)
    name = found.name if found.session else ""
    token = form_token(secret) if name else ""
    here = ours(typed.fields.get(BACK, "")) or ours(request.path_qs if request.method == "GET" else _above(request))
    left = notice or cookies.notice_for(request)
    return Inside(name, found.may("admin"), left, FORM_TOKEN, token, here, menu(found, request.path), typed)


def show(request: web.Request, template: str, page: object, top: Inside, status: int = 200) -> web.Response:
    """A page; the notice is said, and not said again. What keeps a page up to date (`static/live.js`) shows none, and
    leaves it for whom it is for."""
    response = request.app[PAGES].response(template, status, page=page, inside=top)
    if top.notice is not None and LIVE not in request.headers:
        cookies.clear_notice(request, response)
    return response


async def do(
    request: web.Request, work: Work, back: str = "/", *, form_name: str = "", again: Again | None = None
) -> web.Response:
    """Have a form's work done, and go back to a page that says what was done: the one that the form names, or `back`.

    What cannot be done is said there too; or, with `again`, beside the fields of the page that it shows, with what was
    typed. `form_name` is how that page knows the form.
    """
    asked, fields, by = service(request), await form(request), who(request)
    back = ours(fields.get(BACK, "")) or back
    before = await _newest(asked)
    try:
        said = await work(asked, fields, by)
    except ApiError as error:
        if again is not None:
            response = await again(request, Typed(form_name, fields, str(error), error.path or ""))
            response.set_status(error.status)
            return response
        notice = refusal(error)
    else:
        notice = cookies.Notice(said, undo=_undo(before, await _newest(asked), by, principal(request)))
    response = web.Response(status=303, headers={"Location": back})
    cookies.leave_notice(request, response, notice)
    return response


async def or_reason(work: Awaitable[T]) -> T | ApiError:
    """What comes of a part of a page, or why it cannot be shown: the rest of the page is."""
    try:
        return await work
    except ApiError as error:
        return error


def ours(path: str) -> str:
    """The address of a page of ours, to go to next; "" for any other, or what is none."""
    return path if len(path) <= _LONGEST_BACK and _OURS.fullmatch(path) else ""


def _above(request: web.Request) -> str:
    """The page whose forms are sent to addresses below it."""
    return f"/{request.path.split('/')[1]}"


def refusal(error: ApiError) -> cookies.Notice:
    return cookies.Notice(f"Nothing was changed: {error}", good=False)


def browser(request: web.Request) -> Browser:
    return Browser(request.remote or "", request.headers.get("User-Agent", ""))


async def _newest(asked: Service) -> list[ChangeInfo]:
    """The last changes, newest first; somebody else may have made one of them meanwhile, such as a sign-in."""
    try:
        return (await asked.history.changes(_LOOKED_AT)).entries
    except ApiError:  # without the database there is nothing to take back
        return []


def _undo(before: list[ChangeInfo], after: list[ChangeInfo], by: str, found: Principal) -> int:
    """The change that a form made, if it can be taken back; 0 otherwise."""
    if not found.may("write"):
        return 0
    last = before[0].id if before else 0
    return next((one.id for one in after if one.id > last and one.who == by and one.undoable), 0)
