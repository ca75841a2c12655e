"""A day of three devices, made of real page loads and background noise: what each asks for, and when somebody finds a
page broken. No part of Lull decides here but the policy, which says what is blocked."""

from __future__ import annotations

import json
import pathlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

DAWN = 1_767_225_600  # 2026-01-01 00:00 UTC
HOUR = 3600
SITES = 100
DEVICES = ("192.0.2.10", "192.0.2.11", "192.0.2.20")

_PACE = 5  # names of a page asked for in one second
_MORNING, _NIGHT = 7 * HOUR, 23 * HOUR
_BLOCKED_TTL = 10
_TTLS = (30, 60, 300, 300, 3600)


class Page(NamedTuple):
    """A page: its site, the names it leads to in the order of asking, and for each who asks for it: the place of
    another name, whose script does, or -1 for the page itself."""

    site: str
    names: tuple[str, ...]
    parents: tuple[int, ...]


class World(NamedTuple):
    """What is not known, and therefore tried both ways: which blocked names pages need, and who asks for names."""

    title: str
    by_name: bool
    chains: float


_RECORDED = "everything is asked for as it was recorded"
_LOADED = "half of what others serve is loaded by scripts of others"

WORLDS = (
    World(f"any name of a page is needed; {_RECORDED}", by_name=False, chains=0.0),
    World(f"any name of a page is needed; {_LOADED}", by_name=False, chains=0.5),
    World(f"any name of the lists is a mistake; {_RECORDED}", by_name=True, chains=0.0),
    World(f"any name of the lists is a mistake; {_LOADED}", by_name=True, chains=0.5),
)


class Wanted(NamedTuple):
    """That a name is wanted by a program on a device: it is asked for unless the answer is still remembered."""

    at: int
    device: str
    name: str


class Complaint(NamedTuple):
    """That somebody finds a page broken, after having loaded it again."""

    at: int
    device: str
    page: Page
    needed: str


def pages_of(path: pathlib.Path, chains: float, chance: random.Random) -> list[Page]:
    """The pages of a file. With `chains`, so large a share of what belongs to others is asked for by a script of
    somebody else who came before, and not at all while that is blocked."""
    found = []
    for line in path.read_text().splitlines():
        names = tuple(dict.fromkeys(json.loads(line)["names"]))
        own = ".".join(names[0].split(".")[-2:])
        foreign = [place for place, name in enumerate(names) if not name.endswith(own)]
        parents = [-1] * len(names)
        for count, place in enumerate(foreign):
            if count and chance.random() < chains:
                parents[place] = chance.choice(foreign[:count])
        found.append(Page(names[0], names, tuple(parents)))
    return found


def asked_by(page: Page, blocked: Callable[[str], bool]) -> list[tuple[int, str]]:
    """The names that a page comes to ask for, with their places: what is blocked asks for nothing itself."""
    there: dict[int, str] = {}
    for place, (name, parent) in enumerate(zip(page.names, page.parents, strict=True)):
        if parent < 0 or (parent in there and not blocked(there[parent])):
            there[place] = name
    return list(there.items())


def choose(
    pages: Sequence[Page],
    blocked: Callable[[str], bool],
    domain_of: Callable[[str], str],
    chance: random.Random,
    *,
    by_name: bool,
) -> list[tuple[Page, str]]:
    """Pages that can be opened, each with a blocked name of somebody else that it asks for. `by_name`: each name is as
    likely as any other to be the one that lists are wrong about, on however many pages it is; else each name of a page
    is as likely to be what that needs."""
    pages_with = Counter(name for page in pages for name in set(page.names))
    found = []
    for page in pages:
        own = domain_of(page.site)
        foreign = [name for _, name in asked_by(page, blocked) if blocked(name) and domain_of(name) != own]
        if foreign and not blocked(page.site):
            odds = [1 / pages_with[name] if by_name else 1.0 for name in foreign]
            found.append((page, *chance.choices(foreign, odds)))
    return chance.sample(found, min(SITES, len(found)))


class Day:
    """Everything that is wanted in a day, in order, with its complaints: `events`."""

    def __init__(
        self,
        pages: Sequence[Page],
        broken: Sequence[tuple[Page, str]],
        noise: Sequence[str],
        blocked: Callable[[str], bool],
        chance: random.Random,
    ) -> None:
        """`broken`: pages with the name that they need; `noise`: what programs ask for all day."""
        self._chance = chance
        self._blocked = blocked
        self._pages = pages
        needs = {page.site: needed for page, needed in broken}
        self._events: list[Wanted | Complaint] = []
        for page in pages:
            self._visited(page, needs.get(page.site))
        for device in DEVICES:
            for name in chance.sample(list(noise), 25):
                self._hummed(device, name, chance.uniform(120, 1500))

    def events(self) -> Iterator[Wanted | Complaint]:
        """In the order of time; a complaint comes after what was asked in its second."""
        yield from sorted(self._events, key=lambda one: (one.at, isinstance(one, Complaint)))

    def _visited(self, page: Page, needed: str | None) -> None:
        chance = self._chance
        home, *others = chance.sample(DEVICES, len(DEVICES))
        times = sorted(DAWN + chance.randrange(_MORNING, _NIGHT) for _ in range(chance.choice((1, 1, 2, 3, 4))))
        for at in times:
            self._visit(page, home, at)
        for other in others:
            if chance.random() < 0.25:
                self._visit(page, other, DAWN + chance.randrange(_MORNING, _NIGHT))
        if needed is not None:
            at = times[-1]
            for _ in range(2):
                at += chance.randrange(20, 60)
                self._load(page, home, at)
            self._events.append(Complaint(at + 45, home, page, needed))

    def _visit(self, page: Page, device: str, at: int) -> None:
        """A load; sometimes another page is opened along with it, or adverts are renewed while it stays open."""
        chance = self._chance
        self._load(page, device, at)
        if chance.random() < 0.2:
            self._load(chance.choice(self._pages), device, at + chance.randrange(-3, 7))
        asked = [name for _, name in asked_by(page, self._blocked)][1:]
        if chance.random() < 0.3 and asked:
            some = chance.sample(asked, min(4, len(asked)))
            for later in range(at + 30, at + chance.randrange(300, 900), chance.randrange(30, 60)):
                self._events += [Wanted(later, device, name) for name in some]

    def _load(self, page: Page, device: str, at: int) -> None:
        for place, name in asked_by(page, self._blocked):
            self._events.append(Wanted(at + place // _PACE, device, name))

    def _hummed(self, device: str, name: str, period: float) -> None:
        at = DAWN + self._chance.random() * period
        while at < DAWN + 24 * HOUR:
            self._events.append(Wanted(int(at), device, name))
            at += self._chance.expovariate(1 / period)


class Stub:
    """What devices remember of answers: whether a name must be asked for."""

    def __init__(self, blocked: Callable[[str], bool]) -> None:
        self._blocked = blocked
        self._until: dict[tuple[str, str], int] = {}

    def asks(self, wanted: Wanted) -> bool:
        if self._until.get((wanted.device, wanted.name), 0) > wanted.at:
            return False
        ttl = _BLOCKED_TTL if self._blocked(wanted.name) else _TTLS[sum(wanted.name.encode()) % len(_TTLS)]
        self._until[wanted.device, wanted.name] = wanted.at + ttl
        return True
