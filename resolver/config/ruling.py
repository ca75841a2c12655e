"""Rules of people's own and rules about sites: their lines read, and the mistakes that stand between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from resolver.config.known import Known
from resolver.config.leaves import is_address, shown
from resolver.config.members import no_device
from resolver.config.nodes import joined
from resolver.config.read import likely
from resolver.config.repeated import place, twice
from resolver.config.report import Report
from resolver.config.schema import Config
from resolver.config.site import Site
from resolver.config.values import OwnRule
from resolver.errors import RuleError


def check(config: Config, known: Known, report: Report) -> None:
    """Reports every mistake."""
    for path, rules in _all_rules(config):
        _rules(path, rules, known, report)
    sites = list(zip(report.paths("sites", len(config.sites)), config.sites, strict=True))
    for path, site in sites:
        _site(path, site, config, report)
    twice([(path, (one.site, one.client, one.group), _said(one)) for path, one in sites], report, "make them one")


def _all_rules(config: Config) -> Iterator[tuple[str, Sequence[OwnRule]]]:
    """Where rules stand, and the rules there: of everyone, of groups, of devices."""
    yield "rules", config.rules
    for name, group in config.groups.items():
        yield f"{joined('groups', name)}.rules", group.rules
    for name, device in config.devices.items():
        yield f"{joined('devices', name)}.rules", device.rules


def _rules(at: str, rules: Sequence[OwnRule], known: Known, report: Report) -> None:
    first: dict[tuple[str, bool, str], tuple[str, str]] = {}
    for path, written in zip(report.paths(at, len(rules)), rules, strict=True):
        try:
            rule = known.rule(written)
        except RuleError as error:
            report.add(path, str(error))
            continue
        before, action = first.setdefault((rule.name, rule.exact, rule.line), (path, rule.action))
        if action != rule.action:
            report.add(path, f"{shown(rule.text)} contradicts {place(before, report)}; remove one")


def _site(path: str, site: Site, config: Config, report: Report) -> None:
    at = zip(report.paths(f"{path}.allow", len(site.allow)), site.allow, strict=True)
    twice([(where, name, shown(name)) for where, name in at], report)
    if site.client and site.group:
        report.add(path, "is for a client and for a group; keep one")
    elif site.group and site.group not in config.groups and not report.lost(f"{path}.group"):
        advice = likely(site.group, config.groups) or "; add it to groups"
        report.add(f"{path}.group", f"there is no group {shown(site.group)}{advice}")
    elif site.client and not is_address(site.client) and (wrong := no_device(site.client, config, report)):
        report.add(f"{path}.client", wrong)


def _said(site: Site) -> str:
    whom = site.client or site.group
    return f"the site {shown(site.site)}" + (f" for {whom}" if whom else "")
