"""A rule of people's own that a form of /log or /why asks for with a button: for how long and for whom, and what came
of it in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from resolver.admin.rulebodies import NewRule, RuleResult
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.config.leaves import is_address
from resolver.errors import ApiError, DomainError
from resolver.wire.name import from_text, labels_of

GOOD = "good"
LASTS = (("10m", "10 minutes"), ("1h", "1 hour"), ("24h", "1 day"), (GOOD, "for good"))
"""For how long, as forms give it, and what that is called."""

WHOM = (("client", "this device"), ("group", "its group"), ("all", "everyone"))

Action = Literal["allow", "deny"]

_PLAIN = b"abcdefghijklmnopqrstuvwxyz0123456789-_"
_DONE = {"allow": "allowed", "deny": "blocked"}


def lasts_of(fields: Mapping[str, str]) -> str | None:
    """For how long a rule is to be (None: for good). Raises ApiError."""
    given = fields.get("for", "")
    if given not in dict(LASTS):
        raise ApiError(400, "invalid", "choose for how long: " + ", ".join(words for _, words in LASTS), "for")
    return None if given == GOOD else given


def scope_of(fields: Mapping[str, str], client: str, group: str) -> tuple[str, str]:
    """For whom a rule is to be, of a client and its group: the one, the other, or neither, for everyone. Raises
    ApiError where who asked is not known."""
    match fields.get("whom", ""):
        case "all":
            return "", ""
        case "group" if group:
            return "", group
        case "group":
            raise ApiError(409, "unknown", "it is not known which group that was: choose everyone", "whom")
        case "client" if client and (is_address(client) or not _hidden(client)):
            return client, ""
        case "client":
            message = "the log does not keep which device that was: choose its group, or everyone"
            raise ApiError(409, "unknown", message, "whom")
    raise ApiError(400, "invalid", "choose for whom: " + ", ".join(words for _, words in WHOM), "whom")


def rule_for(action: Action, name: str, scope: tuple[str, str], lasts: str | None) -> NewRule:
    """A rule for a name that was asked for, whatever it holds. Nobody means to block all below a top-level name with a
    button: that is blocked alone."""
    exact = action == "deny" and len(_labels(name)) == 1
    return NewRule(action, written(name), *scope, lasts, exact=exact)


def written(name: str) -> str:
    """A name in text that is no line of a list, no address, and no word of rules."""
    kept = b"" if is_address(name) or name == "exact" else _PLAIN
    return ".".join("".join(chr(one) if one in kept else f"\\{one:03}" for one in label) for label in _labels(name))


def _labels(name: str) -> list[bytes]:
    try:
        return labels_of(from_text(name))
    except DomainError as error:
        raise ApiError(400, "invalid", str(error), "name") from error


async def ruled(asked: Service, new: NewRule, by: str) -> str:
    """Have a rule in force, and say so."""
    return sentence(await asked.ruling.add(new, by))


def sentence(result: RuleResult) -> str:
    """What came of a rule."""
    rule = result.rule
    what = rule.name if rule.exact else f"{rule.name} and all below it"
    whom = rule.client or (f"group {rule.group}" if rule.group else "everyone")
    until = "" if rule.until is None else f" until {clock_time(rule.until)}"
    state = f"is now {_DONE[rule.action]}" if result.created else f"was {_DONE[rule.action]} already"
    return " ".join(filter(None, (f"{what} {state}, for {whom}{until}.", *_besides(result))))


def _besides(result: RuleResult) -> list[str]:
    others = ", ".join(
        f"{other.action} {other.what} for {other.client or other.group}" for other in result.outranked_by
    )
    return [
        f"But a narrower rule still wins: {others}." if others else "",
        f"But not everywhere yet: {result.note}" if result.note else "",
        f"To know: {result.hint}." if result.hint else "",
    ]


def _hidden(client: str) -> bool:
    """Whether the log has a network or a name for a day in place of an address."""
    return client.startswith("~") or "/" in client
