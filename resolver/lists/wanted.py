"""What config and catalogue together say of each list: where it comes from and how it is read."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable
from typing import Literal

import msgspec

from resolver.config.schema import ListSource
from resolver.errors import ListError
from resolver.lists.catalogue import Catalogue, Category, Entry
from resolver.paths import STARTER


class Wanted(msgspec.Struct, frozen=True):
    """A list in use. Either `file` (absolute) or `urls`, tried in order; `refresh` is in seconds. `category` is the
    catalogue's words for what it is about; none for a list that is not as the catalogue has it. With `ships` the file
    is Lull's own."""

    id: str
    title: str
    kind: Literal["block", "allow"]
    syntax: str
    subdomains: bool
    refresh: float
    urls: tuple[str, ...] = ()
    file: pathlib.Path | None = None
    mode: Literal["live", "shadow"] = "live"
    category: tuple[Category, ...] = ()
    ships: bool = False

    @property
    def origins(self) -> tuple[str, ...]:
        """Where a version of it may have come from: its URLs, or its file's path."""
        return self.urls if self.file is None else (str(self.file),)


def resolve(sources: Iterable[ListSource], catalogue: Catalogue) -> tuple[Wanted, ...]:
    """Every configured list, and the starter list after them unless it is one of them.

    What a source says outranks the catalogue: also for the id of the starter list, whose place another may take. Raises
    ListError, for all of them at once, for a source that is neither in the catalogue nor has a file or URL, and for an
    id given twice.
    """
    wanted: dict[str, Wanted] = {}
    wrong = []
    for source in sources:
        entry = catalogue.entries.get(source.id)
        own = source.file is not None or source.url is not None
        if source.id in wanted:
            wrong.append(f"list {source.id}: is given twice; remove one")
        elif not own and entry is None:
            wrong.append(f"list {source.id}: is not in the catalogue; give it a file or a url")
        else:
            wanted[source.id] = _merge(source, entry, catalogue)
    if wrong:
        raise ListError("\n".join(wrong))
    if STARTER not in wanted:
        source = ListSource(STARTER)
        wanted[STARTER] = _merge(source, catalogue.entries.get(STARTER), catalogue)
    return tuple(wanted.values())


def _merge(source: ListSource, entry: Entry | None, catalogue: Catalogue) -> Wanted:
    if entry is None and not (source.file or source.url):
        raise ListError(f"{catalogue.directory}: the catalogue has no list {source.id}; install Lull again")
    urls: tuple[str, ...] = (source.url,) if source.url else ()
    file = source.file
    category: tuple[Category, ...] = ()
    if entry is not None and not urls and file is None:
        urls, file, category = entry.urls, catalogue.file_of(entry), entry.category
    return Wanted(
        id=source.id,
        title=entry.title if entry else source.id,
        kind=source.kind or (entry.kind if entry else "block"),
        syntax=source.syntax or (entry.syntax if entry else "auto"),
        subdomains=(entry is not None and entry.subdomains) if source.subdomains is None else source.subdomains,
        refresh=source.refresh,
        urls=urls,
        file=file.absolute() if file else None,
        mode=source.mode,
        category=category,
        ships=file is not None and file != source.file,
    )
