"""What can be typed in a `console` block, and what is said back.

query …                                      see client.py; `query … & query …` asks both at the same time
advance DURATION                             time passes
upstream ID up|silent|servfail|refused|truncated|unreachable
allow NAME [for=10m] [client=…] [group=…]    also: deny; what people do in the admin
delete RULE-ID
pause DURATION [client=…] [group=…]          also: resume
list FILE version=N                          that version of the list file takes the place of the one before
lists                                        what became of each list
why NAME [TYPE] [from=ADDRESS]
flush                                        caches are forgotten
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Literal

from resolver.admin import bodies
from resolver.config.leaves import duration
from resolver.errors import LullError
from resolver.lists.bodies import ListState
from resolver.wire.zone import type_number
from tests.scenarios import client
from tests.scenarios.double import STATES
from tests.scenarios.virtual import START
from tests.scenarios.words import UsageError, number, split
from tests.scenarios.world import World

_SCOPE = ("client", "group")
_AT_ONCE = " & "


class Console:
    """The commands over one world. What Lull refuses is said; what cannot be understood raises UsageError."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._commands: dict[str, Callable[[str], Awaitable[list[str]]]] = {
            "advance": self._advance,
            "upstream": self._upstream,
            "allow": self._allow,
            "deny": self._deny,
            "delete": self._delete,
            "pause": self._pause,
            "resume": self._resume,
            "list": self._list,
            "lists": self._lists,
            "why": self._why,
            "flush": self._flush,
        }

    async def run(self, line: str) -> list[str]:
        """What is said to one line of input."""
        name, _, rest = line.partition(" ")
        if name == "query":
            return await self._queries(rest.split(f"{_AT_ONCE}query "))
        if name not in self._commands:
            raise UsageError(f"{name!r} is not a command: use one of query, {', '.join(self._commands)}")
        try:
            return await self._commands[name](rest)
        except LullError as error:
            return [f"refused: {error}"]

    async def _queries(self, texts: list[str]) -> list[str]:
        queries = [client.build(text) for text in texts]
        world = self._world
        began = world.loop.time()
        world.asked.clear()
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._ask(query)) for query in queries]
        await world.roll()
        asked = [f"; asked {text}{_after(at - began)}" for at, text in world.asked]
        return [*asked, *(line for task in tasks for line in task.result())]

    async def _ask(self, query: client.Query) -> list[str]:
        began = self._world.loop.time()
        over = query.over or self._world.edge.usual
        data = await self._world.edge.ask(query.data, query.client, over)
        after = _after(self._world.loop.time() - began)
        return [*([f"; answered{after}"] if after and data else []), *client.show(query, data, over)]

    async def _advance(self, rest: str) -> list[str]:
        await asyncio.sleep(duration(split(rest, 1, 1).given[0]))
        return []

    async def _upstream(self, rest: str) -> list[str]:
        name, state = split(rest, 2, 2).given
        if name not in self._world.upstreams or state not in STATES:
            known = ", ".join(self._world.upstreams)
            raise UsageError(f"{rest!r}: upstreams are {known}; they can be {', '.join(STATES)}")
        self._world.upstreams[name].state = state
        await self._world.edge.changed()
        return []

    async def _allow(self, rest: str) -> list[str]:
        return await self._add("allow", rest)

    async def _deny(self, rest: str) -> list[str]:
        return await self._add("deny", rest)

    async def _add(self, action: Literal["allow", "deny"], rest: str) -> list[str]:
        words = split(rest, 1, 1, ("for", *_SCOPE))
        new = bodies.NewRule(action, words.given[0], *_scope(words.options), words.options.get("for"))
        added = await self._world.service.add_rule(new)
        lines = [f"{_rule(added.rule)}{'' if added.created else ', as before'}"]
        lines += [f"in place of {_rule(one)}" for one in added.replaced]
        return lines + [added.note] * bool(added.note)

    async def _delete(self, rest: str) -> list[str]:
        return _done(await self._world.service.delete_rule(number(split(rest, 1, 1).given[0])))

    async def _pause(self, rest: str) -> list[str]:
        words = split(rest, 1, 1, _SCOPE)
        paused = await self._world.service.pause(bodies.NewPause(words.given[0], *_scope(words.options)))
        return [f"pause {paused.id}{_for(paused.client, paused.group)}{_ends(paused.until)}"]

    async def _resume(self, rest: str) -> list[str]:
        split(rest, 0, 0)
        return _done(await self._world.service.end_pauses())

    async def _list(self, rest: str) -> list[str]:
        words = split(rest, 1, 1, ("version",))
        ids = await self._world.new_version(words.given[0], number(words.options.get("version", "")))
        return self._states(ids)

    async def _lists(self, rest: str) -> list[str]:
        split(rest, 0, 0)
        return self._states([source.id for source in self._world.config.lists])

    def _states(self, ids: Sequence[str]) -> list[str]:
        lines = [line for state in self._world.service.listing.states() if state.id in ids for line in _state(state)]
        return [line.replace(f"{self._world.directory}/", "") for line in lines]

    async def _why(self, rest: str) -> list[str]:
        words = split(rest, 1, 2, ("from",))
        type = type_number(words.given[1] if len(words.given) > 1 else "A")
        why = await self._world.service.why(words.given[0], words.options.get("from", client.USUAL), type)
        places = {found.rule: f" (line {found.line})" for found in why.lines}
        by = f" by {why.decided_by}{places.get(why.decided_by, '')}" if why.decided_by else ""
        others = [f"{match}{places.get(match, '')}" for match in why.matched if match != why.decided_by]
        return [
            f"{why.verdict}{by}{_ends(why.until)}, group {why.group}",
            *(f"also matched: {match}" for match in others),
            *(f"in shadow mode: {match}{places.get(match, '')}" for match in why.shadow),
            *(f"not used by the group: {match}{places.get(match, '')}" for match in why.unused),
        ]

    async def _flush(self, rest: str) -> list[str]:
        split(rest, 0, 0)
        self._world.flush()
        return []


def _scope(options: dict[str, str]) -> tuple[str, str]:
    return options.get("client", ""), options.get("group", "")


def _rule(rule: bodies.RuleInfo) -> str:
    return f"rule {rule.id}: {rule.action} {rule.name}{_for(rule.client, rule.group)}{_ends(rule.until)}"


def _for(client: str, group: str) -> str:
    """Whom something is for, unless it is for everyone."""
    return f", client {client}" if client else f", group {group}" if group else ""


def _done(done: bodies.Done) -> list[str]:
    return [done.note] if done.note else []


def _after(seconds: float) -> str:
    return f" after {round(seconds, 3):g}s" if seconds > 0 else ""


def _ends(until: float | None) -> str:
    """When something ends, as seconds since the scenario began: the `t` of the log."""
    return "" if until is None else f", until t={round(until - START, 3):.12g}"


def _state(state: ListState) -> list[str]:
    if state.state == "waiting":
        return [f"{state.id}: no version yet"]
    head = f"{state.id}: {state.rules} rules from {state.lines} lines, {state.skipped} skipped"
    samples = [f"  line {sample.line}: {sample.reason}: {sample.text}" for sample in state.samples]
    return [head, *samples, *([f"  {state.error}"] if state.error else [])]
