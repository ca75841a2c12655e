"""A config file → Config, or ConfigError with every mistake at once, each with its line and what to do about it."""

from __future__ import annotations

import pathlib
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

import yaml
from msgspec import UNSET, Struct
from msgspec.structs import replace

from resolver.config import choosing, chosen, clients, nodes, records, scheduling
from resolver.config.check import check
from resolver.config.known import Known, expand
from resolver.config.people import Group
from resolver.config.read import Reader
from resolver.config.report import Report
from resolver.config.schema import Config, ListSource
from resolver.config.shapes import Shape, keys_of, shape_of
from resolver.config.tree import LARGEST, compose
from resolver.errors import ConfigError, Problem


class Overrides(Struct, frozen=True):
    """What the command line says instead of the config file, as it was typed. Empty: the file's word holds."""

    listen: tuple[str, ...] = ()
    upstream: tuple[str, ...] = ()
    state: str | None = None
    workers: int | None = None
    admin: str | None = None


NO_OVERRIDES = Overrides()
NO_CHOICES: Mapping[str, Any] = MappingProxyType({})
COMMAND_LINE = "command line"
OVERRIDDEN = {
    "listen": "dns.listen",
    "upstream": "upstreams",
    "state": "state",
    "workers": "dns.workers",
    "admin": "admin.listen",
}
"""Which path each of them overrides."""


def load(path: pathlib.Path, known: Known, overrides: Overrides = NO_OVERRIDES) -> Config:
    """The config in a file; `known` is what the catalogue has. Raises ConfigError."""
    return parse(read(path), path, known, overrides)


def read(path: pathlib.Path) -> bytes:
    """A config file's bytes, as far as `parse` will look at them. Raises ConfigError."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ConfigError([Problem(str(path), 0, "", f"cannot be read: {reason}")]) from error


def parse(
    data: bytes,
    path: pathlib.Path,
    known: Known,
    overrides: Overrides = NO_OVERRIDES,
    choices: Mapping[str, Any] = NO_CHOICES,
) -> Config:
    """The config in the bytes of a file; `path` names it in errors, and list files are relative to its directory. The
    `choices` (plain values, by path: see `chosen`) stand in the place of what the file says.

    Presets have become the lists they mean. Raises ConfigError.
    """
    return build(compose(data, str(path)), path, known, overrides, choices)


def build(
    tree: yaml.Node | Problem | None,
    path: pathlib.Path,
    known: Known,
    overrides: Overrides = NO_OVERRIDES,
    choices: Mapping[str, Any] = NO_CHOICES,
) -> Config:
    """The same of a file that was composed already; the tree stays as it is."""
    report = Report(str(path))
    if isinstance(tree, Problem):
        report.problems.append(tree)
        read: Any = UNSET
    else:
        report.problems.extend(chosen.strangers(tree, choices))
        tree = chosen.grafted(tree, choices)
        read = Config() if tree is None else Reader(report, str(path)).read(tree, shape_of(Config), "")
    config = _overridden(Config() if read is UNSET else read, overrides, report)
    config = _located(replace(config, groups={"default": Group()} | config.groups), path.parent)
    if read is not UNSET:
        check(config, known, report)
    if not report.problems:
        config = scheduling.settled(config, known, report)
    if report.problems:
        raise ConfigError(report.sorted())
    return _finished(config, known)


def _overridden(config: Config, overrides: Overrides, report: Report) -> Config:
    """The config with what the command line says in its place, read as the file is."""
    reader = Reader(report, COMMAND_LINE)
    for option, path in OVERRIDDEN.items():
        given = getattr(overrides, option)
        if given is None or given == ():
            continue
        value = reader.read(_node(given), _shape(path), f"--{option}")
        if value is not UNSET:
            report.move(path, f"--{option}")
            config = _put(config, path, value)
    return config


def _node(given: object) -> yaml.Node:
    if isinstance(given, tuple):
        return yaml.SequenceNode("tag:yaml.org,2002:seq", [_node(one) for one in given])
    return yaml.ScalarNode(nodes.INT if isinstance(given, int) else nodes.STR, str(given))


def _shape(path: str) -> Shape:
    shape = shape_of(Config)
    for key in path.split("."):
        shape = keys_of(shape.type)[key].shape
    return shape


def _put(config: Config, path: str, value: object) -> Config:
    section, _, key = path.rpartition(".")
    return replace(config, **{section: replace(getattr(config, section), **{key: value})} if section else {key: value})


def _located(config: Config, directory: pathlib.Path) -> Config:
    """The config with absolute paths of files, and what devices are known by in the one form that is compared."""
    lists = tuple(
        replace(source, file=(directory / source.file).absolute()) if source.file else source for source in config.lists
    )
    updates = replace(config.updates, files=_absolute(config.updates.files, directory))
    encrypted = config.encrypted
    certificate = encrypted.certificate and (directory / encrypted.certificate).absolute()
    key = (directory / encrypted.key).absolute() if encrypted.key else certificate
    encrypted = replace(encrypted, certificate=certificate, key=key)
    discovery = config.discovery
    if discovery.leases is not None:
        discovery = replace(discovery, leases=_absolute(discovery.leases, directory))
    devices = {
        name: replace(device, mac=clients.mac(device.mac), names=tuple(one.lower() for one in device.names))
        for name, device in config.devices.items()
    }
    return replace(config, lists=lists, updates=updates, discovery=discovery, devices=devices, encrypted=encrypted)


def _absolute(paths: Iterable[pathlib.Path], directory: pathlib.Path) -> tuple[pathlib.Path, ...]:
    return tuple((directory / one).absolute() for one in paths)


def _finished(config: Config, known: Known) -> Config:
    config = choosing.expand(expand(config, known), known)
    lists = tuple(source if source.id in known.ids else _settled(source) for source in config.lists)
    return replace(config, lists=lists, records=records.merge(config.records))


def _settled(source: ListSource) -> ListSource:
    """A source that is not of the catalogue says everything itself."""
    return replace(
        source, kind=source.kind or "block", syntax=source.syntax or "auto", subdomains=bool(source.subdomains)
    )
