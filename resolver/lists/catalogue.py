"""The lists and presets that Lull knows by name: `blocklists/catalogue.yaml`, typed. Imports little: every process may
read it."""

from __future__ import annotations

import pathlib
from collections import Counter
from typing import Annotated, Literal, get_args

import msgspec

from resolver.config import data
from resolver.config.known import Known
from resolver.config.offered import Offered
from resolver.config.values import ListId
from resolver.errors import ListError
from resolver.paths import shipped
from resolver.rules import ownrule

Category = Literal[
    "general",
    "advertising",
    "tracking",
    "privacy",
    "telemetry",
    "television",
    "malware",
    "phishing",
    "scams",
    "mining",
    "adult",
    "gambling",
    "social",
    "piracy",
    "dating",
    "regional",
    "new-domains",
    "dynamic-dns",
    "bypass",
    "shorteners",
    "allow",
]
Level = Literal["gentle", "normal", "strict"]
CATEGORIES: tuple[str, ...] = get_args(Category)
LEVELS: tuple[str, ...] = get_args(Level)

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Https = Annotated[str, msgspec.Meta(pattern=r"^https://[a-z0-9.-]+\.[a-z]{2,}(/\S*)?$")]
_Language = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$")]
_FileName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A list of the catalogue; the keys are explained at the head of the file. Either `urls` or `file` is given."""

    id: ListId
    title: _Text
    blocks: _Text
    breaks: Literal["rarely", "sometimes", "often"]
    homepage: str
    licence: _Text
    syntax: Literal["hosts", "domains", "adblock", "dnsmasq", "rpz", "auto"]
    category: Annotated[tuple[Category, ...], msgspec.Meta(min_length=1)]
    level: Level
    language: tuple[_Language, ...] = ()
    note: str = ""
    since: Annotated[int, msgspec.Meta(ge=1990, le=2100)] | None = None
    kind: Literal["block", "allow"] = "block"
    subdomains: bool = False
    urls: Annotated[tuple[_Https, ...], msgspec.Meta(max_length=2)] = ()
    file: _FileName | None = None


class Preset(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Several lists in one word. Its id stands in a config like a list's."""

    id: ListId
    title: _Text
    means: _Text
    lists: Annotated[tuple[ListId, ...], msgspec.Meta(min_length=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lists: list[Entry]
    presets: list[Preset] = []


class Catalogue(msgspec.Struct, frozen=True):
    """The entries and presets by id, in the order of the file, the directory in which their `file`s are, and what else
    a config may name: services and search engines."""

    entries: dict[str, Entry]
    directory: pathlib.Path
    presets: dict[str, Preset] = {}
    offered: Offered = Offered()

    @classmethod
    def load(cls, path: pathlib.Path | None = None) -> Catalogue:
        """The catalogue that ships with Lull, with its services; or the one at `path`, without. Raises ListError when
        it cannot be used."""
        offered = Offered.load() if path is None else Offered()
        path = path or shipped("blocklists", "catalogue.yaml")
        try:
            read = msgspec.convert(data.tree(path), _File)
        except msgspec.ValidationError as error:
            raise ListError(f"{path}: {error}") from error
        _check(read, path)
        presets = {preset.id: preset for preset in read.presets}
        return cls({entry.id: entry for entry in read.lists}, path.parent, presets, offered)

    def ids(self) -> tuple[str, ...]:
        """The ids, in the order of the file."""
        return tuple(self.entries)

    def known(self) -> Known:
        """What a config may say in one word."""
        presets = {preset.id: preset.lists for preset in self.presets.values()}
        return Known(frozenset(self.entries), presets, self.offered, ownrule.read)

    def file_of(self, entry: Entry) -> pathlib.Path | None:
        """Where the file of an entry is that ships with Lull; None for one that is downloaded."""
        return self.directory / entry.file if entry.file else None


def _check(read: _File, path: pathlib.Path) -> None:
    """Raise ListError for what the types cannot say."""
    ids = [entry.id for entry in read.lists] + [preset.id for preset in read.presets]
    for id, times in Counter(ids).items():
        if times > 1:
            raise ListError(f"{path}: {id}: the id is given {times} times; an id names one list or preset")
    for entry in read.lists:
        wrong = _wrong(entry)
        if wrong:
            raise ListError(f"{path}: {entry.id}: {wrong}")
    lists = {entry.id for entry in read.lists}
    for preset in read.presets:
        for id, times in Counter(preset.lists).items():
            if id not in lists:
                raise ListError(f"{path}: {preset.id}: there is no list {id}; a preset means lists of this file")
            if times > 1:
                raise ListError(f"{path}: {preset.id}: {id} is given {times} times; remove one")


def _wrong(entry: Entry) -> str:
    """What is wrong with an entry, if anything is."""
    if bool(entry.urls) == (entry.file is not None):
        return "give either urls or file"
    if ("allow" in entry.category) != (entry.kind == "allow"):
        return "the category allow and the kind allow go together"
    if bool(entry.language) != ("regional" in entry.category):
        return "the category regional and a language go together"
    return ""
