"""An explanation of the policy room as people read it, with the one command that would change the outcome."""

from __future__ import annotations

import math
import shlex
from typing import assert_never

from resolver.admin import bodies
from resolver.model import Allow, Block, Pass, Rewrite, Tier
from resolver.paths import PRODUCT
from resolver.policy.decide import Explanation
from resolver.policy.overlay import Scope
from resolver.wire.zone import type_text


def why(found: Explanation, name: str, type: int, lines: list[bodies.SourceLine]) -> bodies.Why:
    """An explanation as people read it, with the one command that would change the outcome."""
    word, advice = _word(found, name)
    # For whom a rule is, is told here only: in the log and in EDE it would name a device.
    whom = {Scope.CLIENT: f" (for {found.client.address})", Scope.GROUP: f" (for group {found.client.group})"}
    matched = [f"{match}{whom.get(scope, '')}" for match, scope in zip(found.matched, found.scopes, strict=True)]
    rule = None if isinstance(found.verdict, Pass) else found.verdict.rule
    until = None if found.verdict.until == math.inf else found.verdict.until
    return bodies.Why(
        name=name,
        type=type_text(type),
        client=found.client.address,
        group=found.client.group,
        verdict=word,
        tier=Tier.DEFAULT if rule is None else rule.tier,
        decided_by="" if rule is None else matched[0],
        until=until,
        matched=matched,
        unused=[str(match) for match in found.unused],
        shadow=[str(match) for match in found.shadow],
        lines=lines,
        advice=advice,
    )


def _word(found: Explanation, name: str) -> tuple[str, str]:
    """The verdict, and how to change it: with the same scope as the rule that decided, or it would change nothing."""
    options = {
        Scope.CLIENT: f" --client {found.client.address}",
        Scope.GROUP: f" --group {shlex.quote(found.client.group)}",
    }
    scope = options.get(found.scopes[0], "") if found.scopes else ""
    match found.verdict:
        case Pass():
            # What an answer leads to can still be blocked; that is only known once it was asked for.
            answers = f"names and addresses in its answers are judged too: {PRODUCT} log --name {name}"
            return "pass", f"to block it: {PRODUCT} deny {name}; {answers}"
        case Allow(rule) if rule.source == "pause":
            return "allow", f"to end the pause: {PRODUCT} pause --end{scope}"
        case Allow(rule) if rule.tier == Tier.SCHEDULE:
            return "allow", f"to block it for a while: {PRODUCT} deny {name} --for 30m{scope}"
        case Allow():
            return "allow", f"to block it: {PRODUCT} deny {name}{scope}"
        case Block(rule) if rule.tier == Tier.SCHEDULE:
            return "block", f"to allow it for a while: {PRODUCT} allow {name} --for 30m{scope}"
        case Block():
            return "block", f"to allow it: {PRODUCT} allow {name}{scope}"
        case Rewrite(rule) if rule.source == "records":
            return "rewrite", "to change it: `records` in the config"
        case Rewrite(rule) if rule.tier != Tier.LOCAL:
            return "rewrite", f"to have the true answer: {PRODUCT} allow {name}{scope}"
        case Rewrite():
            return (
                "rewrite",
                f"{PRODUCT.capitalize()} answers such names itself; a record in the config would come first",
            )
        case unknown:
            assert_never(unknown)
