"""The one command that would change the outcome. Rules are tried out before they are told: what comes before the new
rule would keep it from changing anything."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import Literal, NamedTuple

from msgspec.structs import replace

from resolver.model import Allow, Block, Pass, Rewrite, Tier, Verdict
from resolver.paths import PRODUCT
from resolver.policy.decide import Moment, decide
from resolver.policy.document import Document, OwnRule
from resolver.policy.overlay import Scope
from resolver.policy.special import RECORDS
from resolver.policy.why import Explanation
from resolver.wire.name import from_text

_A_WHILE, _SECONDS = "30m", 1800.0
_WORDS = {"allow": "allow it", "deny": "block it"}


class Advice(NamedTuple):
    """What to do, in words that end with the command, and the command alone ("" if there is none)."""

    text: str
    command: str = ""


class _Whom(NamedTuple):
    """For whom: the key of a client and what it is called, or a group."""

    client: str = ""
    called: str = ""
    group: str = ""

    @property
    def words(self) -> str:
        return f" for {self.called}" if self.client else f" for group {self.group}" if self.group else ""

    @property
    def option(self) -> str:
        if self.client:
            return f" --client {shlex.quote(self.called)}"
        return f" --group {shlex.quote(self.group)}" if self.group else ""


def advise(found: Explanation, name: str, type: int, moment: Moment, verdict: Verdict) -> Advice:
    """How to change what becomes of a name; `verdict` is that on it, or on what it is an alias of."""
    whom = _whom(found)
    match verdict:
        case Rewrite(rule) if rule.source == RECORDS:
            return Advice("to change it: `records` in the config")
        case Rewrite(rule) if rule.tier == Tier.LOCAL:
            return Advice(f"{PRODUCT.capitalize()} answers such names itself; a record in the config would come first")
        case Allow(rule) if rule.source == "pause":
            scope = found.matched[0].scope
            ended = whom if scope == Scope.CLIENT else _Whom(group=found.client.group if scope == Scope.GROUP else "")
            return _with("end the pause", f"{PRODUCT} pause --end{ended.option}")
        case Block():
            return _rule("allow", name, type, moment, whom)
        case Rewrite():
            return _rule("allow", name, type, moment, whom, "have the true answer")
        case Allow() | Pass():
            return _rule("deny", name, type, moment, whom)


def _whom(found: Explanation) -> _Whom:
    """Whom a new rule is to be for: the device if one is meant, or else whoever the rule that decided is for."""
    client = found.client
    if client.key:
        return _Whom(client.key, found.called)
    grouped = found.matched and found.matched[0].scope == Scope.GROUP
    return _Whom(group=client.group if grouped else "")


def _rule(
    action: Literal["allow", "deny"], name: str, type: int, moment: Moment, whom: _Whom, words: str = ""
) -> Advice:
    for rule in _candidates(action, name, moment.now, whom):
        if _changes(rule, name, type, moment):
            lasting = "" if rule.until is None else f" --for {_A_WHILE}"
            until = "" if rule.until is None else " for a while"
            command = f"{PRODUCT} {action} {shlex.quote(name)}{lasting}{whom.option}"
            return _with(f"{words or _WORDS[action]}{whom.words}{until}", command)
    return Advice("no rule can change that: only the config can")


def _candidates(action: Literal["allow", "deny"], name: str, now: float, whom: _Whom) -> Iterator[OwnRule]:
    for until in (None, now + _SECONDS):
        yield OwnRule(action, name, whom.client, whom.group, until)


def _changes(rule: OwnRule, name: str, type: int, moment: Moment) -> bool:
    """Whether a rule would have its way."""
    if name == ".":
        return False
    bundle = moment.bundle.over(_with_rule(moment.bundle.document, rule))
    verdict = decide(from_text(name), name, type, moment.client, bundle, moment.now, moment.visits)
    return isinstance(verdict, Allow if rule.action == "allow" else Block)


def _with_rule(document: Document, new: OwnRule) -> Document:
    """The document with a rule, in the place of those that would give way to it."""

    def stays(rule: OwnRule) -> bool:
        same = (rule.name, rule.client, rule.group) == (new.name, new.client, new.group)
        return not same or bool(rule.text) or rule.origin == "config" or (rule.until is None) is not (new.until is None)

    return replace(document, rules=(*filter(stays, document.rules), new))


def _with(words: str, command: str) -> Advice:
    return Advice(f"to {words}: {command}", command)
