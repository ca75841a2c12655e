"""What the log of a device says about a site: its loads, who is missing in them, and what else those serve."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import Protocol

import msgspec

from resolver.repair.domains import is_below
from resolver.repair.loads import AFTER, MOST, STEP, Load, elsewhere, loads_of
from resolver.repair.suspects import Asked, Moments, Suspect, rank

SHOWN = 60
"""So many suspects are told of."""

_OTHERS, _MOMENTS = 3, 6  # what else they serve: so many sites, found in so many moments
_EXPLAINED = 20  # suspects for whom that is looked up


class DeviceLog(Protocol):
    """What one device asked for since some time, as far as the log has it. Times are Unix seconds."""

    def times(self, site: str) -> list[int]:
        """The seconds in which it asked for a name, or one below it, and was answered: what is blocked is asked for by
        other sites, too. Where all of it is blocked, every second in which it asked."""
        ...

    def between(self, begins: int, ends: int) -> list[Asked]:
        """What it asked for in these seconds, the first and the last among them, in the order of time."""
        ...

    def steps(self) -> set[int]:
        """The steps of time (seconds by STEP) in which it asked for anything."""
        ...

    def steps_of(self, names: Sequence[str]) -> list[tuple[str, int]]:
        """Each of these names with every step in which it asked for that."""
        ...


class Known(msgspec.Struct, frozen=True):
    """A suspect, and the sites that it was asked for with otherwise, those with most of it first."""

    suspect: Suspect
    others: tuple[str, ...] = ()


class Evidence(msgspec.Struct, frozen=True):
    """The loads of a site that were looked at, the newest of `of` visits, and the suspects, the likeliest first."""

    loads: list[Load]
    of: int
    known: list[Known]


def look(log: DeviceLog, site: str, domain_of: Callable[[str], str]) -> Evidence:
    """Who the suspects are when `site` (a name and all below it) is broken; `domain_of` gives the registrable domain of
    a name. Raises what the log raises."""
    visits = loads_of(log.times(site))
    loads = visits[-MOST:]
    asked = [_in_order(log.between(load.begins, load.ends), site) for load in loads]
    names = {one.name for load in asked for one in load if one.blocked}
    away = elsewhere(log.steps(), visits) if names else set()
    habits = _habits(log, names, away, domain_of)
    other = Moments(len(away), {domain: len(steps) for domain, steps in habits.items()})
    known = []
    for place, one in enumerate(rank(asked, domain_of, other)[:SHOWN]):
        steps = habits.get(one.domain, set()) if place < _EXPLAINED else ()
        known.append(Known(one, _others(log, site, {named.name for named in one.names}, steps, domain_of)))
    return Evidence(loads, len(visits), known)


def _in_order(asked: list[Asked], site: str) -> list[Asked]:
    """What was asked for in a load; what came before the site's own name is last, as it is no consequence of that."""
    own = next((place for place, one in enumerate(asked) if is_below(one.name, site)), 0)
    return [*asked[own:], *asked[:own]]


def _habits(
    log: DeviceLog, names: Collection[str], away: Collection[int], domain_of: Callable[[str], str]
) -> dict[str, set[int]]:
    """The steps of the device's other time in which the domains of these names were asked for."""
    found: dict[str, set[int]] = {}
    for name, step in log.steps_of(sorted(names)):
        if step in away:
            found.setdefault(domain_of(name), set()).add(step)
    return found


def _others(
    log: DeviceLog, site: str, names: Collection[str], steps: Collection[int], domain_of: Callable[[str], str]
) -> tuple[str, ...]:
    """The sites that names were last asked for with: those whose own came first."""
    found = Counter[str]()
    for step in sorted(steps)[-_MOMENTS:]:
        asked = log.between(step * STEP - AFTER, step * STEP + STEP - 1)
        last = max((one.at for one in asked if one.name in names), default=0)
        first = next((one.name for one in asked if not one.blocked and last - AFTER <= one.at <= last), "")
        if first and not is_below(first, site):
            found[domain_of(first)] += 1
    return tuple(domain for domain, _ in found.most_common(_OTHERS))
