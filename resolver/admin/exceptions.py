"""One device: what is blocked on it, its schedules, and exceptions for it alone."""

from __future__ import annotations

from resolver.admin.accountbodies import Blocked, OwnSchedule
from resolver.admin.changing import Changing
from resolver.admin.parts import Parts
from resolver.admin.planbodies import NewScheduleChange
from resolver.admin.planning import Planning
from resolver.admin.rulebodies import NewRule
from resolver.admin.ruling import Ruling
from resolver.errors import ApiError
from resolver.store.filters import LogFilter

LATELY = 600.0
"""Seconds for which what was blocked is shown."""

NEAR = 3600.0
"""Seconds before a schedule begins in which more time can be given before it."""

_SHOWN = 50


class Exceptions:
    """A device is given as rules name it. Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, change: Changing, ruling: Ruling, planning: Planning) -> None:
        self._parts = parts
        self._change = change
        self._ruling = ruling
        self._planning = planning

    def scope(self, device: str) -> str:
        """How rules name a device that is given by a name or an address."""
        return self._change.scope(device, "")[0]

    def called(self, device: str) -> str:
        """A device as somebody wrote its name."""
        return self._parts.devices.named().get(device, device)

    async def blocked(self, device: str) -> tuple[list[Blocked], str]:
        """What was blocked on it lately, newest first; and why that is not known."""
        addresses = self._parts.devices.addresses(device)
        if not addresses:
            return [], "nobody knows an address of this device yet"
        since = int(self._parts.clock.time() - LATELY)
        wanted = LogFilter(clients=addresses, verdict="block", since=since)
        try:
            page = await self._change.store(lambda: self._parts.queries.log(wanted, None, _SHOWN))
        except ApiError as error:
            return [], str(error)
        return [Blocked(row.at, row.name, row.count, row.source) for row in page.rows], ""

    def schedules(self, device: str) -> list[OwnSchedule]:
        """How its schedules stand."""
        return [OwnSchedule(*one) for one in self._planning.of_device(device)]

    def paused(self, device: str) -> float | None:
        """Until when nothing is blocked on it (Unix time), if there is a pause for it, its group or everyone."""
        group = self._planning.group(device)
        pauses = self._change.pauses()
        there = [one.until for one in pauses if (one.client or one.group in {"", group}) and one.client in {"", device}]
        return max(there, default=None)

    def near(self, device: str) -> list[str]:
        """The schedules of a device that are in force, or soon are."""
        now = self._parts.clock.time()
        found = [
            name
            for name, on, until in self._planning.of_device(device)
            if on or (until is not None and until <= now + NEAR)
        ]
        if not found:
            raise ApiError(409, "conflict", "no schedule of this device is in force, or begins within an hour", "name")
        return found

    async def allow(self, device: str, name: str, seconds: int, who: str) -> str:
        """Allow a name on a device for so long, or ("") give it more time before its schedules; returns why that is
        not in force everywhere yet, if it is not."""
        if name:
            return (await self._ruling.add(NewRule("allow", name, client=device, duration=seconds), who)).note
        changes = NewScheduleChange("more", seconds, client=device)
        notes = [(await self._planning.change(one, changes, who)).note for one in self.near(device)]
        return "; ".join(dict.fromkeys(filter(None, notes)))
