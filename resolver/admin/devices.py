"""Devices and groups as people handle them: who is there, what they are called, and the group they are in."""

from __future__ import annotations

import asyncio
import contextlib
import math
import re
from collections.abc import Callable
from typing import NoReturn

import msgspec
from msgspec.structs import replace

from resolver.admin import deviceshown
from resolver.admin.bodies import Done
from resolver.admin.changing import Changing
from resolver.admin.devicebodies import DeviceChange, DeviceHour, DeviceInfo, DeviceResult, GroupInfo
from resolver.admin.deviceshown import Counts, Shown
from resolver.admin.parts import Parts
from resolver.config import called
from resolver.config.clients import mac as normal_mac
from resolver.config.leaves import is_address, shown
from resolver.config.schema import Config
from resolver.config.values import DEVICE
from resolver.errors import ApiError, StoreError
from resolver.network.calling import Calling
from resolver.policy.clients import parse_address
from resolver.store import christening
from resolver.store.counting import HOUR
from resolver.store.devices import Known
from resolver.store.trail import Trail

DAY = 86_400.0
_FRESH = 60.0  # seconds for which the log is not counted again
_MAC = re.compile(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}")


class _Counted(msgspec.Struct, frozen=True):
    until: float  # monotonic
    by_address: Counts | None


class _New(msgspec.Struct, frozen=True):
    """A device that was never seen, by what it is given as."""

    mac: str = ""
    address: str = ""


class Devicing:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._change = change
        self._counted = _Counted(0.0, None)

    async def every(self) -> list[DeviceInfo]:
        """Every device: those with a name first, by it, then those only seen, who asked last first."""
        await self._count()
        return await asyncio.to_thread(lambda: self._shown().every(self._parts.devices.roll))

    async def names(self) -> list[str]:
        """What devices are called, as it is written, in order: from memory."""
        return await asyncio.to_thread(lambda: sorted(self._parts.devices.named().values(), key=str.lower))

    async def one(self, text: str) -> DeviceInfo:
        """The device that is given by its id, an address, a MAC address or a name."""
        await self._count()
        found = self._find(text)
        if found is not None:
            return self._shown().info(found)
        named = [one for one in await self.every() if one.id is None and one.name.lower() == called.key(text.strip())]
        return named[0] if named else self._missing(text)

    async def at(self, text: str) -> DeviceInfo:
        """The same; of an address under which nobody was seen, what holds there."""
        try:
            return await self.one(text)
        except ApiError as error:
            if error.status != 404 or not is_address(text.strip()):
                raise
            return self._shown().nobody(str(parse_address(text.strip())))

    async def hours(self, one: DeviceInfo) -> list[DeviceHour]:
        """The last 24 hours of a device, the one of now last: all of them, also those without a query."""
        now, store = self._parts.clock.time(), self._parts.devices.store
        last = math.floor(now) // HOUR * HOUR
        since = last - 23 * HOUR
        found = await self._change.store(lambda: store.hours(self.addresses(one), since, now))
        return [DeviceHour(at, *found.get(at, (0, 0))) for at in range(since, last + HOUR, HOUR)]

    def addresses(self, one: DeviceInfo) -> tuple[str, ...]:
        """The addresses by which the log knows a device: all of one that the config speaks of, too."""
        named = self._parts.devices.addresses(one.name) if one.name else ()
        return named or tuple(one.addresses)

    def scope(self, one: DeviceInfo) -> str:
        """How rules, pauses and changes of schedules call a device. ApiError for one that needs a name first."""
        return self._parts.devices.scope(one.name or one.mac or next(iter(one.addresses), ""))

    async def put(self, text: str, change: DeviceChange, who: str) -> DeviceResult:
        """Name a device, put it in a group, or say what the log keeps of it, and bring that into force. One that was
        never seen is given by the address or the MAC address that it will have."""
        await self._refresh()
        calling = self._parts.devices.calling()
        found = self._find(text)
        target = found or self._new(text, calling)
        said = self._said(change, found, calling)
        words = deviceshown.words(calling.name(found) if found else "", text, said)

        def work(_: object, trail: Trail) -> int:
            if isinstance(target, _New):
                return christening.make(trail, target.mac, target.address, said)
            christening.put(trail, target.id, said)
            return target.id

        if found and all(getattr(found, column) == value for column, value in said.items()):
            return DeviceResult(self._shown().info(found), changed=False, effective=True)
        id = await self._change.store(lambda: self._parts.people.change(who, words, work))
        await self._change.store(self._parts.accounts.changed)  # it may be the device of a member
        note = await self._change.publish()
        await self._refresh()
        device = self._parts.devices.roll.devices.get(id) or self._missing(text)
        return DeviceResult(self._shown().info(device), changed=True, effective=not note, note=note)

    async def forget(self, text: str, who: str) -> Done:
        """Forget a device and where it was seen. One that asks again is there again, without a name."""
        await self._refresh()
        found = self._find(text) or self._unseen(text, self._parts.devices.calling())
        id, name = found.id, self._parts.devices.calling().name(found)
        what = f"forget {name or found.mac or text}"
        await self._change.store(
            lambda: self._parts.people.change(who, what, lambda _, trail: christening.forget(trail, id))
        )
        self._parts.devices.forget(address for address, _ in found.addresses)
        done = await self._change.done()
        if name and name != found.name:
            return replace(done, hint=f"{name} stands in the config and stays: only what was seen of it is forgotten")
        return done

    def groups(self) -> list[GroupInfo]:
        """Every group of the config, and who is in it."""
        own: list[str] = []
        with contextlib.suppress(StoreError):
            own = [rule.group for rule in self._parts.people.rules()]
        return deviceshown.groups(self._config(), self._parts.devices.claims(), own)

    # What is asked for

    def _find(self, text: str) -> Known | None:
        found = self._parts.devices.calling().find(text)
        if found is None and text.isascii() and text.isdigit() and len(text) < 19:
            found = self._parts.devices.roll.devices.get(int(text))
        return found

    def _new(self, text: str, calling: Calling) -> _New:
        """What a text that is no known device's stands for."""
        with contextlib.suppress(ValueError):
            address = str(parse_address(text.strip()))
            return _New(self._parts.devices.around.mac(address), address)
        mac = normal_mac(text.strip())
        if _MAC.fullmatch(mac):
            return _New(mac)
        return self._unseen(text, calling)

    def _unseen(self, text: str, calling: Calling) -> NoReturn:
        """What is wrong about a text that is no known device's."""
        if called.key(text.strip()) in calling.names:
            raise ApiError(409, "conflict", f"{text.strip()} was not seen yet; what holds for it stands in the config")
        self._missing(text)

    def _said(self, change: DeviceChange, found: Known | None, calling: Calling) -> dict[str, str]:
        """The columns to change."""
        said: dict[str, str] = {}
        if change.name is not None:
            said["name"] = self._name(called.composed(change.name).strip(), found)
        if change.group is not None:
            said["group"] = self._group(change.group, found, said.get("name") or (calling.name(found) if found else ""))
        if change.privacy is not None:
            said["privacy"] = self._privacy(change.privacy, found)
        if not said:
            raise ApiError(400, "invalid", "say what to change: name, group or privacy", "name")
        return said

    def _privacy(self, privacy: str, found: Known | None) -> str:
        owner = self._parts.devices.claims().owners.get(found.id, "") if found else ""
        if owner and self._config().devices[owner].privacy is not None:
            message = f"the config says what the log keeps of {owner}: change that there"
            raise ApiError(409, "conflict", message, "privacy")
        return privacy

    def _name(self, name: str, found: Known | None) -> str:
        if not called.device(name):
            raise ApiError(400, "invalid", f"{shown(name)} is not {DEVICE}", "name")
        owner = self._parts.devices.claims().owners.get(found.id, "") if found else ""
        if owner:
            raise ApiError(409, "conflict", f"the config calls this device {owner}: rename it there", "name")
        if name.lower() in {one.lower() for one in self._config().devices}:
            raise ApiError(409, "conflict", f"{name} is a device of the config already; choose another name", "name")
        return name

    def _group(self, group: str, found: Known | None, name: str) -> str:
        groups = self._config().groups
        group = group and self._change.scope("", group)[1]
        for other, one in groups.items():
            if name.lower() in one.members or (found and found.mac and found.mac in one.macs):
                raise ApiError(
                    409, "conflict", f"the config has put this device in group {other}: change that there", "group"
                )
        return group

    async def _refresh(self) -> None:
        """Look at what is known of devices now, rather than at what was some seconds ago."""
        await self._change.store(self._parts.devices.store.read)

    async def _count(self) -> None:
        """Count the log of a day, unless that was done lately; None where it cannot be read in time."""
        now = self._parts.clock.monotonic()
        if now < self._counted.until:
            return
        self._counted = _Counted(now + _FRESH, self._counted.by_address)
        since, store = self._parts.clock.time() - DAY, self._parts.devices.store
        counts: Counts | None = None
        with contextlib.suppress(StoreError):
            counts = await asyncio.to_thread(store.asked, since)
        self._counted = _Counted(now + _FRESH, counts)

    def _shown(self) -> Shown:
        devices = self._parts.devices
        bundle = self._parts.publisher.bundle
        return Shown(self._config(), bundle, devices.claims(), self._counted.by_address, devices.seen)

    def _missing(self, text: str) -> NoReturn:
        self._parts.devices.scope(text)  # which mostly knows better what was meant
        raise ApiError(404, "not-found", f"nobody was seen under {shown(text)}", "client")
