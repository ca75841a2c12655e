"""What no value can say alone: references between sections, and things given twice. Every mistake is reported."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection, Hashable, Iterable

from resolver.config import records
from resolver.config.leaves import shown
from resolver.config.read import likely
from resolver.config.report import Report
from resolver.config.schema import Config, Endpoint, ListSource, Upstream


def check(config: Config, catalogue: Collection[str], report: Report) -> None:
    """Reports every mistake that stands between values; `catalogue` is the ids that need neither file nor URL."""
    _endpoints(config, report)
    _upstreams(config, report)
    _blocking(config, report)
    _lists(config, catalogue, report)
    _groups(config, catalogue, report)
    _clients(config, report)
    _rules(config, report)
    _records(config, report)


def _twice(found: Iterable[tuple[str, Hashable, str]], report: Report) -> None:
    """Reports what stands at a second path; each is (path, what it is, how to speak of it)."""
    first: dict[Hashable, str] = {}
    for path, what, said in found:
        if what in first:
            report.add(path, f"{said} is already at {_place(first[what], report)}; remove one")
        else:
            first[what] = path


def _place(path: str, report: Report) -> str:
    place = report.where(path)
    return f"{place.path} (line {place.line})" if place.line else place.path


def _endpoints(config: Config, report: Report) -> None:
    paths = report.paths("dns.listen", len(config.dns.listen))
    endpoints = [*zip(paths, config.dns.listen, strict=True), ("admin.listen", config.admin.listen)]
    _twice([(path, endpoint, f'"{endpoint}"') for path, endpoint in endpoints], report)


def _upstreams(config: Config, report: Report) -> None:
    paths = report.paths("upstreams", len(config.upstreams))
    upstreams = list(zip(paths, config.upstreams, strict=True))
    _twice([(path, (one.transport, one.host, one.port), shown(one.url)) for path, one in upstreams], report)
    for path, upstream in upstreams:
        for endpoint in config.dns.listen:
            if _loops(upstream, endpoint):
                report.add(
                    path, f'{shown(upstream.url)} is Lull itself (dns.listen "{endpoint}"): name another resolver'
                )


def _loops(upstream: Upstream, endpoint: Endpoint) -> bool:
    """Whether queries to the upstream would come back to the endpoint."""
    to, at = ipaddress.ip_address(upstream.host), ipaddress.ip_address(endpoint.host)
    everywhere = at.is_unspecified and to.is_loopback and to.version == at.version
    return upstream.port == endpoint.port and (to == at or everywhere)


def _blocking(config: Config, report: Report) -> None:
    blocking = config.blocking
    if report.lost("blocking.mode") or report.incomplete("blocking.addresses"):
        return
    if blocking.mode == "address" and not blocking.addresses:
        report.add("blocking.addresses", "mode address needs the addresses to answer with, such as [192.0.2.1]")
    if blocking.mode != "address" and blocking.addresses:
        report.add("blocking.addresses", f"mode {blocking.mode} has no addresses; remove them, or write mode: address")


def _lists(config: Config, catalogue: Collection[str], report: Report) -> None:
    paths = report.paths("lists", len(config.lists))
    _twice(
        [(path, source.id, f"the id {shown(source.id)}") for path, source in zip(paths, config.lists, strict=True)],
        report,
    )
    for path, source in zip(paths, config.lists, strict=True):
        lost = any(report.lost(path + key) for key in ("", ".id", ".file", ".url"))
        if source.file and source.url:
            report.add(path, f"{shown(source.id)} has both file and url; keep one")
        elif not (source.file or source.url or source.id in catalogue or lost):
            report.add(path, _sourceless(source, catalogue))


def _sourceless(source: ListSource, catalogue: Collection[str]) -> str:
    advice = (
        likely(source.id, catalogue) or "; write {id: NAME, file: PATH} or {id: NAME, url: URL} for a list of your own"
    )
    return f"{shown(source.id)} is not in the catalogue and has neither file nor url{advice}"


def _groups(config: Config, catalogue: Collection[str], report: Report) -> None:
    if config.groups["default"].clients:
        report.add("groups.default.clients", "the group default is every client that no other group names; remove this")
    ids = {source.id: None for source in config.lists}
    for name, group in config.groups.items():
        named = group.lists or ()
        paths = report.paths(f"groups.{name}.lists", len(named))
        _twice([(path, id, f"the list {shown(id)}") for path, id in zip(paths, named, strict=True)], report)
        for path, id in zip(paths, named, strict=True):
            if id in ids or report.lost("lists"):
                continue
            if id in catalogue:
                report.add(path, f"{shown(id)} is in the catalogue but not in use; add it to lists")
            else:
                report.add(path, f"there is no list {shown(id)}{likely(id, ids) or '; add it to lists'}")


def _clients(config: Config, report: Report) -> None:
    found = []
    for name, group in config.groups.items():
        paths = report.paths(f"groups.{name}.clients", len(group.clients))
        for path, client in zip(paths, group.clients, strict=True):
            said = client.network_address if client.num_addresses == 1 else client
            found.append((path, client, f'the client "{said}"'))
    _twice(found, report)


def _rules(config: Config, report: Report) -> None:
    first: dict[str, tuple[str, str]] = {}
    for path, rule in zip(report.paths("rules", len(config.rules)), config.rules, strict=True):
        before, action = first.setdefault(rule.name, (path, rule.action))
        if action != rule.action:
            report.add(path, f"{shown(rule.text)} contradicts {_place(before, report)}; remove one")


def _records(config: Config, report: Report) -> None:
    paths = report.paths("records", len(config.records))
    for index in records.clashes(config.records):
        report.add(paths[index], "an alias (CNAME) cannot stand beside other records of its name; remove one")
