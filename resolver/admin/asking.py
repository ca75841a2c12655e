"""What somebody sees of their own device, and what they ask for: a name to be allowed, or more time before a schedule.
Members have a device of their own; others the one that they sit at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, update

from resolver.admin import askrows, checks
from resolver.admin.accountbodies import Decided, Me, NewRequest, State, Wanted
from resolver.admin.accounts import Accounts
from resolver.admin.askrows import DAY, NO_USER
from resolver.admin.exceptions import Exceptions
from resolver.admin.principal import NOBODY, Principal
from resolver.admin.visitors import Visitor
from resolver.config import names
from resolver.config.leaves import show_duration
from resolver.errors import ApiError, ConflictError, TextError
from resolver.repair.domains import Domains
from resolver.store.accountrows import GRANTED, REFUSED, WAITING, Asked
from resolver.store.tables import requests

LONGEST = 3600.0
"""Seconds that a member may ask for; and, of what they grant themselves, for one name or schedule within HALF_A_DAY."""

HALF_A_DAY = 12 * 3600.0

_SHOWN = 10
_STATES: dict[str, State] = {GRANTED: "granted", REFUSED: "refused"}


class Asking:
    """Raises ApiError for what cannot be done, with a reason."""

    def __init__(self, accounts: Accounts, exceptions: Exceptions) -> None:
        self._accounts = accounts
        self._exceptions = exceptions
        self._domains = Domains()

    async def me(self, principal: Principal) -> Me:
        """A member's own device, and what they asked for."""
        device = _device(principal)
        theirs = [one for one in await self.every() if one.user == principal.name]
        return await self._me(device, device, theirs, principal)

    async def device(self, visitor: Visitor) -> Me:
        """The device that somebody sits at who need not be signed in, and what was asked for there in the last hours.
        What was blocked is told of its own address alone, whatever others people take for the same device."""
        device = _known(visitor)
        since = max(self._accounts.clock.time() - HALF_A_DAY, visitor.since)
        picture = await self._accounts.picture()
        here = {one.id for one in picture.asked if _is_here(one, visitor) and one.at >= since}
        theirs = [one for one in await self.every() if one.id in here]
        return await self._me(device, visitor.address if visitor.kept else "", theirs)

    async def _me(self, device: str, place: str, asked: list[Wanted], member: Principal = NOBODY) -> Me:
        """`place` is the device or address of which it is told what was blocked ("": of none)."""
        blocked, unread = await self._exceptions.blocked(place) if place else ([], "")
        return Me(
            member.name,
            self._exceptions.called(device),
            member.grants,
            blocked,
            self._exceptions.schedules(device),
            self._exceptions.paused(device),
            asked[:_SHOWN],
            unread,
        )

    async def every(self, *, waiting: bool = False) -> list[Wanted]:
        """What was asked for, newest first; only what waits for somebody to decide."""
        picture = await self._accounts.picture()
        asked = [one for one in reversed(picture.asked) if not self._is_stale(one)]
        names = {user.id: user.name for user in picture.users.values()}
        names[NO_USER] = ""
        there = [one for one in asked if one.user in names and (one.state == WAITING or not waiting)]
        return [self._wanted(one, names[one.user]) for one in there]

    def waiting(self) -> int:
        """How many wait for somebody to decide. From memory."""
        picture = self._accounts.store.picture
        asked = () if picture is None else picture.asked
        return sum(one.state == WAITING and not self._is_stale(one) for one in asked)

    async def ask(self, principal: Principal, new: NewRequest, who: str) -> Decided:
        """Ask for something; it takes effect at once if the member may grant that themselves, and has not had their
        time already."""
        device = _device(principal)
        user = await self._accounts.user(principal.name)
        asked = self._new(user.id, device, new)
        may = principal.grants and await self._has_time(user.id, asked.name, asked.seconds)
        id = await self._file(asked, (device,), who, told=not may)
        return await self.grant(id, who) if may else Decided(await self._one(id))

    async def ask_here(self, visitor: Visitor, new: NewRequest, who: str) -> Decided:
        """Ask for something for the device that somebody sits at, whoever that is."""
        asked = self._new(NO_USER, _known(visitor), new)
        return Decided(await self._one(await self._file(asked, visitor.alike, who, told=True)))

    def _new(self, user: int, device: str, new: NewRequest) -> Asked:
        """A request that can be made."""
        seconds = checks.seconds(new.duration)
        if seconds > LONGEST:
            raise ApiError(400, "invalid", f"{show_duration(LONGEST)} at most can be asked for", "for")
        name = self._name(new.name) if new.name.strip() else ""
        if not name:
            self._exceptions.near(device)  # there must be something to give more time before
        return Asked(0, self._accounts.clock.time(), user, device, name, round(seconds), WAITING, None, "")

    async def _file(self, asked: Asked, alike: Sequence[str], who: str, *, told: bool) -> int:
        """Write it down; `told`: on the trail too."""
        what = f"ask for {_told(asked.name, asked.seconds)} for {asked.client}" if told else ""
        return await self._accounts.change(who, what, lambda connection: askrows.file(connection, asked, alike))

    def _name(self, text: str) -> str:
        """The name that is asked for, with all below it: of somebody, not of everybody."""
        try:
            name = names.below(text.strip())
        except TextError as error:
            raise ApiError(400, "invalid", str(error), "name") from error
        if self._domains.is_public(name):
            raise ApiError(400, "invalid", f"below {name} are the names of everybody: ask for the one you need", "name")
        return name

    async def grant(self, id: int, who: str, duration: str | int | None = None) -> Decided:
        """Have what was asked for take effect now, for as long as was asked for, or so long."""
        asked = await self._asked(id)
        seconds = float(asked.seconds) if duration is None else checks.seconds(duration)
        if seconds > DAY:
            raise ApiError(400, "invalid", "a day at most can be granted: for longer, make a rule", "for")
        await self._decide(asked, GRANTED, who, round(seconds))
        try:
            note = await self._exceptions.allow(asked.client, asked.name, round(seconds), who)
        except ApiError:
            await self._decide(asked, WAITING, "")
            raise
        return Decided(await self._one(id), effective=not note, note=note)

    async def refuse(self, id: int, who: str) -> Decided:
        asked = await self._asked(id)
        await self._decide(asked, REFUSED, who)
        return Decided(await self._one(id))

    async def _asked(self, id: int) -> Asked:
        """What waits under this id."""
        there = (await self._accounts.picture()).asked
        found = next((one for one in there if one.id == id and not self._is_stale(one)), None)
        if found is None:
            raise ApiError(404, "not-found", f"there is no request {id}, or it was asked too long ago", "id")
        if found.state != WAITING:
            raise ApiError(409, "conflict", f"that was {found.state} already, by {found.who}")
        return found

    async def _one(self, id: int) -> Wanted:
        return next(one for one in await self.every() if one.id == id)

    async def _decide(self, asked: Asked, state: str, who: str, seconds: int | None = None) -> None:
        """Note what was decided, unless somebody did meanwhile; WAITING takes it back."""
        decided = None if state == WAITING else self._accounts.clock.time()
        values = {"state": state, "decided": decided, "who": who}
        values |= {} if seconds is None else {"seconds": seconds}

        def work(connection: Connection) -> None:
            before = requests.c.state == (WAITING if state != WAITING else GRANTED)
            done = connection.execute(update(requests).where(requests.c.id == asked.id, before).values(**values))
            if not done.rowcount:
                raise ConflictError("somebody decided that just now: look again")

        user = (await self._accounts.picture()).users.get(asked.user)
        whom = user.name if user else self._exceptions.called(asked.client)
        what = f"refuse {whom} {_told(asked.name, asked.seconds)}"
        await self._accounts.change(who, what if state == REFUSED else "", work)

    async def _has_time(self, user: int, name: str, seconds: float) -> bool:
        """Whether what a member has granted themselves lately leaves room for this."""
        since = self._accounts.clock.time() - HALF_A_DAY
        picture = await self._accounts.picture()
        lately = [one for one in picture.asked if one.user == user and one.name == name and one.state == GRANTED]
        return sum(one.seconds for one in lately if (one.decided or 0.0) > since) + seconds <= LONGEST

    def _is_stale(self, asked: Asked) -> bool:
        return asked.state == WAITING and asked.at < self._accounts.clock.time() - DAY

    def _wanted(self, asked: Asked, user: str) -> Wanted:
        device = self._exceptions.called(asked.client)
        state: State = _STATES.get(asked.state, "waiting")
        return Wanted(asked.id, asked.at, user, device, asked.name, asked.seconds, state, asked.decided, asked.who)


def _device(principal: Principal) -> str:
    if not principal.device:
        raise ApiError(409, "no-device", "this is for members, who have a device of their own")
    return principal.device


def _known(visitor: Visitor) -> str:
    if not visitor.known:
        raise ApiError(409, "no-device", "it is not known which device this is: nothing can be asked for here")
    return visitor.device


def _is_here(asked: Asked, visitor: Visitor) -> bool:
    """Whether a device asked for this, as far as rules can tell it from others."""
    return asked.user == NO_USER and asked.client == visitor.device


def _told(name: str, seconds: float) -> str:
    length = show_duration(seconds)
    return f"{name} for {length}" if name else f"{length} more"
