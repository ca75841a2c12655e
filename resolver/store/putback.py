"""What people made, between the database and the policy: as a policy has it, and back, when the database has lost it
but the policy in force has not."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from resolver.policy.document import Change, DeviceEntry, Document, OwnRule, SiteEntry
from resolver.store.face import Kept
from resolver.store.overrides import Override
from resolver.store.rules import Rule
from resolver.store.sites import Site


def own_rule(rule: Rule) -> OwnRule:
    return OwnRule(
        "allow" if rule.action == "allow" else "deny",
        rule.name,
        rule.client,
        rule.group,
        rule.until,
        origin="trial" if rule.origin == "trial" else "api",
        exact=rule.exact,
        text=rule.text,
        key=rule.key,
    )


def own_site(site: Site) -> SiteEntry:
    scope = (site.client, site.group)
    return SiteEntry(site.site, site.allow, site.everything, site.window, *scope, site.until, key=site.key)


def own_change(change: Override) -> Change:
    return Change(change.schedule, change.on, change.begins, change.until, change.client, change.group, change.why)


def rows_of(document: Document, now: float, configured: Collection[str] = ()) -> Kept:
    """Rows for a new database from what the policy in force says of what people made. `configured` are the names and
    MAC addresses of devices that the config speaks of."""
    known = {word.lower() for word in configured}
    devices = [device for device in document.devices if (device.name or device.mac).lower() not in known]
    return {
        "rules": _with_ids(
            (rule.key, _plain(rule, ("action", "name", "client", "group", "until", "origin", "exact", "text"), now))
            for rule in document.rules
            if rule.origin == "api"
        ),
        "pauses": [_plain(pause, ("client", "group", "until"), now, comment=False) for pause in document.pauses],
        "sites": _with_ids(
            (
                site.key,
                {
                    **_plain(site, ("site", "everything", "window", "client", "group", "until"), now),
                    "allow": "\n".join(site.allow),
                },
            )
            for site in document.sites
            if site.origin == "api"
        ),
        "overrides": [
            _plain(one, ("schedule", "on", "begins", "until", "client", "group", "why"), now, comment=False)
            for one in document.changes
        ],
        **_devices(devices, now),
    }


def _plain(entry: object, names: Iterable[str], now: float, *, comment: bool = True) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(entry, name) for name in names}
    return {**row, **({"comment": ""} if comment else {}), "created": now, "who": ""}


def _with_ids(rows: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Rows with the ids that their keys tell, by which their hits go on; without, should one have none."""
    keyed = list(rows)
    ids = [number for key, _ in keyed if (number := key.rpartition(":")[2]).isascii() and number.isdigit()]
    if len(set(ids)) < len(keyed):
        return [row for _, row in keyed]
    return [{**row, "id": int(id)} for id, (_, row) in zip(ids, keyed, strict=True)]


def _devices(entries: Sequence[DeviceEntry], now: float) -> Mapping[str, list[dict[str, Any]]]:
    times = {"first": now, "last": now}
    unsaid = {"host": "", **times}
    devices = [
        {"id": id, "name": one.name, "group": one.group, "mac": one.mac, "privacy": one.privacy or "", **unsaid}
        for id, one in enumerate(entries, 1)
    ]
    owners = {address: id for id, one in enumerate(entries, 1) for address, _ in one.found}
    addresses = [{"address": address, "device": id, **times} for address, id in owners.items()]
    return {"devices": devices, "addresses": addresses}
