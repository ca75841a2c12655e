"""What no value can say alone: references between sections, and things given twice. Every mistake is reported."""

from __future__ import annotations

import os
import pathlib

from resolver.config import caching, choosing, groups, members, records, ruling, scheduling
from resolver.config.known import Known
from resolver.config.leaves import shown
from resolver.config.nodes import joined
from resolver.config.read import likely
from resolver.config.repeated import twice
from resolver.config.report import Report
from resolver.config.schema import Config, ListSource


def check(config: Config, known: Known, report: Report) -> None:
    """Reports every mistake that stands between values. Paths of list files are absolute, presets still words."""
    _endpoints(config, report)
    choosing.check(config, known, report)
    caching.check(config, report)
    _blocking(config, report)
    _lists(config, known, report)
    _files(config, report)
    _groups(config, known, report)
    groups.check(config, known, report)
    scheduling.check(config, known, report)
    members.check(config, report)
    ruling.check(config, known, report)
    _records(config, report)


def _endpoints(config: Config, report: Report) -> None:
    paths = report.paths("dns.listen", len(config.dns.listen))
    endpoints = [*zip(paths, config.dns.listen, strict=True), ("admin.listen", config.admin.listen)]
    for kind in ("tls", "https"):
        given = getattr(config.encrypted, kind)
        endpoints += zip(report.paths(f"encrypted.{kind}", len(given)), given, strict=True)
    twice([(path, endpoint, f'"{endpoint}"') for path, endpoint in endpoints], report)
    quic = [*zip(report.paths("encrypted.quic", len(config.encrypted.quic)), config.encrypted.quic, strict=True)]
    datagrams = [*zip(paths, config.dns.listen, strict=True), *quic]  # beside TCP's, which others may have
    twice([(path, endpoint, f'"{endpoint}"') for path, endpoint in datagrams], report)
    if config.encrypted.key and not config.encrypted.certificate:
        report.add("encrypted.key", "there is no certificate for this key; write encrypted.certificate")


def _blocking(config: Config, report: Report) -> None:
    blocking = config.blocking
    if report.lost("blocking.mode") or report.incomplete("blocking.addresses"):
        return
    if blocking.mode == "address" and not blocking.addresses:
        report.add("blocking.addresses", "mode address needs the addresses to answer with, such as [192.0.2.1]")
    if blocking.mode != "address" and blocking.addresses:
        report.add("blocking.addresses", f"mode {blocking.mode} has no addresses; remove them, or write mode: address")


def _lists(config: Config, known: Known, report: Report) -> None:
    paths = report.paths("lists", len(config.lists))
    twice(
        [(path, source.id, f"the id {shown(source.id)}") for path, source in zip(paths, config.lists, strict=True)],
        report,
    )
    for path, source in zip(paths, config.lists, strict=True):
        lost = any(report.lost(path + key) for key in ("", ".id", ".file", ".url"))
        if source.id in known.presets:
            _preset(path, source, report)
        elif source.file and source.url:
            report.add(path, f"{shown(source.id)} has both file and url; keep one")
        elif not (source.file or source.url or source.id in known.ids or lost):
            report.add(path, _sourceless(source, known))


def _preset(path: str, source: ListSource, report: Report) -> None:
    for key in ("file", "url", "kind", "syntax", "subdomains"):
        if getattr(source, key) is not None:
            advice = "give a list of your own another id, and one of its lists an entry beside it"
            report.add(f"{path}.{key}", f"{shown(source.id)} is a preset: several lists in one word; {advice}")


def _sourceless(source: ListSource, known: Known) -> str:
    advice = (
        likely(source.id, known.words())
        or "; write {id: NAME, file: PATH} or {id: NAME, url: URL} for a list of your own"
    )
    return f"{shown(source.id)} is not in the catalogue and has neither file nor url{advice}"


def _files(config: Config, report: Report) -> None:
    """Files of lists must lie in `updates.files`, links followed, where that says anything."""
    if not config.updates.files or report.incomplete("updates.files"):
        return
    allowed = [_real(directory) for directory in config.updates.files]
    for path, source in zip(report.paths("lists", len(config.lists)), config.lists, strict=True):
        if source.file and not any(_real(source.file).is_relative_to(directory) for directory in allowed):
            said, places = shown(str(source.file)), ", ".join(map(str, config.updates.files))
            advice = f"move it into {places}, or add its directory to updates.files"
            report.add(f"{path}.file", f"{said} is not in a directory that updates.files allows; {advice}")


def _real(path: pathlib.Path) -> pathlib.Path:
    """Where a path leads; one that leads nowhere (a loop of links, a NUL) as it is written, without ".."."""
    try:
        return path.resolve()
    except (OSError, RuntimeError, ValueError):
        return pathlib.Path(os.path.normpath(path))


def _groups(config: Config, known: Known, report: Report) -> None:
    words = {source.id: None for source in config.lists}
    ids = set(known.meant(words))
    for name, group in config.groups.items():
        named = group.lists or ()
        paths = report.paths(joined("groups", name) + ".lists", len(named))
        twice([(path, id, f"the list {shown(id)}") for path, id in zip(paths, named, strict=True)], report)
        for path, id in zip(paths, named, strict=True):
            missing = [one for one in known.meant([id]) if one not in ids]
            if not missing or report.lost("lists"):
                continue
            if id in known.presets:
                report.add(path, f"the preset {shown(id)} means lists that are not in use; add {id} to lists")
            elif id in known.ids:
                report.add(path, f"{shown(id)} is in the catalogue but not in use; add it to lists")
            else:
                report.add(
                    path, f"there is no list {shown(id)}{likely(id, words | dict.fromkeys(ids)) or '; add it to lists'}"
                )


def _records(config: Config, report: Report) -> None:
    paths = report.paths("records", len(config.records))
    for index in records.clashes(config.records):
        report.add(paths[index], "an alias (CNAME) cannot stand beside other records of its name; remove one")
