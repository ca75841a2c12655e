"""The lists that Lull knows by name: `blocklists/catalogue.yaml`, typed. Imports little: every process may read it."""

from __future__ import annotations

import pathlib
from collections import Counter
from typing import Annotated, Literal

import msgspec
import yaml

from resolver.config.schema import ListId, ListUrl
from resolver.errors import ListError
from resolver.paths import shipped

_LARGEST = 1 << 20

_Text = Annotated[str, msgspec.Meta(min_length=1)]
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
    note: str = ""
    kind: Literal["block", "allow"] = "block"
    subdomains: bool = False
    urls: tuple[ListUrl, ...] = ()
    file: _FileName | None = None


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    lists: list[Entry]


class Catalogue(msgspec.Struct, frozen=True):
    """The entries by id, in the order of the file, and the directory in which their `file`s are."""

    entries: dict[str, Entry]
    directory: pathlib.Path

    @classmethod
    def load(cls, path: pathlib.Path | None = None) -> Catalogue:
        """The catalogue that ships with Lull, or the one at `path`. Raises ListError when it cannot be used."""
        path = path or shipped("blocklists", "catalogue.yaml")
        try:
            entries = msgspec.convert(_tree(path), _File).lists
        except msgspec.ValidationError as error:
            raise ListError(f"{path}: {error}") from error
        _check(entries, path)
        return cls({entry.id: entry for entry in entries}, path.parent)

    def ids(self) -> tuple[str, ...]:
        """The ids, in the order of the file."""
        return tuple(self.entries)

    def file_of(self, entry: Entry) -> pathlib.Path | None:
        """Where the file of an entry is that ships with Lull; None for one that is downloaded."""
        return self.directory / entry.file if entry.file else None


def _tree(path: pathlib.Path) -> object:
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise ListError(f"{path}: larger than {_LARGEST >> 20} MiB; this is no catalogue")
        return yaml.safe_load(data)
    except OSError as error:
        raise ListError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ListError(f"{path}: not readable as YAML: {error}") from error


def _check(entries: list[Entry], path: pathlib.Path) -> None:
    """Raise ListError for what the types cannot say."""
    for id, times in Counter(entry.id for entry in entries).items():
        if times > 1:
            raise ListError(f"{path}: {id}: the id is given {times} times; ids name one list each")
    for entry in entries:
        if bool(entry.urls) == (entry.file is not None):
            raise ListError(f"{path}: {entry.id}: give either urls or file")
