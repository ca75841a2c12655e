"""Schedules of a config: the mistakes that stand between values, and what is filled in when there are none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from resolver.config.hours import machine_zone
from resolver.config.known import Known
from resolver.config.leaves import shown
from resolver.config.names import below
from resolver.config.nodes import joined
from resolver.config.read import likely
from resolver.config.report import Report
from resolver.config.schedule import Schedule
from resolver.config.schema import Config
from resolver.config.values import SubtreeName, Target
from resolver.errors import TextError
from resolver.paths import PRODUCT, shipped

BASICS = "basics.txt"
"""The file of the names that `only` never blocks: one a line, `#` begins a comment."""

T = TypeVar("T")


def check(config: Config, known: Known, report: Report) -> None:
    """Reports every mistake."""
    for name, schedule in config.schedules.items():
        _schedule(joined("schedules", name), schedule, config, known, report)
    for name, group in config.groups.items():
        path = f"{joined('groups', name)}.schedules"
        _each(path, group.schedules, report, lambda one: _no_schedule(one, config, report))
    _each("basics", config.basics or (), report)


def _schedule(at: str, schedule: Schedule, config: Config, known: Known, report: Report) -> None:
    lost = any(report.lost(f"{at}.{key}") or report.incomplete(f"{at}.{key}") for key in ("only", "block", "allow"))
    if schedule.only is None and not schedule.block and not schedule.allow and not lost:
        report.add(at, "changes nothing; write only, block or allow")
    _each(f"{at}.days", schedule.days, report)
    _each(f"{at}.only", schedule.only or (), report)
    _each(f"{at}.block", schedule.block, report, lambda one: _no_target(one, config, known, report))
    _each(f"{at}.allow", schedule.allow, report, lambda one: _both(one, schedule))


def _each(path: str, given: Sequence[T], report: Report, wrong: Callable[[T], str] = lambda _: "") -> None:
    """Reports what is wrong by itself, and what stands there twice."""
    first: dict[T, str] = {}
    for at, one in zip(report.paths(path, len(given)), given, strict=True):
        if one in first:
            report.add(at, f"{shown(str(one))} is already at {first[one]}; remove one")
        elif not report.lost(at) and (mistake := wrong(one)):
            report.add(at, mistake)
        first.setdefault(one, at)


def _no_schedule(name: str, config: Config, report: Report) -> str:
    at = joined("schedules", name)
    unread = report.lost("schedules") or any(
        problem.path == at or problem.path.startswith(f"{at}.") for problem in report.problems
    )
    if name in config.schedules or unread:
        return ""
    return f"there is no schedule {shown(name)}{likely(name, config.schedules) or '; add it to schedules'}"


def _both(name: SubtreeName, schedule: Schedule) -> str:
    if Target("name", name) not in schedule.block:
        return ""
    return f"{shown(name)} is blocked by the same schedule; remove one"


def _no_target(target: Target, config: Config, known: Known, report: Report) -> str:
    if target.kind == "service":
        words = known.offered.words()
        advice = likely(target.word, words) or f"; `{PRODUCT} services` shows what there is"
        return "" if target.word in words else f"there is no service or kind of services {shown(target.word)}{advice}"
    if target.kind == "list" and not report.lost("lists"):
        return _no_list(target.word, config, known)
    return ""


def _no_list(id: str, config: Config, known: Known) -> str:
    sources = {source.id: source for source in config.lists}
    meant = known.meant(sources)
    if any(one not in meant for one in known.meant([id])):
        advice = likely(id, dict.fromkeys([*sources, *meant])) or "; add it to lists"
        return f"there is no list {shown(id)} in use{advice}"
    if id in sources and sources[id].kind == "allow":
        return f"{shown(id)} is a list that allows; there is nothing in it to block"
    return ""


def settled(config: Config, known: Known, report: Report) -> Config:
    """The config in which every schedule has a zone, and blocks no presets and no kinds but what they mean; and the
    basics are there when a schedule has to spare them. Reports it when the machine cannot tell them."""
    machine = machine_zone() if any(one.zone is None for one in config.schedules.values()) else None
    found = {}
    for name, schedule in config.schedules.items():
        zone = schedule.zone or machine
        if zone is None:
            report.add(
                joined("schedules", name) + ".zone",
                'is not given, and the zone of this machine has no name; write zone: "Europe/Berlin" or another',
            )
        found[name] = replace(schedule, zone=zone, block=_meant(schedule.block, known))
    basics = config.basics
    if basics is None and any(schedule.only is not None for schedule in found.values()):
        basics = usual_basics(report)
    return replace(config, schedules=found, basics=basics)


def _meant(targets: Sequence[Target], known: Known) -> tuple[Target, ...]:
    """The targets with the lists of presets and the services of kinds in their place, each once."""
    meant: dict[Target, None] = {}
    for target in targets:
        words: tuple[str, ...] = (target.word,)
        if target.kind == "list":
            words = known.meant(words)
        elif target.kind == "service":
            words = known.offered.services_of(words)
        meant |= {Target(target.kind, word): None for word in words}
    return tuple(meant)


def usual_basics(report: Report) -> tuple[SubtreeName, ...]:
    """The basics that ship with Lull. Reports a file that cannot be used."""
    path = shipped("blocklists", BASICS)
    try:
        lines = [line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
        return tuple(below(line) for line in lines if line)
    except (OSError, ValueError, TextError) as error:
        report.add("basics", f"is not given, and {path} cannot be read: {error}")
        return ()
