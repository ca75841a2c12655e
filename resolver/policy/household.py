"""What a config says of rules, sites and devices, joined with what people made beside it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from resolver.config.schema import Config
from resolver.config.values import OwnRule as Written
from resolver.policy.document import DeviceEntry, Document, OwnRule, People, SiteEntry

_NOTHING = DeviceEntry("")
_LONGEST, _SHOWN = 1000, 300  # bytes and characters of a key


def rules_of(config: Config) -> tuple[OwnRule, ...]:
    """The rules of a config: everyone's, groups', devices'. Their keys stay the same for as long as they do."""
    found = [*_rules(config.rules)]
    for name, group in config.groups.items():
        found += _rules(group.rules, group=name)
    for name, device in config.devices.items():
        found += _rules(device.rules, client=name.lower())
    return tuple(found)


def _rules(rules: Iterable[Written], client: str = "", group: str = "") -> Iterator[OwnRule]:
    for one in rules:
        rule = OwnRule(one.action, one.name, client, group, origin="config", exact=one.exact, text=one.line)
        yield replace(rule, key=_key(client, group, str(rule)))


def sites_of(config: Config) -> tuple[SiteEntry, ...]:
    """The site rules of a config, with keys as rules have."""
    return tuple(_sites(config))


def _sites(config: Config) -> Iterator[SiteEntry]:
    for one in config.sites:
        site = SiteEntry(
            one.site, one.names, one.everything, one.window, one.client.lower(), one.group, origin="config"
        )
        yield replace(site, key=_key(site.client, site.group, str(site)))


def _key(client: str, group: str, text: str) -> str:
    """By what a rule is known; no longer than what any database finds something by."""
    scope = f"device {client}" if client else f"group {group}" if group else ""
    if len(text.encode()) > _LONGEST:
        text = f"{text[:_SHOWN]}… {hashlib.blake2b(text.encode(), digest_size=16).hexdigest()}"
    return f"config:{scope}:{text}"


def devices_of(config: Config, people: People) -> tuple[DeviceEntry, ...]:
    """The devices that the config names, or its groups do, and those that people named.

    What the config says of a device comes first: of one that people named too, only the group and the privacy count,
    where the config gives it none.
    """
    members = {member: name for name, group in config.groups.items() for member in group.members}
    macs = {mac: name for name, group in config.groups.items() for mac in group.macs}
    theirs = {device.name.lower(): device for device in people.devices if device.name}
    found = []
    for name, device in config.devices.items():
        key = name.lower()
        lent = theirs.get(key, _NOTHING)
        group = members.get(key) or macs.get(device.mac) or lent.group
        at, privacy = people.found.get(key, ()), device.privacy or lent.privacy
        addresses = tuple(map(str, device.addresses))
        found.append(DeviceEntry(name, addresses, at, device.mac, device.tags, group, privacy, device.id))
    named = {name.lower() for name in config.devices}
    theirs_alone = [entry for entry in people.devices if entry.name.lower() not in named]
    found += [replace(entry, group=macs.get(entry.mac, entry.group)) for entry in theirs_alone]
    known = {entry.mac for entry in found}
    for mac, group in macs.items():
        if mac in people.found and mac not in known:
            found.append(DeviceEntry("", found=people.found[mac], mac=mac, group=group))
    return tuple(found)


def people_of(document: Document) -> People:
    """What people made, out of a policy that was made with it: for when the database cannot be read."""
    return People(
        rules=tuple(rule for rule in document.rules if rule.origin == "api"),
        pauses=document.pauses,
        sites=tuple(site for site in document.sites if site.origin == "api"),
        changes=document.changes,
        devices=document.devices,
        found={entry.name.lower() or entry.mac: entry.found for entry in document.devices if entry.found},
    )
