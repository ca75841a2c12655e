"""The pages /rules/bulk, where many rules are added as text, and /rules/text, which is all rules of a scope as such a
text."""

from __future__ import annotations

import msgspec
from aiohttp import web

from resolver.admin.handling import form, made, service, who
from resolver.admin.pages.cookies import Notice
from resolver.admin.pages.inside import NOTHING, Typed, inside, show
from resolver.admin.pages.ruleactions import scope
from resolver.admin.pages.rules import FOR
from resolver.admin.pages.rulesought import scope_of, scopes_of, whom
from resolver.admin.routing import MAX_BODY, Route
from resolver.admin.rulebodies import BULK_BYTES, BULK_LINES, BulkLine, BulkResult, NewRules, RuleInfo
from resolver.errors import ApiError

PAGE = "/rules/bulk"
TEXT = "/rules/text"
ROOM = 16_000
"""Characters of rules that the page shows to be changed; more are had as a file."""

SHOWN = 50
"""Lines of a report."""

LARGEST = 3 * BULK_BYTES + MAX_BODY
"""Bytes of the form: a line's end takes six, and a letter may take nine for the three that it is."""


class Bulk(msgspec.Struct, frozen=True):
    """All that the page shows. `text` has the rules of `scope`, `left_out` of which did not fit. After something was
    sent, `result` says what became of it, `lines` of that are shown."""

    scopes: list[tuple[str, str]]
    whom: list[tuple[str, str]]
    scope: str = ""
    text: str = ""
    left_out: int = 0
    result: BulkResult | None = None
    lines: list[BulkLine] = []
    durations: tuple[str, ...] = FOR
    most: int = BULK_LINES


async def page(request: web.Request) -> web.Response:
    """Many rules as text"""
    return await _shown(request)


async def add(request: web.Request) -> web.Response:
    """Add the rules of a text, and say what became of each line; the text then has the lines that are in error."""
    fields = await form(request)
    text = fields.get("text", "").replace("\r\n", "\n")
    try:
        new = made({"text": text, "action": fields.get("action", ""), **scope(fields)}, NewRules)
        result = await service(request).ruling.add_many(new, who(request))
    except ApiError as error:
        return await _shown(request, Typed("bulk", fields, str(error), error.path or ""), status=error.status)
    lines = text.split("\n")
    wrong = "\n".join(lines[one.line - 1] for one in result.lines if one.outcome == "error")
    typed = Typed("bulk", {**fields, "text": wrong})
    return await _shown(request, typed, result=result, notice=Notice(_said(result), undo=result.change or 0))


async def text(request: web.Request) -> web.Response:
    """All rules of a scope that hold for good, as text, a line each"""
    found = _lines(await service(request).ruling.every(), request.query.get("scope", "everyone"))
    headers = {"Content-Disposition": 'attachment; filename="rules.txt"'}
    return web.Response(text="".join(f"{line}\n" for line in found), content_type="text/plain", headers=headers)


async def _shown(
    request: web.Request,
    typed: Typed = NOTHING,
    *,
    result: BulkResult | None = None,
    notice: Notice | None = None,
    status: int = 200,
) -> web.Response:
    asked, chosen = service(request), request.query.get("scope", "")
    every = await asked.ruling.every()
    groups = list(asked.config.groups)
    lines = _lines(every, chosen) if chosen else []
    fitting = _fitting(lines)
    shown = Bulk(
        scopes_of(every, groups),
        whom(groups),
        chosen,
        "\n".join(lines[:fitting]),
        len(lines) - fitting,
        result,
        _worst(result.lines) if result else [],
    )
    return show(request, "rules_bulk.html", shown, inside(request, notice, typed), status)


def _lines(rules: list[RuleInfo], scope: str) -> list[str]:
    """The rules of a scope without an end, the oldest first, as they are written in a text of many."""
    return [
        f"{rule.action} {rule.what}"
        for rule in rules
        if rule.id is not None and rule.until is None and scope_of(rule) == scope
    ]


def _fitting(lines: list[str]) -> int:
    """How many lines, from the first on, the page has room for."""
    room = ROOM
    for count, line in enumerate(lines):
        room -= len(line) + 1
        if room < 0:
            return count
    return len(lines)


def _worst(lines: list[BulkLine]) -> list[BulkLine]:
    """The lines of a report that are shown: all, or, of too many, those in error first."""
    if len(lines) <= SHOWN:
        return lines
    return sorted(lines, key=lambda one: one.outcome != "error")[:SHOWN]


def _said(result: BulkResult) -> str:
    added = "One rule is added." if result.added == 1 else f"{result.added:,} rules are added."
    held = {0: "", 1: " One line says what holds already."}.get(
        result.holds, f" {result.holds:,} lines say what holds already."
    )
    wrong = {0: "", 1: " One line is in error."}.get(result.errors, f" {result.errors:,} lines are in error.")
    gone = {0: "", 1: " One rule gave way."}.get(result.replaced, f" {result.replaced:,} rules gave way.")
    but = f" But not everywhere yet: {result.note}." if result.note else ""
    return added + held + wrong + gone + but


ROUTES = (
    Route("GET", PAGE, page, "read", content="text/html", page=True),
    Route("POST", PAGE, add, "write", content="text/html", page=True, largest=LARGEST),
    Route("GET", TEXT, text, "read", content="text/plain", page=True),
)
