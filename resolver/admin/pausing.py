"""Pauses: nothing is blocked for a while, for everyone or for somebody."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from resolver.admin.bodies import Done, NewPause, Pausable, PauseInfo
from resolver.admin.changing import Changing
from resolver.admin.parts import Parts
from resolver.config.schema import Config
from resolver.errors import ApiError
from resolver.store import pauses


class Pausing:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._change = change

    def in_force(self) -> list[PauseInfo]:
        """The pauses in force. From memory: they can be had whatever the database does."""
        pauses = self._change.pauses()
        names = self._parts.devices.named() if any(one.client for one in pauses) else {}
        return [replace(one, client=names.get(one.client, one.client)) for one in pauses]

    def whom(self, limit: int) -> Pausable:
        """Whom a pause can be for, with so many groups and devices at most. From memory."""
        calling, groups = self._parts.devices.calling(), list(self._config().groups)
        roll = sorted(self._parts.devices.roll.devices.values(), key=lambda device: -device.last)
        seen = [calling.name(device) for device in roll]
        names = list(dict.fromkeys(filter(None, (*seen, *calling.written.values()))))
        return Pausable(groups[:limit], names[:limit], len(names[limit:]))

    async def begin(self, new: NewPause, who: str) -> PauseInfo:
        """Begin a pause now."""
        client, group = self._change.scope(new.client, new.group)
        wanted = pauses.NewPause(self._change.until(new.duration), client, group, who)
        paused = (await self._change.store(lambda: self._parts.people.pause(wanted))).pause
        await self._change.publish()
        called = self._parts.devices.named().get(paused.client, paused.client)
        return PauseInfo(paused.id, paused.until, called, paused.group, paused.who)

    async def end(self, who: str, id: int | None = None, client: str = "", group: str = "") -> Done:
        """End one pause, those that are for just this client or group, or all. ApiError 404 if what is named is not
        there."""
        client, group = self._change.scope(client, group)
        ended = await self._change.store(lambda: self._parts.people.end(id, client, group, who))
        if not ended and (id is not None or client or group):
            raise ApiError(404, "not-found", await self._missing(id, client, group))
        return await self._change.done()

    async def _missing(self, id: int | None, client: str, group: str) -> str:
        if id is not None:
            return f"there is no pause {id} in force"
        whom = client or f"group {group}"
        for everyone in await self._change.store(self._parts.people.pauses):
            if not everyone.client and not everyone.group:
                return f"no pause of {whom} alone is in force, but one for everyone is: end that one"
        return f"no pause of {whom} alone is in force"
