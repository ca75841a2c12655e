"""What the forms of /rules ask for: a rule to be added, and rules to be deleted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from aiohttp import web

from resolver.admin.handling import made
from resolver.admin.pages.inside import do
from resolver.admin.pages.render import short
from resolver.admin.pages.rules import PAGE, shown
from resolver.admin.routing import Route
from resolver.admin.rulebodies import NewRule, RuleInfo, RuleResult
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.errors import ApiError

TICKED = "rule-"
"""What the fields of rules that are ticked begin with; their ids come behind it."""

_FIELDS = {"text": "rule", "name": "rule"}
"""Where the form has what the API calls otherwise."""

_NAMED = 3


async def add(request: web.Request) -> web.Response:
    """Add a rule."""
    return await do(request, _add, PAGE, form_name="add", again=shown)


async def delete(request: web.Request) -> web.Response:
    """Delete one rule, or all that are ticked."""
    return await do(request, _delete, PAGE)


def scope(fields: Mapping[str, str]) -> dict[str, object]:
    """For whom, for how long and why, as every form of rules asks for it."""
    values: dict[str, object] = {name: fields.get(name, "").strip() for name in ("client", "group", "comment")}
    return {**values, "for": fields.get("for", "").strip() or None}


async def _add(asked: Service, fields: dict[str, str], by: str) -> str:
    does: Literal["allow", "deny"] = "allow" if fields.get("action") == "allow" else "deny"
    text = fields.get("rule", "").strip()
    if not text:
        raise ApiError(400, "invalid", "which name, or which line as a list has it?", "rule")
    try:
        new = made({"action": does, "text": text, "exact": bool(fields.get("exact")), **scope(fields)}, NewRule)
        return said(await asked.ruling.add(new, by))
    except ApiError as error:
        raise ApiError(error.status, error.code, str(error), _FIELDS.get(error.path or "", error.path)) from error


def said(result: RuleResult) -> str:
    """What came of a rule that was to be added, in sentences."""
    whole = f"{written(result.rule)}, for {whom(result.rule)}{_until(result.rule)}"
    found = [f"In force now: {whole}." if result.created else f"That was so already: {whole}."]
    if result.replaced:
        found.append(f"It takes the place of {_all(result.replaced)}.")
    if result.outranked_by:
        found.append(f"A narrower rule still wins: {_all(result.outranked_by)}.")
    if result.hint:
        found.append(f"Good to know: {result.hint}.")
    if result.note:
        found.append(f"But not everywhere yet: {result.note}.")
    return " ".join(found)


def written(rule: RuleInfo) -> str:
    """A rule as people write it, short enough for a sentence."""
    below = "" if rule.exact or rule.text else " and all below it"
    return f"{rule.action} {'exactly ' if rule.exact else ''}{short(rule.text or rule.name)}{below}"


def whom(rule: RuleInfo) -> str:
    return rule.client or (f"group {rule.group}" if rule.group else "everyone")


def _all(rules: list[RuleInfo]) -> str:
    named = ", ".join(f"{written(rule)}, for {whom(rule)}" for rule in rules[:_NAMED])
    return named if len(rules) <= _NAMED else f"{named}, and {len(rules) - _NAMED} more"


def _until(rule: RuleInfo) -> str:
    return "" if rule.until is None else f", until {clock_time(rule.until)}"


async def _delete(asked: Service, fields: dict[str, str], by: str) -> str:
    one = fields.get("id", "")
    ticked = [one] if one else [name.removeprefix(TICKED) for name in fields if name.startswith(TICKED)]
    if not ticked:
        raise ApiError(400, "invalid", "tick the rules that are to go first", "id")
    done = await asked.ruling.delete_many([_number(id) for id in ticked], by)
    what = f"Deleted: {short(done.rules[0])}." if len(done.rules) == 1 else f"{len(done.rules)} rules are deleted."
    return f"{what} But not everywhere yet: {done.note}." if done.note else what


def _number(id: str) -> int:
    if not id.isascii() or not id.isdecimal() or len(id) > 18:
        raise ApiError(400, "invalid", "the id of a rule is a number", "id")
    return int(id)


ROUTES = (
    Route("POST", f"{PAGE}/add", add, "write", page=True),
    Route("POST", f"{PAGE}/delete", delete, "write", page=True),
)
