"""Why a question is answered as it is: the verdict, and every rule of every tier with the reason why it lost."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from resolver.model import Client, Pass, RuleRef, Verdict
from resolver.policy import losing
from resolver.policy.bundle import Bundle, Group
from resolver.policy.decide import Moment, decide, group_of, list_rule
from resolver.policy.overlay import Scope, rank
from resolver.policy.schedules import Asked
from resolver.policy.services import judge_default, service_rules
from resolver.policy.sites import NOBODY, Visits
from resolver.rules.ruleset import Winner
from resolver.wire.name import from_text, to_text


class Matched(msgspec.Struct, frozen=True):
    """A rule that matched, for whom it is, and in words why it did not win: "" for the one that decided."""

    rule: RuleRef
    scope: Scope
    lost: str = ""


class Edge(msgspec.Struct, frozen=True):
    """How a schedule stands for the client: whether it is in force, and until when (Unix time; math.inf: for ever);
    `why` names the change that makes it differ from its hours."""

    schedule: str
    on: bool
    until: float
    why: str = ""


class Explanation(msgspec.Struct, frozen=True):
    """A verdict and all that bears on it. `called` is the client's name as somebody wrote it, or its address, and `how`
    tells how it was identified; `matched` has the deciding rule first, then the others by tier. `unused` are rules of
    lists that the client's group does not use, `shadow` those of lists in shadow mode, `edges` the schedules of the
    client."""

    verdict: Verdict
    client: Client
    called: str
    how: str
    matched: tuple[Matched, ...]
    unused: tuple[Matched, ...]
    shadow: tuple[Matched, ...]
    edges: tuple[Edge, ...]


def explain(name: str, type: int, client: Client, bundle: Bundle, now: float, visits: Visits = NOBODY) -> Explanation:
    """The verdict on a name given as text at a Unix time, with all that matched. Raises DomainError for text that is
    not a name."""
    wire = from_text(name)
    text = to_text(wire)
    verdict = decide(wire, text, type, client, bundle, now, visits)
    moment = Moment(client, bundle, now, visits)
    group = group_of(bundle, client)
    found = [*_people(text, type, moment), *_hours(text, type, moment, group), *_sites(text, moment)]
    found += _services(text, type, group, bundle)
    shadow, unused = [], []
    for winner in bundle.names.matches(text, group.mask, type, client):
        if group.mask >> winner.index & 1:
            found.append(losing.Candidate.of_list(winner, list_rule(winner)))
        elif group.shadow >> winner.index & 1:
            shadow.append(_aside(winner, "the list is in shadow mode"))
        else:
            unused.append(_aside(winner, "the group does not use this list"))
    denied = judge_default(group)
    if denied is not None:
        found.append(losing.Candidate(denied.rule, Scope.GROUP))
    return Explanation(
        verdict,
        client,
        bundle.written(client),
        bundle.identified(client.address)[1] if client.address else "",
        _told(found, None if isinstance(verdict, Pass) else verdict.rule),
        tuple(unused),
        tuple(shadow),
        tuple(_edges(moment, group)),
    )


def _told(found: list[losing.Candidate], deciding: RuleRef | None) -> tuple[Matched, ...]:
    """The candidates, with the reasons why those that did not decide lost. What decides need not be among them: tier 0
    is asked for nothing else."""
    found.sort(key=lambda one: one.rule.tier)
    winner = None
    if deciding is not None:
        same = (one for one in found if one.rule == deciding and not one.lost)
        winner = next(same, None) or losing.Candidate(deciding, Scope.EVERYONE)
    first = [] if winner is None else [Matched(winner.rule, winner.scope)]
    others = (one for one in found if one is not winner)
    return (*first, *(Matched(one.rule, one.scope, losing.reason(one, winner)) for one in others))


def _people(text: str, type: int, moment: Moment) -> Iterator[losing.Candidate]:
    client, bundle, now, _ = moment
    for match in sorted(bundle.overlay.every(text, type, client), key=rank):
        ended = "" if match.until > now else "it has ended"
        yield losing.Candidate(match.rule, Scope(match.strength[0]), match.strength, lost=ended)


def _hours(text: str, type: int, moment: Moment, group: Group) -> Iterator[losing.Candidate]:
    client, bundle, now, _ = moment
    timetable = bundle.timetable(client, group)
    if timetable is not None:
        hours, asked = timetable.at(now), Asked(text, type, client, bundle.names, bundle.basics)
        for rule in hours.matches(asked):
            yield losing.Candidate(rule, Scope.GROUP)
        for rule in hours.sparing(asked):
            yield losing.Candidate(rule, Scope.GROUP, lost="this is one of the basics that it never blocks")
        for rule in hours.lifted(asked):
            yield losing.Candidate(rule, Scope.GROUP, lost="it is off for once")


def _sites(text: str, moment: Moment) -> Iterator[losing.Candidate]:
    client, bundle, now, visits = moment
    for match in bundle.sites.about(text, client, now, visits):
        closed = "" if match.open else "its window is not open"
        yield losing.Candidate(match.rule, Scope(match.strength[0]), match.strength, lost=closed)


def _services(text: str, type: int, group: Group, bundle: Bundle) -> list[losing.Candidate]:
    return [losing.Candidate(rule, Scope.GROUP) for rule in service_rules(text, type, group, bundle)]


def _edges(moment: Moment, group: Group) -> Iterator[Edge]:
    timetable = moment.bundle.timetable(moment.client, group)
    for name, state in () if timetable is None else timetable.edges(moment.now):
        yield Edge(name, state.on, state.flips, "" if state.change is None else state.change.why)


def _aside(winner: Winner, why: str) -> Matched:
    return Matched(list_rule(winner), Scope.EVERYONE, why)
