#!/usr/bin/env python3
"""Is the name that a broken site misses among the suspects? repair.py PAGELOADS POPULAR LIST … [--seeds 3]

Real page loads ("site" and "names" a line, in JSON) are the traffic of three devices over a day, with background noise;
the lists are in force. For 100 sites one blocked name of somebody else is what they need: after the last visit the page
is loaded twice more, and the log is looked at as `lull site SITE` does. Then the suspects are halved until the culprit
is left. Prints how often it (the domain that it is of) is among the first 3 and 10, how large the bundle is, and how
many reloads it takes after that with the whole bundle. POPULAR ("rank,name" or "name" a line) is where the noise is
from.

No knowledge of what is needed goes into the order of suspects. What one page asks for in every load cannot be told
apart by that: in brackets is how often the culprit would be among the first 3 and 10 if only what that page asks for
were suspected, in any order.
"""

from __future__ import annotations

import argparse
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from benchmarks.repair_day import WORLDS, Complaint, Day, Page, Stub, World, asked_by, choose, pages_of
from resolver.journal.frames import Row
from resolver.model import Block, Client, Exchange, Type
from resolver.policy.bundle import Bundle
from resolver.policy.decide import decide
from resolver.policy.document import Document, GroupEntry, ListEntry
from resolver.repair.bisect import Answer, Found, Try, step
from resolver.repair.domains import Domains
from resolver.repair.look import look
from resolver.repair.suspects import likelihoods
from resolver.rules.child import COMMAND, Job, encode_job
from resolver.rules.compile import Source
from resolver.rules.ruleset import RuleSet
from resolver.store.backlog import Waiting
from resolver.store.database import Database
from resolver.store.interning import Interner
from resolver.store.loads import DeviceRows
from resolver.store.storing import store
from resolver.wire.name import from_text

DAY = 86_400


class Outcome(NamedTuple):
    """Of one broken site: the culprit's place among the suspects (from 1; 0: not there), how many domains of the page
    were blocked, of how many the bundle is, and how many names, how often the page was reloaded until the culprit was
    found (once with the whole bundle; 0: it was not in there), and how many seconds the look at the log took."""

    place: int
    blocked: int
    bundle: int
    names: int
    reloads: int
    seconds: float


class Lists:
    """The lists in force, compiled as control does."""

    def __init__(self, lists: Sequence[pathlib.Path], out: pathlib.Path) -> None:
        ids = [path.stem.replace(".", "-") for path in lists]
        named = enumerate(zip(ids, lists, strict=True))
        sources = [Source(place, id, path.absolute(), "auto") for place, (id, path) in named]
        subprocess.run(COMMAND, input=encode_job(Job(sources, out)), stdout=subprocess.DEVNULL, check=True)
        document = Document(lists=tuple(map(ListEntry, ids)), groups=(GroupEntry("default", lists=tuple(ids)),))
        self._bundle = Bundle("1", document, RuleSet.open(out, ids))
        self._known: dict[str, Block | None] = {}

    def verdict(self, name: str) -> Block | None:
        if name not in self._known:
            client = Client("192.0.2.10", "default")
            found = decide(from_text(name), name, Type.A, client, self._bundle, 0.0)
            self._known[name] = found if isinstance(found, Block) else None
        return self._known[name]

    def blocked(self, name: str) -> bool:
        return self.verdict(name) is not None


class Log:
    """A database that the day is written into, as the journal would have it written."""

    def __init__(self, path: pathlib.Path, lists: Lists) -> None:
        self.database = Database.open(path)
        self._lists = lists
        self._rows: dict[int, list[Row]] = {}
        self._seq = 0

    def take(self, at: int, device: str, name: str) -> None:
        found = self._lists.verdict(name)
        verdict, source, rule = ("block", found.rule.source, found.rule.text) if found else ("pass", "", "")
        self._rows.setdefault(at, []).append(
            Row(device, "default", Exchange(name, 1, 0, "local", verdict, source, rule), 1, 90)
        )

    def write(self) -> None:
        batches = []
        for second, rows in sorted(self._rows.items()):
            self._seq += 1
            batches.append(Waiting("day", self._seq, second, rows, {}))
        self._rows = {}
        interner, database = Interner(), self.database
        database.run(lambda connection: store(connection, batches, interner, database.generation))


def repaired(complaint: Complaint, log: Log, lists: Lists, domains: Domains) -> Outcome:
    began = time.perf_counter()
    rows = DeviceRows(log.database, [complaint.device], complaint.at - 7 * DAY)
    known = look(rows, domains.registrable(complaint.page.site), domains.registrable).known
    seconds = time.perf_counter() - began
    suspects = [one.suspect for one in known]
    weights = likelihoods(suspects)
    place = next((n for n, one in enumerate(suspects, 1) if complaint.needed in {it.name for it in one.names}), 0)
    culprit = suspects[place - 1].domain if place else ""
    asked = [name for _, name in asked_by(complaint.page, lists.blocked) if lists.blocked(name)]
    return Outcome(
        place,
        len({domains.registrable(name) for name in asked}),
        len(weights),
        sum(len(one.names) for one in suspects if one.domain in weights),
        bisected(weights, lambda tried: culprit in tried),
        seconds,
    )


def bisected(weights: dict[str, float], works: Callable[[frozenset[str]], bool]) -> int:
    """Reloads until it is known what is needed, the first with the whole bundle; 0 if it is not in there."""
    answers: list[Answer] = []
    while isinstance(next := step(weights, answers), Try):
        names = frozenset(next.names)
        answers.append(Answer(names, works(names)))
    return len(answers) if isinstance(next, Found) else 0


def lived(pageloads: pathlib.Path, popular: pathlib.Path, lists: Lists, world: World, seed: int) -> list[Outcome]:
    """One day, from its first question to its last complaint."""
    chance = random.Random(seed)
    domains = Domains()
    pages = pages_of(pageloads, world.chains, chance)
    broken = choose(pages, lists.blocked, domains.registrable, chance, by_name=world.by_name)
    day = Day(pages, broken, noise_of(popular, pages, lists, chance), lists.blocked, chance)
    stub = Stub(lists.blocked)
    found = []
    with tempfile.TemporaryDirectory() as directory:
        log = Log(pathlib.Path(directory) / "lull.db", lists)
        for event in day.events():
            if isinstance(event, Complaint):
                log.write()
                found.append(repaired(event, log, lists, domains))
            elif stub.asks(event):
                log.take(event.at, event.device, event.name)
        log.database.close()
    return found


def noise_of(popular: pathlib.Path, pageloads: Sequence[Page], lists: Lists, chance: random.Random) -> list[str]:
    """What programs ask for all day: popular names and blocked names that pages ask for too, half of it blocked."""
    names = [line.rsplit(",", 1)[-1].strip() for line in popular.read_text().splitlines()[:20_000]]
    blocked = [name for name in names if lists.blocked(name)]
    trackers = sorted({name for page in pageloads for name in page.names if lists.blocked(name)})
    return [*chance.sample(names, 40), *chance.sample(blocked, min(25, len(blocked))), *chance.sample(trackers, 15)]


def said(outcomes: Sequence[Outcome]) -> str:
    def share(most: int) -> float:
        return 100 * statistics.mean(0 < one.place <= most for one in outcomes)

    def chance(most: int) -> float:
        return 100 * statistics.mean(min(1, most / one.blocked) for one in outcomes)

    halves = [one.reloads - 1 for one in outcomes if one.reloads]  # the first reload is that of the whole bundle
    return "; ".join(
        (
            f"first 3 {share(3):5.1f} % ({chance(3):.0f}), first 10 {share(10):5.1f} % ({chance(10):.0f})",
            f"in the bundle {100 * len(halves) / len(outcomes):5.1f} %",
            f"bundle {statistics.median(one.bundle for one in outcomes):g} domains, "
            f"{statistics.median(one.names for one in outcomes):g} names (most {max(one.names for one in outcomes)})",
            f"reloads {statistics.mean(halves):.2f} (<= 4: {100 * statistics.mean(n <= 4 for n in halves):.0f} %, "
            f"most {max(halves)})",
            f"look {1000 * statistics.median(one.seconds for one in outcomes):.0f} ms",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pageloads", type=pathlib.Path)
    parser.add_argument("popular", type=pathlib.Path)
    parser.add_argument("lists", nargs="+", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    arguments = parser.parse_args()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    with tempfile.TemporaryDirectory() as directory:
        lists = Lists(arguments.lists, pathlib.Path(directory))
        for world in WORLDS:
            days = [lived(arguments.pageloads, arguments.popular, lists, world, seed) for seed in seeds]
            print(world.title)
            for seed, outcomes in zip(seeds, days, strict=True):
                print(f"  seed {seed}, {len(outcomes)} sites: {said(outcomes)}")
            print(f"  all: {said([one for outcomes in days for one in outcomes])}", flush=True)


if __name__ == "__main__":
    main()
