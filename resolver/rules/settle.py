"""Who wins among rules that match, where the strongest action alone does not tell: exceptions, exemptions, rewrites.

Pure functions over the matches of one question, used for the decision and for its explanation alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from resolver.model import Nodata, Type
from resolver.rules.fact import Fact
from resolver.rules.rule import Action, Datum, Saying


class Match(NamedTuple):
    """A rule that matches: its fact, its owner name ("" for a pattern) and the length that it counts with, its `place`
    among the rules of that owner (for patterns the number of the expression), its text and what it says."""

    fact: Fact
    owner: str
    length: int
    place: int
    text: str
    says: Saying | None

    @property
    def rank(self) -> tuple[int, ...]:
        """Sorts in order of precedence: the strongest action, the longest owner name, the lowest list."""
        fact = self.fact
        return fact.action, -self.length, fact.index, self.place, fact.form, fact.options


class Settled(NamedTuple):
    """Matches in order of precedence: those that have an effect, and those that have none."""

    effective: list[Match]
    void: list[Match]


def settle(matches: Iterable[Match], mask: int) -> Settled:
    """Part matches by what the rules say of each other.

    Exceptions of the lists in `mask` take rewrites away, all or those that say the same, and have no opinion of their
    own. Of an exemption and a block in one list, the one about the longer name counts; at equal length the exemption.
    """
    ranked = sorted(matches, key=lambda one: one.rank)
    excepted = {one.says for one in ranked if one.fact.action is Action.EXCEPT and mask >> one.fact.index & 1}
    blocked = _longest(ranked, Action.BLOCK)
    exempt = _longest(ranked, Action.EXEMPT)
    settled = Settled([], [])
    for one in ranked:
        action, index = one.fact.action, one.fact.index
        void = (
            action is Action.EXCEPT
            or (action is Action.REWRITE and (None in excepted or one.says in excepted))
            or (action is Action.EXEMPT and blocked.get(index, -1) > one.length)
            or (action is Action.BLOCK and exempt.get(index, -1) >= one.length)
        )
        (settled.void if void else settled.effective).append(one)
    return settled


def _longest(matches: Iterable[Match], action: Action) -> dict[int, int]:
    """By list, the length of the longest owner name that it has a matching rule about."""
    found: dict[int, int] = {}
    for one in matches:
        if one.fact.action is action:
            found[one.fact.index] = max(found.get(one.fact.index, -1), one.length)
    return found


def says(effective: Sequence[Match]) -> tuple[Saying, ...]:
    """What the first of the matches says, and what adds to it: every rewrite that applies, or the records that the same
    list has beside the same name. Ended by the first that is an alias or another answer; "no data" adds nothing."""
    first = effective[0]
    if first.says is None and first.fact.action is not Action.REWRITE:
        return ()
    found: list[Saying] = []
    for one in effective:
        if one.says is not None and one.says not in found and _adds(first, one):
            found.append(one.says)
            if _ends(one.says):
                break
    return tuple([said for said in found if not isinstance(said, Nodata)] or found)


def _ends(said: Saying) -> bool:
    return said.type == Type.CNAME if isinstance(said, Datum) else not isinstance(said, Nodata)


def _adds(first: Match, other: Match) -> bool:
    if first.fact.action is not other.fact.action:
        return False
    same = first.fact.index == other.fact.index and first.owner == other.owner
    return same or first.fact.action is Action.REWRITE
