"""The rules by which a repair allows names on a device for a while."""

from __future__ import annotations

from msgspec.structs import replace

from resolver.repair.trial import Trial, remembered
from resolver.store import rules
from resolver.store.people import PeopleStore
from resolver.store.repairs import Repair
from resolver.store.rules import NewRule
from resolver.store.tables import rules as table
from resolver.store.trail import Trail

_ORIGIN = "trial"


def going_on(people: PeopleStore) -> list[tuple[Repair, Trial]]:
    """Every repair that can be gone on with. What is on trial is over when somebody took away rules of it, or brought
    earlier ones back: what is seen then tells nothing. What was kept and is not there any more is
    on trial as long as its rules are, and then no repair. Raises StoreError."""
    there: dict[tuple[str, str], dict[int, float]] = {}
    for rule in people.rules():
        if rule.origin == _ORIGIN and rule.until is not None:
            there.setdefault((rule.client, rule.comment), {})[rule.id] = rule.until
    found = []
    for one in people.repairs():
        trial = remembered(one.state)
        rules = there.get((one.client, _why(one.site)), {})
        if trial is None:
            continue
        if _stands(people, one, trial):
            found.append((one, trial if rules.keys() == {*trial.rules} else replace(trial, until=0.0)))
        elif rules:
            until = min(rules.values())
            found.append((one, replace(trial, stage="trying", kept=None, rules=(*rules,), until=until)))
    return found


def _stands(people: PeopleStore, one: Repair, trial: Trial) -> bool:
    """Whether what was kept of a repair, if it was, is still allowed by a site rule."""
    kept = trial.kept
    if trial.stage != "kept" or kept is None:
        return True
    wanted = one.site, one.client if kept.client else "", kept.group
    rules = [rule for rule in people.sites() if (rule.site, rule.client, rule.group) == wanted]
    return any(rule.everything or {*trial.names} <= {*rule.allow} for rule in rules)


def allow(trail: Trail, site: str, client: str, trial: Trial, by: str) -> Trial:
    """The trial with rules that allow its names on the device until its end."""
    news = [
        NewRule("allow", name, client, until=trial.until, comment=_why(site), origin=_ORIGIN, who=by)
        for name in trial.names
    ]
    added = rules.add(trail, news)
    return replace(trial, rules=tuple(one.rule.id for one in added if one.created))


def end(trail: Trail, site: str, client: str) -> None:
    """Delete all rules that a repair made."""
    of = table.c
    found = trail.rows(table, of.origin == _ORIGIN, of.client == client, of.comment == _why(site))
    rules.delete(trail, [row["id"] for row in found])


def _why(site: str) -> str:
    return f"repair of {site}"
