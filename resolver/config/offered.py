"""The services that a group can block in one word, and the engines whose search can be made safe:
`blocklists/services.yaml` and `blocklists/safesearch.yaml`, typed and checked."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Literal, TypeVar, get_args

import msgspec

from resolver.config import data
from resolver.config.clocks import clocks
from resolver.config.providers import Provider
from resolver.config.providers import load as load_providers
from resolver.config.values import ServiceId
from resolver.errors import DomainError, ListError
from resolver.paths import shipped
from resolver.wire.name import from_text, to_text

Kind = Literal[
    "social",
    "chat",
    "video",
    "streaming",
    "music",
    "games",
    "ai",
    "shopping",
    "dating",
    "gambling",
    "adult",
    "news",
    "files",
]
KINDS: tuple[str, ...] = get_args(Kind)
ALL = "all"
"""The word for every engine."""

_Text = Annotated[str, msgspec.Meta(min_length=1)]
_Names = Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]


class Service(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A service: `names` and all below them are its own."""

    id: ServiceId
    title: _Text
    kind: Kind
    names: _Names


class Engine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A search engine: `names`, and nothing below them, are answered with an alias of `target`. One that is `instead`
    of another has the same names, and is not among `all`."""

    id: ServiceId
    title: _Text
    target: _Text
    names: _Names
    instead: str = ""


_File = TypeVar("_File", "_Services", "_Engines")


class _Services(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    services: list[Service]


class _Engines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    engines: list[Engine]


class Offered(msgspec.Struct, frozen=True):
    """Services and engines by id, in the order of their files; `clocks` are the names of time servers, each with all
    below it. `providers` are upstreams that a config can name in one word."""

    services: Mapping[str, Service] = {}
    engines: Mapping[str, Engine] = {}
    clocks: tuple[str, ...] = ()
    providers: Mapping[str, Provider] = {}

    @classmethod
    def load(cls, directory: pathlib.Path | None = None) -> Offered:
        """What ships with Lull, or stands in two files of that directory. Raises ListError when it cannot be used."""
        providers = load_providers(directory) if directory is None else {}
        directory = directory or shipped("blocklists")
        services, engines = directory / "services.yaml", directory / "safesearch.yaml"
        read = _typed(services, _Services).services
        _check_services(read, services)
        found = _typed(engines, _Engines).engines
        _check_engines(found, engines)
        return cls({one.id: one for one in read}, {one.id: one for one in found}, clocks(), providers)

    def words(self) -> tuple[str, ...]:
        """What blocks services: kinds that have any, and ids."""
        kinds = {service.kind for service in self.services.values()}
        return (*(kind for kind in KINDS if kind in kinds), *self.services)

    def services_of(self, words: Iterable[str]) -> tuple[str, ...]:
        """The ids that words mean: an id itself, a kind every service of it. Unknown words mean nothing."""
        wanted = set(words)
        return tuple(id for id, service in self.services.items() if {id, service.kind} & wanted)

    def by_kind(self, ids: Iterable[str]) -> tuple[str, ...]:
        """The fewest words for services: the kinds that are there as a whole, then the ids of the rest."""
        wanted = dict.fromkeys(ids)
        whole = []
        for kind in KINDS:
            members = [id for id, service in self.services.items() if service.kind == kind]
            if members and wanted.keys() >= set(members):
                whole.append(kind)
        rest = (id for id in wanted if id not in self.services or self.services[id].kind not in whole)
        return (*whole, *rest)

    def engines_of(self, words: Iterable[str]) -> tuple[str, ...]:
        """The ids of the engines that words mean: an id itself, and `all` every engine but those that are instead of
        another, unless they are named: then the other is left out."""
        named = set(words)
        replaced = {engine.instead for id, engine in self.engines.items() if id in named}
        return tuple(
            id
            for id, engine in self.engines.items()
            if id in named or (ALL in named and not engine.instead and id not in replaced)
        )


def _typed(path: pathlib.Path, type: type[_File]) -> _File:
    try:
        return msgspec.convert(data.tree(path), type)
    except msgspec.ValidationError as error:
        raise ListError(f"{path}: {error}") from error


def _check_services(services: list[Service], path: pathlib.Path) -> None:
    """Raise ListError for what the types cannot say: each id and each name once, and no name below one of the same
    service."""
    ids: set[str] = set(KINDS)
    owners: dict[str, str] = {}
    for service in services:
        if service.id in ids:
            raise ListError(f"{path}: {service.id}: the id is a kind, or another service has it")
        ids.add(service.id)
        for name in _normal(service.names, f"{path}: {service.id}"):
            if name in owners:
                raise ListError(f"{path}: {service.id}: {name} is already a name of {owners[name]}")
            owners[name] = service.id
        for name in service.names:
            if any(name.endswith(f".{other}") for other in service.names):
                raise ListError(f"{path}: {service.id}: {name} is below another of its names; remove it")


def _check_engines(engines: list[Engine], path: pathlib.Path) -> None:
    known = {engine.id: engine for engine in engines}
    owners: dict[str, str] = {}
    if len(known) < len(engines) or ALL in known:
        raise ListError(f"{path}: an id is given twice, or is {ALL}")
    for engine in engines:
        where = f"{path}: {engine.id}"
        names = set(_normal((*engine.names, engine.target), where))
        if len(names) <= len(engine.names):
            raise ListError(f"{where}: a name is given twice, or is the target too")
        if engine.instead:
            other = known.get(engine.instead)
            if other is None or other.instead or other.names != engine.names:
                raise ListError(f"{where}: is instead of {engine.instead}, which has other names or is none itself")
            continue
        for name in engine.names:
            if name in owners:
                raise ListError(f"{where}: {name} is already a name of {owners[name]}")
            owners[name] = engine.id


def _normal(names: Iterable[str], where: str) -> Iterator[str]:
    """The names, each of which is in normal text form and has two labels or more. Raises ListError."""
    for name in names:
        try:
            normal = to_text(from_text(name))
        except DomainError as error:
            raise ListError(f"{where}: {error}") from error
        if normal != name or "." not in name.strip("."):
            raise ListError(f"{where}: {name} is not a name in its normal form, such as example.com")
        yield name
