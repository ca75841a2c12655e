"""The files of a run: the rules that everyone has in force, and the queries that everyone is asked."""

from __future__ import annotations

import hashlib
import itertools
import pathlib
import random
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from benchmarks.bench import names

SEED = 1
RULES = 800_000  # of a run without lists of the real world
POPULAR = 10_000  # different names among those that are asked for again and again
ASKED = 100_000  # queries of a file that are asked round and round
MISSES = 1_000_000  # names that nobody asks for twice
BLOCKED_SHARE = 0.3  # of the mixed queries
KINDS = ("cached", "blocked", "mixed", "missed")
_PIECE = 2_000_000  # names in one list at most: Lull takes no list of more than 64 MiB
_BLOCKED = 50_000  # different blocked names that are asked for


class Rules(msgspec.Struct, frozen=True):
    """Names to block with all below them: `file` has one a line, `lists` the same as people have them, which is what
    Lull reads. `sample` has some of the names, `first` is asked for while a server starts. `made`: made up."""

    made: bool
    count: int
    file: pathlib.Path
    lists: Sequence[pathlib.Path]
    sample: Sequence[str]

    @property
    def first(self) -> str:
        return self.sample[0]


class Workload(msgspec.Struct, frozen=True):
    """Rules, the queries of each of KINDS, and what the files were made of (`told`, `digests`: SHA-256)."""

    rules: Rules
    queries: dict[str, pathlib.Path]
    told: str
    digests: dict[str, str]


def make(folder: pathlib.Path, lists: pathlib.Path | None, popular: pathlib.Path | None, count: int) -> Workload:
    """The files of a run, in a folder; `count` names are made up when no lists are given."""
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(SEED)
    rules = made_rules(folder, count) if lists is None else real_rules(folder, lists)
    chosen = [*rules.sample]
    known = names.popular(POPULAR, _all(rules) if popular else (), popular)
    queries = {kind: folder / f"{kind}.txt" for kind in KINDS}

    def often() -> str:
        return known[min(int(chance.paretovariate(0.6)) - 1, len(known) - 1)]

    write_queries(queries["cached"], (often() for _ in range(ASKED)))
    write_queries(queries["blocked"], chosen)
    write_queries(
        queries["mixed"],
        (chance.choice(chosen) if chance.random() < BLOCKED_SHARE else often() for _ in range(ASKED)),
    )
    write_queries(queries["missed"], (f"n{number}.{chance.choice(known)}" for number in range(MISSES)))
    told = (
        f"{rules.count:,} names blocked, "
        + (f"of the {len(rules.lists)} lists of a folder" if lists else "made up")
        + f"; {len(known):,} popular names, {'of a file' if popular else 'made up'}; seed {SEED}"
    )
    digests = {path.stem: _digest(path) for path in (rules.file, *queries.values())}
    return Workload(rules, queries, told, digests)


def made_rules(folder: pathlib.Path, count: int) -> Rules:
    """Rules that are made up, as several lists if they are many."""
    folder.mkdir(parents=True, exist_ok=True)
    file, source = folder / "rules.txt", names.made(count)
    lists: list[pathlib.Path] = []
    with file.open("w") as whole:
        while piece := list(itertools.islice(source, _PIECE)):
            text = "\n".join(piece) + "\n"
            whole.write(text)
            lists.append(folder / f"list{len(lists) + 1}.txt")
            lists[-1].write_text(text)
    return Rules(made=True, count=count, file=file, lists=lists, sample=_sample(file, count))


def real_rules(folder: pathlib.Path, lists: pathlib.Path) -> Rules:
    """Rules that people use: what Lull reads are their lists, what the others get is the union of the names in them."""
    paths = sorted(path for path in lists.iterdir() if path.is_file())
    union = names.union(paths)
    if not union:
        raise ValueError(f"{lists} has no lists")
    file = folder / "rules.txt"
    _lines(file, union)
    count = len(union)
    return Rules(made=False, count=count, file=file, lists=paths, sample=_sample(file, count))


def _sample(file: pathlib.Path, count: int) -> list[str]:
    """Some of the names, in no order. The first is none of the starter list, with which Lull starts when nothing else
    is there."""
    chance, starter = random.Random(SEED), set(names.union([names.STARTER]))
    numbers = set(chance.sample(range(count), min(count, _BLOCKED)))
    with file.open() as lines:
        some = [line.strip() for number, line in enumerate(lines) if number in numbers]
    chance.shuffle(some)
    first = next((at for at, name in enumerate(some) if not names.under(name, starter)), 0)
    some[0], some[first] = some[first], some[0]
    return some


def _all(rules: Rules) -> list[str]:
    return rules.file.read_text().split()


def write_queries(path: pathlib.Path, asked: Iterable[str]) -> None:
    """A file of queries as the load generator reads it."""
    _lines(path, (f"{name} A" for name in asked))


def _lines(path: pathlib.Path, lines: Iterable[str]) -> None:
    with path.open("w") as out:
        out.writelines(f"{line}\n" for line in lines)


def _digest(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(rules: Rules) -> Iterator[str]:
    """The names to block, one after the other."""
    with rules.file.open() as lines:
        for line in lines:
            yield line.rstrip("\n")
