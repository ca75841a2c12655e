"""The decision: one pure function from a question, a client, a bundle, a time and what is known of visits to a verdict.

`lull why` calls the same functions as the workers do (`why`), so an explanation cannot differ from what happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from resolver.model import Allow, Block, Client, Pass, RuleRef, Tier, Verdict
from resolver.policy.answers import verdict_inside, verdict_of
from resolver.policy.bundle import Bundle, Group
from resolver.policy.clients import DEFAULT
from resolver.policy.overlay import Match
from resolver.policy.schedules import Asked
from resolver.policy.services import judge_default, judge_service
from resolver.policy.sites import NOBODY, Visits
from resolver.policy.special import NEVER_BLOCKED
from resolver.rules.rule import Datum
from resolver.rules.ruleset import Winner

_PASS = Pass()


class Moment(NamedTuple):
    """Who asks, under which policy, when (Unix time), and which windows are open for whom."""

    client: Client
    bundle: Bundle
    now: float
    visits: Visits = NOBODY


class _Question(NamedTuple):
    """A name (wire and text form) and RR type; inside an answer, `asked` is the type of the question."""

    name: bytes
    text: str
    type: int
    asked: int | None

    def verdict(self, winner: Winner, group: Group) -> Verdict:
        if self.asked is None:
            return verdict_of(winner, group, self.name, self.type)
        return verdict_inside(winner, group, self.name, self.asked)


def group_of(bundle: Bundle, client: Client) -> Group:
    """The client's group, or the default group when the bundle does not know it (any more)."""
    return bundle.groups.get(client.group) or bundle.groups[DEFAULT]


def decide(
    name: bytes, text: str, type: int, client: Client, bundle: Bundle, now: float, visits: Visits = NOBODY
) -> Verdict:
    """Who wins: the first tier with an opinion (DESIGN, "Policy"). `text` is `name` in text form, `now` Unix time."""
    local = bundle.local.find(name, type)
    return local if local is not None else judge(name, text, type, Moment(client, bundle, now, visits))


def judge(name: bytes, text: str, type: int, moment: Moment, asked: int | None = None) -> Verdict:
    """Tiers 1 to 7, which also speak about names inside an answer (there is no local record for those). `type` is then
    the type of the record that holds the name, and `asked` that of the question."""
    if name == NEVER_BLOCKED:
        return _PASS
    client, bundle, now, _ = moment
    question = _Question(name, text, type, asked)
    group = group_of(bundle, client)
    own = bundle.overlay.matches(text, type, client, now)
    timetable = bundle.timetable(client, group)
    if timetable is None or (own and own[0].rule.tier == Tier.TEMPORARY):
        return _lasting(question, moment, group, own)
    hours = timetable.at(now)
    said = hours.about(Asked(text, type, client, bundle.names, bundle.basics), inside=asked is not None)
    if said is not None:
        return Allow(said.rule, hours.until) if said.allow else Block(said.rule, group.answer, group.ttl, hours.until)
    verdict = _lasting(question, moment, group, own)
    return replace(verdict, until=min(verdict.until, hours.until))


def _lasting(question: _Question, moment: Moment, group: Group, own: Sequence[Match]) -> Verdict:
    """What holds at whatever hour: people's own rules, site rules, services, lists, the default."""
    if own:
        return _by_people(question, moment, group, own)
    client, bundle, now, visits = moment
    if bundle.sites:
        on_site = bundle.sites.about(question.text, client, now, visits)
        if on_site and on_site[0].open:
            return Allow(on_site[0].rule, on_site[0].until)
    return _by_nobody(question, client, group, bundle)


def _by_people(question: _Question, moment: Moment, group: Group, own: Sequence[Match]) -> Verdict:
    """The verdict of the first of people's rules; records that equal ones want said are said together."""
    first = own[0]
    if first.allow:
        return Allow(first.rule, first.known(moment.now))
    if first.winner is None or not first.winner.says:
        return Block(first.rule, group.answer, group.ttl, first.until)
    alike = [first, *(one for one in own[1:] if _adds(one, first))]
    says = tuple(said for one in alike if one.winner is not None for said in one.winner.says)
    verdict = question.verdict(replace(first.winner, says=says), group)
    assert not isinstance(verdict, Pass)  # a rule has an opinion
    return replace(verdict, rule=first.rule, until=min(one.until for one in alike))


def _adds(other: Match, first: Match) -> bool:
    """Whether a rule adds records to those of the first."""
    same = (other.rule.tier, other.strength) == (first.rule.tier, first.strength)
    return same and _gives_records(first) and _gives_records(other)


def _gives_records(match: Match) -> bool:
    return match.winner is not None and isinstance(next(iter(match.winner.says), None), Datum)


def _by_nobody(question: _Question, client: Client, group: Group, bundle: Bundle) -> Verdict:
    """Tiers 5 to 7, as no person has a rule about the name."""
    name, text, type, _ = question
    service = judge_service(text, name, type, group, bundle)
    if service is not None:
        return service
    winner = bundle.names.winner(text, group.mask, type, client)
    if winner is not None:
        return question.verdict(winner, group)
    denied = judge_default(group)
    if denied is not None:
        return denied
    if not group.shadow:
        return _PASS
    return _noted(bundle.names.winner(text, group.mask | group.shadow, type, client))


def judge_address(packed: bytes, owner: bytes, type: int, moment: Moment) -> Verdict:
    """What rules say of an address (4 or 16 bytes) in a record of this owner and type: people's own, then lists'."""
    client, bundle, now, _ = moment
    group = group_of(bundle, client)
    own = bundle.overlay.around(packed, type, client, now)
    if own:
        return _by_people(_Question(owner, "", type, type), moment, group, own)
    winner = bundle.names.address(packed, group.mask, type, client)
    if winner is not None:
        return verdict_inside(winner, group, owner, type)
    if not group.shadow:
        return _PASS
    return _noted(bundle.names.address(packed, group.mask | group.shadow, type, client))


def _noted(would: Winner | None) -> Pass:
    """What is let pass, with the rule that would have stood against it if lists in shadow mode counted."""
    return _PASS if would is None or would.action.allows else Pass(shadow=list_rule(would))


def list_rule(winner: Winner) -> RuleRef:
    """A rule of a list as verdicts name it."""
    return RuleRef(Tier.LISTS, winner.list, winner.text)
