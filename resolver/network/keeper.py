"""The devices of the household: who was seen, who that is, and when the policy must know."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping

from resolver.config.hosts import host_records, usual_names
from resolver.config.leaves import is_address
from resolver.config.schema import Config
from resolver.errors import StoreError
from resolver.journal import frames
from resolver.model import Clock, RRset
from resolver.network.calling import Calling
from resolver.network.claims import Claims, Found, claims, wanted
from resolver.network.neighbours import Neighbour
from resolver.network.pacing import Pacing
from resolver.network.scout import Scout
from resolver.policy.document import DeviceEntry
from resolver.store.devices import DeviceStore, Known, Roll
from resolver.store.face import Store
from resolver.store.sightings import CREEP, Device, Seen

BEAT = 10.0
"""Seconds between two looks at what came in, unless a device that matters moved."""

_SOON = 0.3  # seconds in which news gather before they are acted on
_TIDY = 3600.0
_MOST = 4096  # addresses that wait to be written
_DAY = 86_400.0
_REFUSED = "refused"  # of whom nothing is remembered: anybody can be refused under any address


class Devices:
    """`take`, `forget` and `keep` are of control's loop; everything else may be called by any thread."""

    def __init__(self, database: Store, clock: Clock, config: Callable[[], Config], port: int = 53) -> None:
        """`config` gives the config in force. The router is asked for names at `port`."""
        self.store = DeviceStore(database)
        self._clock = clock
        self._config = config
        self._scout = Scout(clock, self._news, port)
        self._waiting: dict[str, float] = {}  # sights that are not written yet: address and Unix time
        self._wake = asyncio.Event()
        self._hosts: dict[str, tuple[int, str]] = {}
        self._tidied = 0.0
        self._wanted: tuple[Config, Callable[[str, str], bool]] | None = None
        self._calling: tuple[Config, Roll, Calling] | None = None
        self._pacing = Pacing(clock)

    async def begin(self) -> None:
        """Know this machine's own addresses, and who is around, before the first policy is made."""
        await self._scout.look(self._config().discovery)

    # For the policy

    def entries(self) -> tuple[DeviceEntry, ...]:
        """The devices that people named or put in a group, and where they are. Raises StoreError if they never could
        be read."""
        try:
            self.store.read()
        except StoreError:
            if not self.store.known:
                raise
        return self._pacing.give("entries", self.claims().entries)

    def found(self) -> dict[str, Found]:
        """Where the devices of the config are, by their names in small letters; those that a group names by MAC address
        or by a name of the network, by that."""
        return self._pacing.give("found", self.claims().found)

    def host_records(self) -> tuple[RRset, ...]:
        """The names of this machine, at its own addresses."""
        return self._pacing.give("records", self._records())

    # For people

    @property
    def roll(self) -> Roll:
        """Every device that is known."""
        return self.store.roll

    def claims(self) -> Claims:
        """Which of them the config or somebody named."""
        return claims(self._config(), self.store.roll, self._clock.time())

    def seen(self, device: Known) -> float:
        """When a device was last seen (Unix time): what is not written yet counts too."""
        return max([device.last, *(self._waiting.get(address, 0.0) for address, _ in device.addresses)])

    def scope(self, text: str) -> str:
        """What rules call a client that is given as an address, a MAC address or a name: its device's name in small
        letters, or its address. Raises ApiError."""
        return self.calling().scope(text)

    def addresses(self, scope: str) -> tuple[str, ...]:
        """The addresses that a device has or had, as far as they are known; of an address that alone."""
        return self.calling().addresses(scope)

    def named(self) -> Mapping[str, str]:
        """The names of all devices, as somebody wrote them, by what they are in small letters."""
        return self.calling().written

    @property
    def around(self) -> Scout:
        """What the network tells of the addresses on it."""
        return self._scout

    def asked(self, address: str) -> bool:
        """Whether whoever has an address is known to have asked something, ever."""
        held = self.roll.by_address.get(address)
        return address in self._waiting or (held is not None and held.last > 0)

    def calling(self) -> Calling:
        """What everything is called at this moment."""
        config, roll = self._config(), self.store.roll
        if self._calling is None or self._calling[0] is not config or self._calling[1] is not roll:
            self._calling = config, roll, Calling(config, roll, claims(config, roll, self._clock.time()))
        return self._calling[2]

    # Sights

    def take(self, batch: frames.Batch) -> None:
        """Note who asked, as far as the log may know it: neither a network nor a name for a day is a device."""
        for row in batch.rows:
            known = row.client in self._waiting or (len(self._waiting) < _MOST and is_address(row.client))
            if known and row.exchange.verdict != _REFUSED:
                self._waiting[row.client] = float(batch.second)

    def forget(self, addresses: Iterable[str]) -> None:
        """What was seen of these up to now is not to be written any more."""
        for address in addresses:
            self._waiting.pop(address, None)

    async def keep(self, publish: Callable[[], Awaitable[object]]) -> None:
        """Follow the devices until cancelled; `publish` brings the policy into force when one that it speaks of has
        moved."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._scout.reverse.run())
            try:
                while True:
                    self._wake.clear()
                    await self._scout.look(self._config().discovery)
                    with contextlib.suppress(StoreError):  # what was seen waits until the database can be used again
                        await self._note()
                    await self._pause(await self._publish(publish))
            finally:
                self._scout.stop()

    async def _pause(self, least: float) -> None:
        """Wait until there is something to do: in `least` seconds, if that is given, or when an address moves."""
        if least:
            await asyncio.sleep(min(least, BEAT))
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEAT):
                await self._wake.wait()
                await asyncio.sleep(_SOON)

    def _news(self, neighbour: Neighbour) -> None:
        """Do not wait with an address that has a new owner."""
        mac, held = neighbour.mac, self.roll.by_address.get(neighbour.address)
        if mac != held.mac if held else mac in self.roll.by_mac or self._is_wanted()(mac, ""):
            self._wake.set()

    def _is_wanted(self) -> Callable[[str, str], bool]:
        """`wanted` of the config in force."""
        config = self._config()
        if self._wanted is None or self._wanted[0] is not config:
            self._wanted = config, wanted(config)
        return self._wanted[1]

    async def _note(self) -> None:
        """Write down what is new."""
        now = self._clock.time()
        waiting, self._waiting = self._waiting, {}
        is_wanted = self._is_wanted()
        seen = [*self._sights(waiting), *self._told(is_wanted, now)]
        hosts = self._called(seen)
        if not seen and hosts == self._hosts and abs(now - self._tidied) < _TIDY:
            return

        def keep(device: Device) -> bool:
            return is_wanted(device.mac, device.host)

        try:
            moved = await asyncio.to_thread(self.store.note, seen, hosts, now, keep)
        except StoreError:
            self._waiting = waiting | self._waiting
            raise
        self._hosts, self._tidied = hosts, now
        for address in moved:
            self._scout.reverse.forget(address)

    def _sights(self, waiting: dict[str, float]) -> list[Seen]:
        """Those who asked, as far as that is news; the others go on waiting."""
        found = []
        for address, at in waiting.items():
            self._scout.reverse.want(address)
            mac = self._scout.mac(address)
            held = self.roll.by_address.get(address)
            if held is None or (mac and held.mac != mac) or abs(at - held.last) >= CREEP:
                found.append(Seen(address, mac, at))
            else:
                self._waiting[address] = at
        return found

    def _told(self, is_wanted: Callable[[str, str], bool], now: float) -> list[Seen]:
        """What the network says of devices that are known or wanted, as far as that is news."""
        scout, roll, found = self._scout, self.roll, []
        for address in {*scout.neighbours, *scout.leased}:
            mac, (_, host) = scout.mac(address), scout.host(address) or (0, "")
            held = roll.by_address.get(address)
            if held is not None and (not mac or held.mac == mac):
                last = dict(held.addresses)[address]
                if address in scout.alive and now - last >= _DAY:
                    found.append(Seen(address, mac))
            elif held is not None or mac in roll.by_mac or is_wanted(mac, host):
                found.append(Seen(address, mac, wanted=is_wanted(mac, host)))
                scout.reverse.want(address)
        scout.alive.clear()
        return found

    def _called(self, seen: list[Seen]) -> dict[str, tuple[int, str]]:
        """What the network calls the addresses of devices."""
        found = {
            address: self._scout.host(address) for address in {*self.roll.by_address, *(one.address for one in seen)}
        }
        return {address: host for address, host in found.items() if host}

    # Into force

    async def _publish(self, publish: Callable[[], Awaitable[object]]) -> float:
        """When the policy would say something else of devices than it does; returns in how many seconds, when that is
        not to be now (0: there is nothing to do): one that moves over and over has to wait."""
        found = self.claims()
        wait = self._pacing.wait({"entries": found.entries, "found": found.found, "records": self._records()})
        if wait == 0:
            await publish()
        return wait or 0.0

    def _records(self) -> tuple[RRset, ...]:
        config = self._config()
        names = usual_names(socket.gethostname()) if config.host_names is None else config.host_names
        return host_records(names, self._scout.machine, config.records)
