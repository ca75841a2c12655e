"""`lull allow` and `lull deny`: a rule for a name and all below it, or for what the line of a list matches, in force at
once."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Sequence
from shlex import quote

from resolver.admin.rulebodies import NewRule, RuleInfo, RuleResult
from resolver.commands import site
from resolver.commands.api import connect, decode
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, colour_of, line, when, whom
from resolver.config.ownrule import made
from resolver.config.values import OwnRule
from resolver.errors import TextError
from resolver.paths import PRODUCT

_COLOURED = {"allow": "allow", "deny": "block"}
_EXACT = "exact"


def run(arguments: Namespace) -> int:
    texts, exact = _meant(arguments)
    rules = [made(arguments.command, text, exact=exact) for text in texts]
    if len(rules) > 1 and any(rule.line for rule in rules):
        whole = quote(" ".join(arguments.words))
        raise TextError(
            f"several words are several names, and not all of these are: is a line of a list meant, {whole}?"
        )
    if arguments.site:
        return _at_site(arguments, rules, exact=exact)
    api = connect(arguments)
    data = [api.post("rules", _new(arguments, rule)) for rule in rules]
    results = [decode(one, RuleResult) for one in data]
    if arguments.json:
        as_json(data[0] if len(data) == 1 else results)
        return OK if all(result.effective for result in results) else FAILED
    for result in results:
        _text(result, alone=len(results) == 1)
    if len(results) > 1 and (count := sum(result.created for result in results)):
        line(f"to take them back: {PRODUCT} undo, {'once' if count == 1 else f'{count} times'}")
    return OK if all(result.effective for result in results) else FAILED


def _new(arguments: Namespace, rule: OwnRule) -> NewRule:
    return NewRule(
        action=rule.action,
        name=rule.name,
        client=arguments.client or "",
        group=arguments.group or "",
        duration=arguments.duration,
        comment=arguments.comment,
        exact=rule.exact,
        text=rule.line,
    )


def _meant(arguments: Namespace) -> tuple[list[str], bool]:
    """The names, or the line, and whether those names alone are meant; "exact" may stand before or after them."""
    words = list(arguments.words)
    exact = arguments.exact
    for place in (0, -1):
        if len(words) > 1 and words[place].lower() == _EXACT:
            del words[place]
            exact = True
    return words, exact


def _at_site(arguments: Namespace, rules: Sequence[OwnRule], *, exact: bool) -> int:
    """A rule that holds while a device is on a site."""
    if arguments.command != "allow" or exact:
        raise TextError("--site is for allow, and for names and all below them")
    if any(rule.line for rule in rules):
        raise TextError("--site takes a plain name, not the line of a list")
    meant = {
        "action": "allow",
        "names": [rule.name for rule in rules],
        "window": None,
        "everyone": False,
        "exact": False,
    }
    return site.run(Namespace(**{**vars(arguments), **meant}))


def _text(result: RuleResult, *, alone: bool) -> None:
    rule = result.rule
    line(f" {_rest(rule)}", head=rule.action, colour=colour_of(_COLOURED.get(rule.action, "")))
    for old in result.replaced:
        line(f"  instead of {old.action} {_rest(old)}")
    if not result.created:
        line("  it already held")
    for other in result.outranked_by:
        undo = f"; to end that: {PRODUCT} rules delete {other.id}" if other.id is not None else ""
        line(f"  but {whom(other.client, other.group)} still has: {other.action} {other.what}{undo}")
    for said in filter(None, (result.hint, rule.note)):
        line(f"  {said}")
    force = "in force everywhere" if result.effective else f"not in force everywhere yet: {result.note}"
    line(f"  {force}" + (f"; to take it back: {PRODUCT} undo" if result.created and alone else ""))


def _rest(rule: RuleInfo) -> str:
    """A rule after its action: name, for whom, until when."""
    until = "" if rule.until is None else f", until {when(rule.until)}"
    return f"{rule.what} for {whom(rule.client, rule.group)}{until}"
