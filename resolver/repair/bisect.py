"""Which of the names on trial a site really needs: what to try next, by what was seen of the tries before. Pure.

A site works when all that it needs is allowed, so more names never break it. Most often it needs one: as long as one
name could explain every answer, that is looked for, by halving what is left of the likelihood. Where no single name
explains them, names are dropped from the smallest set that works, until every one left is known to be needed.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec


class Answer(msgspec.Struct, frozen=True):
    """What became of the site with these names allowed."""

    names: frozenset[str]
    works: bool


class Try(msgspec.Struct, frozen=True, tag="try"):
    """Allow these, in the order of their likelihood, and reload."""

    names: tuple[str, ...]


class Found(msgspec.Struct, frozen=True, tag="found"):
    """The site works with these, and none of them can be left out."""

    names: tuple[str, ...]


class Elsewhere(msgspec.Struct, frozen=True, tag="elsewhere"):
    """The site does not work with all of them: something else is missing, or broken."""


class Contradiction(msgspec.Struct, frozen=True, tag="contradiction"):
    """It worked with some of the names, and did not with the same and more."""


Step = Try | Found | Elsewhere | Contradiction


def step(weights: dict[str, float], answers: Sequence[Answer]) -> Step:
    """What is to be done next with names whose likelihoods are in some proportion to `weights` (more than 0), the
    likeliest first, after these answers. Each answer is about some of the names, and no set is tried twice."""
    broken = [answer.names for answer in answers if not answer.works]
    working = [answer.names for answer in answers if answer.works]
    if any(works <= breaks for works in working for breaks in broken):
        return Contradiction()
    everything = frozenset(weights)
    if everything in broken or not everything:
        return Elsewhere()
    if not working:
        return Try(tuple(weights))
    smallest = min(working, key=len)
    if not smallest:
        return Found(())
    single = _single(weights, answers)
    if single:
        if smallest == {single[0]}:
            return Found(tuple(single))
        return Try(tuple(_half(single, weights)) if len(single) > 1 else tuple(single))
    return _narrowed([name for name in weights if name in smallest], weights, broken)


def candidates(weights: dict[str, float], answers: Sequence[Answer]) -> Sequence[str]:
    """The names that could still be what is needed: each by itself, if one alone can explain every answer; else
    together."""
    working = [answer.names for answer in answers if answer.works]
    smallest = min(working, key=len) if working else frozenset(weights)
    return _single(weights, answers) or [name for name in weights if name in smallest]


def _single(weights: dict[str, float], answers: Sequence[Answer]) -> list[str]:
    """The names each of which alone would explain every answer."""
    return [name for name in weights if all((name in one.names) == one.works for one in answers)]


def _narrowed(working: Sequence[str], weights: dict[str, float], broken: Sequence[frozenset[str]]) -> Step:
    """Where several names are needed: how to make the smallest set that works smaller still."""
    lacking = [frozenset(working) - names for names in broken]  # of each, at least one is needed
    needed = frozenset[str]().union(*(names for names in lacking if len(names) == 1))
    open = [name for name in working if name not in needed]
    if not open:
        return Found(tuple(working))
    among = [names for names in lacking if not names & needed]
    doubtful = min(among, key=len) if among else frozenset(open)
    order = [name for name in open if name in doubtful][::-1]  # the least likely are dropped first
    dropped = frozenset(_half(order, weights) if len(order) > 1 else order)
    return Try(tuple(name for name in working if name not in dropped))


def _half(names: Sequence[str], weights: dict[str, float]) -> Sequence[str]:
    """The first names, so many that they have about half of the likelihood; at least one, never all."""
    total = sum(weights[name] for name in names)
    best, best_gap, so_far = 1, total, 0.0
    for count, name in enumerate(names[:-1], 1):
        so_far += weights[name]
        gap = abs(total - 2 * so_far)
        if gap < best_gap:
            best, best_gap = count, gap
    return names[:best]
