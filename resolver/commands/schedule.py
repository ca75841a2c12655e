"""`lull schedules` and `lull schedule`: when schedules are in force, and changes of them for once."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from shlex import quote

from resolver.admin.planbodies import NewScheduleChange, Normal, ScheduleChange, ScheduleChanged, ScheduleInfo, Standing
from resolver.commands.api import Api, connect, decode, segment
from resolver.commands.outcome import FAILED, OK
from resolver.commands.output import as_json, line, table, when, when_or, whom
from resolver.errors import ApiError, TextError
from resolver.paths import PRODUCT

ACTIONS = ("off", "on", "more", "normal")
MORE = "30m"
_HEAD = ("NAME", "DAYS", "HOURS", "ZONE", "FOR", "NOW", "UNTIL", "CHANGED")
_WEEK = 7


def every(arguments: Namespace) -> int:
    """Show every schedule."""
    data = connect(arguments).get("schedules")
    shown = decode(data, list[ScheduleInfo])
    if arguments.json:
        as_json(data)
    elif shown:
        table(_HEAD, (row for one in shown for row in _rows(one)))
        line(f"to change one for once: {PRODUCT} schedule NAME off|on|more {MORE} [--group G|--client DEVICE]")
    else:
        line("no schedules yet; they stand in the config, as config/lull.yaml shows")
    return OK


def run(arguments: Namespace) -> int:
    """Change one, or show it."""
    _check(arguments)
    api = connect(arguments)
    match arguments.action:
        case None:
            return _one(arguments, api)
        case "normal":
            return _normal(arguments, api)
        case action:
            new = NewScheduleChange(action, _length(arguments), arguments.client or "", arguments.group or "")
            return _change(arguments, api, new)


def _check(arguments: Namespace) -> None:
    takes_time = arguments.action in {"off", "on", "more"}
    if arguments.time and arguments.action != "more":
        raise TextError(f"only more takes a TIME: schedule {arguments.name} more {MORE}; others take --for TIME")
    if arguments.duration and (arguments.time or not takes_time):
        raise TextError("--for is for off, on and more, and given once")
    if arguments.action is None and (arguments.client or arguments.group):
        raise TextError(f"--client and --group are for: {', '.join(ACTIONS)}")


def _length(arguments: Namespace) -> str | None:
    given: str | None = arguments.time or arguments.duration
    return given or (MORE if arguments.action == "more" else None)


def _one(arguments: Namespace, api: Api) -> int:
    found = [one for one in decode(api.get("schedules"), list[ScheduleInfo]) if one.name == arguments.name]
    if not found:
        raise ApiError(404, "not-found", f"there is no such schedule; `{PRODUCT} schedules` shows all", "name")
    if arguments.json:
        as_json(found[0])
    else:
        table(_HEAD, _rows(found[0]))
    return OK


def _change(arguments: Namespace, api: Api, new: NewScheduleChange) -> int:
    data = api.post(f"schedules/{segment(arguments.name)}/changes", new)
    result = decode(data, ScheduleChanged)
    if arguments.json:
        as_json(data)
        return OK if result.effective else FAILED
    made = result.change
    since = "" if made.begins <= made.created else f"from {when(made.begins)} "
    state = "in force" if made.on else "off"
    who = whom(made.client, made.group)
    until = "for good" if result.until is None else f"until {when(result.until)}"
    line(f"{made.schedule} is {state} for {who} {since}{until} ({made.why})")
    if result.hint:
        line(f"  {result.hint}")
    force = "in force everywhere" if result.effective else f"not in force everywhere yet: {result.note}"
    line(f"  {force}; to end that: {PRODUCT} schedule {quote(made.schedule)} normal{_option(made)}")
    return OK if result.effective else FAILED


def _option(made: ScheduleChange) -> str:
    return f" --client {quote(made.client)}" if made.client else f" --group {quote(made.group)}" if made.group else ""


def _normal(arguments: Namespace, api: Api) -> int:
    data = api.delete(f"schedules/{segment(arguments.name)}/changes", client=arguments.client, group=arguments.group)
    done = decode(data, Normal)
    if arguments.json:
        as_json(data)
    else:
        line(_ended(arguments, done) + ("" if done.effective else f", but not everywhere yet: {done.note}"))
    return OK if done.effective else FAILED


def _ended(arguments: Namespace, done: Normal) -> str:
    """What `normal` did. What is changed for others may still count for those who are named."""
    named = arguments.client or arguments.group
    of = (
        f"{arguments.name} for {whom(arguments.client or '', arguments.group or '')} alone" if named else arguments.name
    )
    if not done.ended:
        return f"nothing is changed of {of}"
    return f"what was changed of {of} is over" if named else f"{of} is as usual again"


def _rows(one: ScheduleInfo) -> Iterator[tuple[str, ...]]:
    """A row for each whom it is for; one that nobody has is shown all the same."""
    days = "every day" if len(one.days) == _WEEK else " ".join(one.days)
    head = (one.name, days, f"{one.begins}-{one.ends}", one.zone)
    for standing in one.standing:
        now = "in force" if standing.in_force else "off"
        changed = "; ".join(_changed(made) for made in one.changes if _is_for(made, standing))
        who = whom(standing.client, standing.group)
        yield (*head, who, now, when_or(standing.until, "always"), changed)
    if not one.standing:
        yield (*head, "nobody", "off", "", "")


def _is_for(made: ScheduleChange, standing: Standing) -> bool:
    return (made.client, made.group) in {(standing.client, standing.group), ("", "")}


def _changed(made: ScheduleChange) -> str:
    return f"{made.why}: {'on' if made.on else 'off'} {when(made.begins)[11:]} to {when(made.until)[11:]}"
