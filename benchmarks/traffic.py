"""Traffic as a house makes it, for the benchmarks of the log: page loads by several devices, popular names by Zipf's
law, chatter of devices, names that nobody asks twice.

A folder may give names of the real world: `top-100k.txt` (names, the most popular first) and `pageloads.jsonl` (one
page a line: {"site": …, "names": […]}, all that a browser asked for). Without it names are made up: 20,000 popular
ones, and 300 pages of 5 to 40 names each, of which two thirds are of 200 third parties shared by all pages.
"""

from __future__ import annotations

import itertools
import json
import math
import pathlib
import random
from collections.abc import Iterator, Sequence

from resolver.journal.frames import Batch, Row
from resolver.model import Exchange

DAY = 86_400
UPSTREAMS = ("https://dns.one.example/dns-query", "tls://192.0.2.1#dns.two.example", "udp://192.0.2.53")
GROUPS = ("default", "kids", "guests", "things")
BLOCKED = ("ad.", "ads", "adserv", "analytic", "track", "pixel", "tag", "sync", "metric", "telemetry", "doubleclick")
PAGES = 20_000  # that are visited; those beyond the recorded ones are put together from their third parties
CHATTER = ("time.example.net", "connectivity.example.org", "push.example.com", "api.thermostat.example", "ntp.example")
_A, _PTR, _AAAA, _HTTPS = 1, 12, 28, 65


class Names:
    """Popular names, most popular first, and what recorded pages ask for."""

    def __init__(self, folder: pathlib.Path | None, chance: random.Random) -> None:
        if folder is None:
            self.popular = [f"www.site{number}.example" for number in range(20_000)]
            third = [
                f"{kind}{number}.cdn{number % 40}.example"
                for number in range(50)
                for kind in (*BLOCKED[:2], "js", "img")
            ]
            self.pages = [_made_up(number, third, chance) for number in range(300)]
        else:
            self.popular = (folder / "top-100k.txt").read_text().split()
            lines = (folder / "pageloads.jsonl").read_text().splitlines()
            self.pages = [json.loads(line)["names"] for line in lines]
        self.third = [name for page in self.pages for name in page[1:]]


def _made_up(number: int, third: Sequence[str], chance: random.Random) -> list[str]:
    site, size = f"page{number}.example", chance.randint(4, 39)
    own = [f"{word}.{site}" for word in ("static", "img", "api", "fonts")]
    return [site, *chance.sample(own, k=min(4, size // 3)), *chance.sample(third, k=size - size // 3)]


class Traffic:
    """An endless stream of rows, the same for the same seed. `once` is the share of names that nobody asks again; of
    the devices, the last tenth asks next to nothing."""

    def __init__(self, folder: pathlib.Path | None, *, devices: int = 40, once: float = 0.03, seed: int = 1) -> None:
        self._chance = random.Random(seed)
        self._names = Names(folder, self._chance)
        self._once = once
        self._exchanges: dict[tuple[str, int, str, int], Exchange] = {}
        self._devices = [_address(number) for number in range(devices)]
        loud = devices - devices // 10
        weights = [1 / (number + 1) ** 0.7 for number in range(loud)]
        weights += [sum(weights) * 1e-6] * (devices - loud)
        self._loudness = list(itertools.accumulate(weights))
        self._pages = self._all_pages()
        ranks = (1 / (rank + 1) ** 0.9 for rank in range(len(self._pages)))
        self._page_ranks = list(itertools.accumulate(ranks))
        ranks = (1 / (rank + 1) for rank in range(len(self._names.popular)))
        self._name_ranks = list(itertools.accumulate(ranks))

    def batches(self, rows: int, begin: int, days: float, feed: str = "made") -> Iterator[Batch]:
        """So many rows over so many days from a Unix second on, more by day than by night, a batch for each second."""
        stream, left, owed = self.rows(), rows, 0.0
        mean = rows / (days * DAY)
        for seq in itertools.count(1):
            second = begin + seq
            owed += mean * (1 - 0.8 * math.cos(2 * math.pi * (second % DAY) / DAY)) * self._chance.uniform(0.4, 1.6)
            some = list(itertools.islice(stream, min(int(owed), left)))
            owed -= len(some)
            if some:
                yield batch(feed, seq, second, some)
            left -= len(some)
            if not left:
                return

    def rows(self) -> Iterator[Row]:
        """Page loads, single names and chatter, one device after the other."""
        chance = self._chance
        while True:
            devices = chance.choices(range(len(self._devices)), cum_weights=self._loudness, k=1000)
            pages = chance.choices(self._pages, cum_weights=self._page_ranks, k=1000)
            names = chance.choices(self._names.popular, cum_weights=self._name_ranks, k=1000)
            for device, page, name in zip(devices, pages, names, strict=True):
                yield from self._visit(device, page if chance.random() < 0.5 else self._single(name))

    def _all_pages(self) -> list[list[str]]:
        """The recorded pages, spread among pages of popular names with third parties of the recorded ones."""
        chance, pages = self._chance, []
        recorded = iter(self._names.pages)
        for rank, name in enumerate(self._names.popular[:PAGES]):
            if rank % 5 == 0 and (page := next(recorded, None)) is not None:
                pages.append(page)
            pages.append([name, f"static.{name}", *chance.sample(self._names.third, k=chance.randint(2, 25))])
        return pages

    def _single(self, name: str) -> list[str]:
        return [name if self._chance.random() < 0.7 else self._chance.choice(CHATTER)]

    def _visit(self, device: int, names: Sequence[str]) -> Iterator[Row]:
        chance = self._chance
        address, group = self._devices[device], GROUPS[device % 7 % len(GROUPS)]
        types = (_A, _AAAA, _HTTPS) if device % 3 else (_A,)
        for name in names:
            if chance.random() < self._once:
                name = f"{chance.getrandbits(48):012x}.{name}"  # noqa: PLW2901 - and never again
            for type in types:
                if type == _A or chance.random() < 0.7:
                    exchange, took = self._answered(name, type)
                    yield Row(address, group, exchange, 1 if chance.random() < 0.93 else chance.randint(2, 9), took)
        if chance.random() < 0.02:
            yield Row(address, group, self._put("9.2.0.192.in-addr.arpa", _PTR, "local", 0), 1, 80)

    def _answered(self, name: str, type: int) -> tuple[Exchange, int]:
        chance = self._chance
        dice = chance.random()
        if any(word in name for word in BLOCKED):
            return self._put(name, type, "blocked", int(dice * 1.05)), int(dice * 300)
        if dice < 0.6:
            return self._put(name, type, "cache", 0), 0 if dice < 0.5 else int(dice * 900)
        upstream = int(chance.random() ** 2 * 3)
        took = int(chance.lognormvariate(9.6, 0.8))
        return self._put(name, type, "upstream" if dice < 0.998 else "failed", upstream), took

    def _put(self, name: str, type: int, how: str, which: int) -> Exchange:
        """An exchange, the same object for the same facts."""
        key = (name, type, how, which)
        made = self._exchanges.get(key)
        if made is None:
            if len(self._exchanges) > 200_000:
                self._exchanges.clear()
            made = self._exchanges[key] = _exchange(name, type, how, which)
        return made


def batch(feed: str, seq: int, second: int, rows: list[Row]) -> Batch:
    """A batch whose totals are those of its rows."""
    totals: dict[str, int] = {}
    for row in rows:
        kind = f"{row.exchange.verdict}/{row.exchange.origin}"
        totals[kind] = totals.get(kind, 0) + row.count
    return Batch(feed, seq, second, rows, totals)


def _exchange(name: str, type: int, how: str, which: int) -> Exchange:
    domain = ".".join(name.split(".")[-2:])
    match how:
        case "blocked":
            via = f"{domain.partition('.')[0]}.collector.example" if which else ""
            return Exchange(
                name, type, 0, "local", "block", "ads" if len(domain) % 3 else "trackers", f"||{domain}^", via
            )
        case "local":
            return Exchange(name, type, 3, "local", "rewrite", "special-use", domain)
        case "failed":
            return Exchange(name, type, 2, "local", "pass", upstream=UPSTREAMS[which])
    nothing = 3 if name[0] in "0123456789" and len(name) % 4 == 0 else 0
    shadow = f"trial: ||{domain}^" if len(name) % 199 == 0 else ""
    upstream = "" if how == "cache" else UPSTREAMS[which]
    if len(name) % 97 == 0:
        return Exchange(name, type, nothing, how, "allow", "rules", f"allow {domain}", "", upstream, shadow, "rule:1")
    return Exchange(name, type, nothing, how, "pass", upstream=upstream, shadow=shadow)


def _address(number: int) -> str:
    return f"198.18.{number // 256}.{number % 256}" if number % 4 else f"2001:db8::{number // 4:x}"
