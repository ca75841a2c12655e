"""Which names are blocked and which are asked for: from files of the real world, or made up, the same for everyone.

Made-up names to block are the bundled starter list multiplied: name number n is a label of that list with three
syllables behind it, under one of the list's own endings, and every third one has a label of the list in front as well
(`tracker` + `lokami` + `.net`). Number n always gives the same name, no two are the same, and the first 10,000 are the
first 10,000 of the ten million too. Their mean length is some 20 characters, as of the lists people use.
"""

from __future__ import annotations

import pathlib
import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import islice, product

ROOT = pathlib.Path(__file__).resolve().parents[2]
STARTER = ROOT / "blocklists" / "starter.txt"

_NAME = re.compile(
    r"(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{,61}[a-z0-9_])?)*\.[a-z]{2,}"
)
_ADDRESS = re.compile(r"^(0\.0\.0\.0|127\.0\.0\.1|::1?)\s+")
_SYLLABLES = tuple(a + b for a, b in product("bdfgklmnprstvz", "aeiou"))
_TAILS = len(_SYLLABLES) ** 3
_STEP = 7_368_787  # a prime that divides neither number of labels nor of syllables: numbers are spread over all names
_WORDS = ("news", "shop", "mail", "photo", "video", "play", "bank", "cloud", "map", "wiki", "forum", "music", "weather")
_ENDINGS = ("com", "com", "com", "org", "net", "de", "io", "co.uk", "fr", "jp")


def named(line: str) -> str | None:
    """The name that a line of a list blocks, whether the list is of hosts, domains, dnsmasq's or AdBlock's syntax; None
    for comments, exceptions and everything that is more than a name."""
    line = line.strip().lower()
    if not line or line[0] in "#![@":
        return None
    if line.startswith("address=/"):
        line = line[9:].partition("/")[0]
    line = line.removeprefix("||").partition("^")[0]
    line = _ADDRESS.sub("", line).partition(" ")[0].removeprefix("*.")
    return line if _NAME.fullmatch(line) else None


def union(lists: Iterable[pathlib.Path]) -> list[str]:
    """All names that lists block, each once, in order."""
    found: set[str] = set()
    for path in lists:
        with path.open(encoding="utf-8", errors="replace") as lines:
            found.update(name for name in map(named, lines) if name is not None)
    return sorted(found)


def made(count: int, starter: pathlib.Path = STARTER) -> Iterator[str]:
    """So many names to block, as told above; the starter list's own are the first."""
    own = union([starter])[:count]
    yield from own
    labels = sorted({label for name in own_labels(own) for label in name.split("-") if label})
    endings = [name.rpartition(".")[2] for name in own]
    for number in range(count - len(own)):
        spread = number * _STEP % (len(labels) * _TAILS)
        tail, label = divmod(spread, len(labels))
        high, low = divmod(tail, len(_SYLLABLES))
        most, middle = divmod(high, len(_SYLLABLES))
        name = (
            f"{labels[label]}{_SYLLABLES[low]}{_SYLLABLES[middle]}{_SYLLABLES[most]}.{endings[number % len(endings)]}"
        )
        yield f"{labels[number % len(labels)]}.{name}" if number % 3 == 0 else name


def own_labels(names: Iterable[str]) -> set[str]:
    """The labels of names but for their endings."""
    return {label for name in names for label in name.split(".")[:-1]}


def popular(count: int, blocked: Sequence[str], file: pathlib.Path | None) -> list[str]:
    """So many names to ask for that nothing blocks, the most popular first: of a file with one a line, or made up."""
    if file is None:
        return list(islice(_made_popular(), count))
    ruled = set(blocked)
    with file.open() as lines:
        found = (line.strip().lower() for line in lines)
        return list(islice((name for name in found if _NAME.fullmatch(name) and not under(name, ruled)), count))


def _made_popular() -> Iterator[str]:
    for number, (first, second, word) in enumerate(product(_SYLLABLES, _SYLLABLES, _WORDS)):
        name = f"{word}{first}{second}.{_ENDINGS[number % len(_ENDINGS)]}"
        yield f"www.{name}" if number % 2 else name


def under(name: str, ruled: AbstractSet[str]) -> bool:
    """Whether the name, or one above it, is among them."""
    labels = name.split(".")
    return any(".".join(labels[at:]) in ruled for at in range(len(labels)))
