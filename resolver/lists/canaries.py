"""Names that no list may block: if a new version would, the version is wrong."""

from __future__ import annotations

import logging
import pathlib
from collections.abc import Iterable, Iterator

import msgspec
import yarl

from resolver.rules.normal import is_address, normal

POPULAR = "popular.txt"
"""The file of the most popular names, beside the catalogue: `name [category …]` a line, `#` begins a comment."""

log = logging.getLogger(__name__)

_LARGEST = 1 << 20
_MOST_POPULAR = "one of the most popular names"


class Canary(msgspec.Struct, frozen=True):
    """A name in normal form, and what it is to people: "the name of an upstream".

    Lists of one of these `categories` in the catalogue may block it. A `usual` name is one that people here
    look up often: lists that never had a version may block it, since people choose them to.
    """

    name: str
    what: str
    categories: frozenset[str] = frozenset()
    usual: bool = False


def popular(directory: pathlib.Path) -> tuple[Canary, ...]:
    """The most popular names, with and without `www.`, of the file in `directory`. Never raises: without the file there
    are none, which the log says. Blocking."""
    path = directory / POPULAR
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST).decode("utf-8", "replace")
    except OSError as error:
        log.warning("%s cannot be read, so lists may block popular names: %s", path, error.strerror or error)
        return ()
    found: dict[str, Canary] = {}
    for line in text.splitlines():
        name, *categories = line.partition("#")[0].split() or [""]
        for one in (name, f"www.{name.removeprefix('www.')}"):
            if normal(one) == one:
                found.setdefault(one, Canary(one, _MOST_POPULAR, frozenset(categories)))
    return tuple(found.values())


def own_hosts(urls: Iterable[str]) -> Iterator[Canary]:
    """The hosts that a list is downloaded from."""
    for url in urls:
        yield from named(yarl.URL(url).raw_host or "", "where this list itself comes from")


def named(host: str, what: str) -> Iterator[Canary]:
    """A host by its name; nothing for an address."""
    name = normal(host)
    if name is not None and not is_address(host):
        yield Canary(name, what)
