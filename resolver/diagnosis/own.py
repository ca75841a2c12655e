"""What Lull itself does to a name: whether it answers, whom, and by which rule."""

from __future__ import annotations

import shlex

from resolver.diagnosis.facts import Answer, Facts, Failure
from resolver.diagnosis.findings import Blocked, Local, NotAdmitted, Rebinding, Speechless
from resolver.model import EdeCode
from resolver.paths import PRODUCT

REBINDING = "rebinding: "
"""How the text of the Extended DNS Error begins with which an answer is refused for its addresses."""

_CENSORED = 16  # RFC 8914 section 4.17; nothing that Lull would say

BLOCKS = frozenset({int(EdeCode.BLOCKED), _CENSORED, int(EdeCode.FILTERED), int(EdeCode.PROHIBITED)})
"""The Extended DNS Errors that say that a name is blocked."""

_OPEN = frozenset({"pass", "allow"})


def speechless(facts: Facts) -> Speechless | None:
    own = facts.own
    return Speechless(own.server, own.result.reason) if isinstance(own.result, Failure) else None


def not_admitted(facts: Facts) -> NotAdmitted | None:
    return None if facts.admitted else NotAdmitted(facts.whom)


def blocked(facts: Facts) -> Blocked | None:
    """By what policy says; else by what Lull said, which may have met an alias that policy was not told of."""
    decided = facts.decided
    if decided.verdict == "block":
        return Blocked(decided.rule, decided.via, decided.command)
    text = _refused(facts)
    if text is None or text.startswith(REBINDING):
        return None
    return Blocked(text or "a rule", "", allow(facts.name))


def local(facts: Facts) -> Local | None:
    decided = facts.decided
    return Local(decided.rule, decided.command) if decided.verdict == "rewrite" else None


def rebinding(facts: Facts) -> Rebinding | None:
    text = _refused(facts)
    if text is None or facts.decided.firm or not text.startswith(REBINDING):
        return None
    return Rebinding(text.removeprefix(REBINDING))


def open_to(facts: Facts) -> bool:
    """Whether nothing of Lull's own stands between the device and the answer."""
    return facts.alike and facts.admitted and facts.decided.verdict in _OPEN


def allow(name: str) -> str:
    """The command that allows a name."""
    return f"{PRODUCT} allow {shlex.quote(name)}"


def _refused(facts: Facts) -> str | None:
    """The words with which Lull said that it blocks the name, where they hold for the device too."""
    answer = facts.own.result
    if not isinstance(answer, Answer) or not open_to(facts) or facts.decided.verdict == "allow":
        return None
    return next((one.text for one in answer.ede if one.code in BLOCKS), None)
