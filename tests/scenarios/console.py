"""What can be typed in a `console` block, and what is said back.

query …                                      see client.py; `query … & query …` asks both at the same time
advance DURATION                             time passes
upstream ID up|silent|servfail|refused|truncated|unreachable
clock +DURATION|-DURATION                    somebody sets the clock on the wall; years are written 1y
list FILE version=N                          that version of the list file takes the place of the one before
lists                                        what became of each list
why NAME [TYPE] [from=ADDRESS]
windows                                      site rules whose window is open, and for whom
flush                                        caches are forgotten

What people do in the admin is in people.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from resolver.admin.whybodies import MatchedRule
from resolver.config.leaves import duration
from resolver.errors import LullError
from resolver.lists.bodies import ListState
from resolver.wire.zone import type_number
from tests.scenarios import client
from tests.scenarios.double import STATES
from tests.scenarios.people import Command, People, ends
from tests.scenarios.words import UsageError, number, split
from tests.scenarios.world import World

_AT_ONCE = " & "
_YEAR = 365 * 86_400


class Console:
    """The commands over one world. What Lull refuses is said; what cannot be understood raises UsageError."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._commands: dict[str, Command] = {
            "advance": self._advance,
            "upstream": self._upstream,
            "clock": self._clock,
            "list": self._list,
            "lists": self._lists,
            "why": self._why,
            "windows": self._windows,
            "flush": self._flush,
        } | People(world.service).commands

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

    async def _clock(self, rest: str) -> list[str]:
        text = split(rest, 1, 1).given[0]
        if text[:1] not in {"+", "-"}:
            raise UsageError(f"{text!r}: begin with + or -")
        years = text[1:-1] if text.endswith("y") else ""
        by = number(years) * _YEAR if years else duration(text[1:])
        await self._world.set_clock(-by if text[0] == "-" else by)
        return []

    async def _upstream(self, rest: str) -> list[str]:
        name, state = split(rest, 2, 2).given
        if name not in self._world.upstreams or state not in STATES:
            known = ", ".join(self._world.upstreams)
            raise UsageError(f"{rest!r}: upstreams are {known}; they can be {', '.join(STATES)}")
        self._world.upstreams[name].state = state
        await self._world.edge.changed()
        return []

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
        why = await self._world.service.whys.why(words.given[0], words.options.get("from", client.USUAL), type)
        others = [match for match in why.matched if match.lost]
        decided = next((match for match in why.matched if not match.lost), None)
        by = f" by {_shown(decided)}" if decided is not None else ""
        return [
            f"{why.verdict}{by}{ends(why.until)}, group {why.group}{f', device {why.device}' if why.device else ''}",
            *(f"also matched: {_shown(match)}: {match.lost}" for match in others),
        ]

    async def _windows(self, rest: str) -> list[str]:
        split(rest, 0, 0)
        forwarder, now = self._world.forwarder, self._world.clock.time()
        rules = {site.key: site for site in forwarder.bundle.document.sites if site.until is None or site.until > now}
        return [
            f"{client}: {rules[key]}{ends(forwarder.visits.until(client, key))}"
            for client, key, _ in forwarder.visits.all()
            if key in rules
        ]

    async def _flush(self, rest: str) -> list[str]:
        split(rest, 0, 0)
        self._world.flush()
        return []


def _shown(match: MatchedRule) -> str:
    """A rule, where it stands in its list, and whom it is for."""
    line = "" if match.line is None else f" (line {match.line})"
    return f"{match.rule}{line}{'' if match.scope == 'everyone' else f' (for {match.scope})'}"


def _after(seconds: float) -> str:
    return f" after {round(seconds, 3):g}s" if seconds > 0 else ""


def _state(state: ListState) -> list[str]:
    if state.state == "waiting":
        return [f"{state.id}: no version yet"]
    head = f"{state.id}: {state.rules} rules from {state.lines} lines, {state.skipped} skipped"
    samples = [f"  line {sample.line}: {sample.reason}: {sample.text}" for sample in state.samples]
    return [head, *samples, *([f"  {state.error}"] if state.error else [])]
