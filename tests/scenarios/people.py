"""What people do in the admin, as `console` lines say it.

allow NAME|LINE [exact] [for=10m] [client=…] [group=…]   also: deny; LINE is what lists can have in a line
delete RULE-ID
pause DURATION [client=…] [group=…]                      also: resume
site SITE NAME,…|all|nothing [window=10m] [for=10m] [client=…] [group=…]
                                                         nothing: there is to be no rule any more
schedule NAME off|on|more|normal [for=30m] [client=…] [group=…]
undo [CHANGE-ID]                                         the newest change, unless given
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Literal, get_args

from resolver.admin import bodies, planbodies, rulebodies, sitebodies
from resolver.admin.service import Service
from tests.scenarios.virtual import START
from tests.scenarios.words import UsageError, number, split

WHO = "scenario"
SCOPE = ("client", "group")

Command = Callable[[str], Awaitable[list[str]]]


class People:
    """The commands over one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.commands: dict[str, Command] = {
            "allow": self._allow,
            "deny": self._deny,
            "delete": self._delete,
            "pause": self._pause,
            "resume": self._resume,
            "site": self._site,
            "schedule": self._schedule,
            "undo": self._undo,
        }

    async def _allow(self, rest: str) -> list[str]:
        return await self._add("allow", rest)

    async def _deny(self, rest: str) -> list[str]:
        return await self._add("deny", rest)

    async def _add(self, action: Literal["allow", "deny"], rest: str) -> list[str]:
        words = split(rest, 1, 1, ("for", *SCOPE), ("exact",))
        what = words.given[0]
        is_line = any(character in what for character in "|/*$^@")
        new = rulebodies.NewRule(
            action,
            "" if is_line else what,
            *scope(words.options),
            words.options.get("for"),
            exact="exact" in words.flags,
            text=what if is_line else "",
        )
        added = await self._service.ruling.add(new, WHO)
        lines = [f"{_rule(added.rule)}{'' if added.created else ', as before'}"]
        lines += [f"in place of {_rule(one)}" for one in added.replaced]
        return lines + [added.note] * bool(added.note)

    async def _delete(self, rest: str) -> list[str]:
        return _done(await self._service.ruling.delete(number(split(rest, 1, 1).given[0]), WHO))

    async def _pause(self, rest: str) -> list[str]:
        words = split(rest, 1, 1, SCOPE)
        paused = await self._service.pausing.begin(bodies.NewPause(words.given[0], *scope(words.options)), WHO)
        return [f"pause {paused.id}{whom(paused.client, paused.group)}{ends(paused.until)}"]

    async def _resume(self, rest: str) -> list[str]:
        split(rest, 0, 0)
        return _done(await self._service.pausing.end(WHO))

    async def _site(self, rest: str) -> list[str]:
        words = split(rest, 2, 2, ("window", "for", *SCOPE))
        site, names = words.given
        client, group = scope(words.options)
        if names == "nothing":
            return _done(await self._service.sites.delete(site, client, group, WHO, exact=False))
        new = sitebodies.NewSiteRule(
            "all" if names == "all" else names.split(","),
            words.options.get("window", "10m"),
            client,
            group,
            words.options.get("for"),
        )
        put = await self._service.sites.put(site, new, WHO)
        assert put.rule is not None  # what was put allows something
        rule = put.rule
        said = f"on {rule.site} allow {rule.what}{whom(rule.client, rule.group)}{ends(rule.until)}"
        return [f"site {rule.id}: {said}", *([put.hint] if put.hint else []), *([put.note] if put.note else [])]

    async def _schedule(self, rest: str) -> list[str]:
        words = split(rest, 2, 2, ("for", *SCOPE))
        name, do = words.given
        client, group = scope(words.options)
        if do == "normal":
            ended = await self._service.planning.normal(name, client, group, WHO)
            return [f"{ended.ended} ended"]
        if do not in get_args(planbodies.Do):
            raise UsageError(f"{do!r}: a schedule can be {', '.join(get_args(planbodies.Do))} or normal")
        new = planbodies.NewScheduleChange(do, words.options.get("for"), client, group)  # type: ignore[arg-type] # checked above
        made = (await self._service.planning.change(name, new, WHO)).change
        state = "on" if made.on else "off"
        begins = f" from t={seconds(made.begins)}"
        return [f"{name} {state}{whom(made.client, made.group)}{begins}{ends(made.until)} ({made.why})"]

    async def _undo(self, rest: str) -> list[str]:
        given = split(rest, 0, 1).given
        changes = (await self._service.history.changes(1)).entries
        if not given and not changes:
            return ["refused: nothing was changed yet"]
        undone = await self._service.history.undo(number(given[0]) if given else changes[0].id, WHO)
        return [undone.change.what, *([undone.note] if undone.note else [])]


def scope(options: dict[str, str]) -> tuple[str, str]:
    return options.get("client", ""), options.get("group", "")


def whom(client: str, group: str) -> str:
    """Whom something is for, unless it is for everyone."""
    return f", client {client}" if client else f", group {group}" if group else ""


def seconds(time: float) -> str:
    """A time as seconds since the scenario began: the `t` of the log."""
    return f"{round(time - START, 3):.12g}"


def ends(until: float | None) -> str:
    """When something ends."""
    return "" if until is None else f", until t={seconds(until)}"


def _rule(rule: rulebodies.RuleInfo) -> str:
    return f"rule {rule.id}: {rule.action} {rule.what}{whom(rule.client, rule.group)}{ends(rule.until)}"


def _done(done: bodies.Done) -> list[str]:
    return [done.note] if done.note else []
