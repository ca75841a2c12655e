"""People's own rules, read whole: "allow NAME", "deny exact NAME", or any line of a list in the place of NAME.

A line that means no more than a plain name becomes a rule for that name. What is read here is what `config.ownrule`
leaves as it was written.
"""

from __future__ import annotations

import re
from typing import Literal

from msgspec.structs import replace

from resolver.config import ownrule as written
from resolver.config.leaves import shown
from resolver.config.names import plain_in
from resolver.config.values import OwnRule
from resolver.errors import RuleError
from resolver.rules.auto import parser
from resolver.rules.comment import is_never_a_rule
from resolver.rules.pattern import why_not
from resolver.rules.rule import (
    Action,
    Cancel,
    Form,
    Found,
    Network,
    Options,
    Outcome,
    Pattern,
    Reason,
    Rule,
    Skip,
    show,
)

Does = Literal["allow", "deny"]
Line = Rule | Pattern | Network

_WHY = {
    Reason.NOT_A_NAME: "is neither a name nor a line of a list",
    Reason.NO_ADDRESS: "begins with what is no address",
    Reason.NO_NAME: "has no name",
    Reason.ADDRESS: "says of an address what can only be said of names",
    Reason.REGEX: "is an expression that cannot be used: RE2 has neither look-arounds nor references back, and 1,000 "
    "characters are the most",
    Reason.BARE_REGEX: "is an expression without its slashes: write /…/",
    Reason.MODIFIER: "has a modifier that nobody knows",
    Reason.VALUE: "has a modifier with a wrong value",
    Reason.NOT_DNS: "is for browsers; a resolver sees names alone, no pages and no paths",
    Reason.TOO_BROAD: "would match nearly every name; if that is meant, write ||*^",
    Reason.DNSMASQ: "is a setting of dnsmasq, not a rule",
    Reason.UPSTREAM: "names an upstream for a name; that is not a rule",
    Reason.RPZ: "is a record that says nothing as a rule",
    Reason.TRIGGER: "has an RPZ trigger that is not supported",
    Reason.NO_CHANGE: "rewrites a name to itself",
}
_WORDS = frozenset({"allow", "deny", "exact"})
_EXPRESSION = re.compile(r"(?:@@)?/(.*)/")
_EVERY = re.compile(r"(@@)?\|\|\*+\^?(\$|$)")
_OF_LISTS = "takes rules of lists away; people's own rules stand above lists: allow the name"
_OWN_ANSWER = "answers with something of its own; that is done by deny"


def own_rule(text: str) -> OwnRule:
    """The rule in "allow NAME", "allow exact NAME" or "allow LINE" (deny and block likewise). Raises RuleError."""
    return read(written.own_rule(text))


def made(action: Does, text: str, *, exact: bool = False) -> OwnRule:
    """The rule that does this to NAME, "exact NAME" or LINE. Raises RuleError."""
    return read(written.made(action, text, exact=exact))


def each(text: str, action: Does | Literal[""] = "") -> tuple[OwnRule, ...]:
    """The rules in one line of a text with many: "allow …" and "deny …" as above; or NAME or LINE alone, to which
    `action` is done, and without one what a list would do. None for a comment, an empty line, or the names that hosts
    files hold for the machine itself. Raises RuleError."""
    word, rest = written.said(text)
    if word:
        return (own_rule(text),)
    if not rest or is_never_a_rule(rest):
        return ()
    if rest.lower() in _WORDS:
        raise RuleError(f"a name is missing behind {shown(rest)}")
    outcome = _parsed(rest) if len(rest) <= written.LONGEST else ()
    if rest[0] in "#![;" and not outcome:
        return ()
    allows = any(isinstance(one, Rule | Pattern | Network) and one.action.allows for one in outcome)
    rule = written.made(action or ("allow" if allows else "deny"), rest)
    if not rule.line:
        return (rule,)
    return tuple(_rule(rule, one) for one in _lines(rule.line))


def read(rule: OwnRule) -> OwnRule:
    """The rule with its line read, if it has one. Raises RuleError."""
    return _rule(rule, _line(rule.line)) if rule.line else rule


def meant(action: Does, line: str) -> Line:
    """What the `line` of a rule says, with nothing but ALLOW, BLOCK or REWRITE for an action: `$important` has no
    meaning among people's own rules. Raises RuleError."""
    found = _line(line)
    _check(action, line, found)
    rewrites = found.action is Action.REWRITE
    return replace(found, action=Action.ALLOW if action == "allow" else found.action if rewrites else Action.BLOCK)


def _line(line: str) -> Line:
    """What a line with one rule says. Raises RuleError."""
    found, *more = _lines(line)
    if more:
        raise RuleError(f"{shown(line)} has {len(more) + 1} rules in one line; write one for each name")
    return found


def _lines(line: str) -> list[Line]:
    found = [_usable(line, one) for one in _parsed(line)]
    if not found:
        raise RuleError(f"{shown(line)} says nothing: it is a comment, or for the machine itself")
    return found


def _parsed(line: str) -> Outcome:
    parse = parser("auto")
    assert parse is not None
    return parse(line)


def _usable(line: str, found: Found) -> Line:
    if isinstance(found, Cancel):
        raise RuleError(f"{shown(line)} {_OF_LISTS}")
    if isinstance(found, Skip):
        name = plain_in(line)
        advice = f'; did you mean "{name}"?' if name else ""
        expression = _EXPRESSION.match(line)
        if found.reason is Reason.REGEX and expression and (wrong := why_not(expression[1])):
            raise RuleError(f"{shown(line)} is an expression that cannot be used: {wrong}")
        raise RuleError(f"{shown(line)} {_WHY.get(found.reason, found.reason.value)}{advice}")
    if isinstance(found, Pattern) and found.everything and not _is_meant_so(found):
        raise RuleError(f"{shown(line)} {_WHY[Reason.TOO_BROAD]}")
    return found


def _is_meant_so(pattern: Pattern) -> bool:
    """Whether a pattern that every name fits leaves out some questions, or is written as that is done on purpose."""
    narrowed = pattern.options is not None and replace(pattern.options, says=None, frame=("", "")) != Options()
    return narrowed or _EVERY.match(pattern.text) is not None


def _rule(rule: OwnRule, found: Line) -> OwnRule:
    """The rule that a line is: of a plain name, if it says no more than that."""
    _check(rule.action, rule.line, found)
    if not isinstance(found, Rule):
        bare = found.text.removeprefix("@@")
        same = [type(one) for one in _parsed(bare)] == [type(found)]  # `-ads.` and `*.x` alone are names
        return replace(rule, line=bare if same else found.text)
    options = found.options or Options()
    if replace(options, frame=("", "")) == Options() and found.form is not Form.SUBDOMAINS:
        return replace(rule, name=found.name, exact=found.form is Form.EXACT, line="")
    line = show(found.name, found.action, found.form, found.options).removeprefix("@@")
    return replace(rule, name=found.name, line=line.removesuffix("$important") if found.options is None else line)


def _check(action: Does, line: str, found: Line) -> None:
    """Raises RuleError for a line that says another thing than its rule does, or can never match."""
    said = shown(line)
    if found.action is Action.EXCEPT:
        raise RuleError(f"{said} {_OF_LISTS}")
    if action == "deny" and found.action.allows:
        raise RuleError(f"{said} allows; write allow, or take the @@ away")
    options = found.options
    if action == "allow" and options is not None and options.says is not None:
        raise RuleError(f"{said} {_OWN_ANSWER}")
    if options is None:
        return
    sides = (
        (options.types, options.not_types),
        (options.clients, options.not_clients),
        (options.tags, options.not_tags),
    )
    if any(meant and set(meant) <= set(left_out) for meant, left_out in sides):
        raise RuleError(f"{said} can never match: it leaves out everything that it names")
    if isinstance(found, Rule) and any(f".{found.name}".endswith(f".{name}") for name in options.denyallow):
        raise RuleError(f"{said} can never match: denyallow leaves its own name out")
