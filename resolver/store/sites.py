"""Site rules, in the database: one for a site and a scope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from resolver.store import words
from resolver.store.tables import sites
from resolver.store.trail import Row, Trail


class NewSite(msgspec.Struct, frozen=True):
    """A site rule as it is asked for; the caller has validated it. `window` is in seconds, None for always; the rest is
    as in `policy.document.SiteEntry`."""

    site: str
    allow: tuple[str, ...] = ()
    everything: bool = False
    window: int | None = 600
    client: str = ""
    group: str = ""
    until: float | None = None
    comment: str = ""
    who: str = ""


class Site(NewSite, frozen=True, kw_only=True):
    """A site rule that is stored."""

    id: int
    created: float

    @property
    def key(self) -> str:
        """What its hits are counted by."""
        return f"site:{self.id}"


class SitePut(msgspec.Struct, frozen=True):
    """What putting a site rule came to: the rule as it now is, and as it was before (None: there was none). When both
    are equal nothing was changed."""

    site: Site
    before: Site | None

    @property
    def changed(self) -> bool:
        return self.site != self.before


def read(row: Row) -> Site:
    """A row as the rule that it is."""
    return Site(**{**row, "allow": tuple(row["allow"].split("\n")) if row["allow"] else ()})


def row_of(site: NewSite) -> Row:
    """And back."""
    return {**msgspec.structs.asdict(site), "allow": "\n".join(site.allow)}


def put(trail: Trail, new: NewSite) -> SitePut:
    """Make the rule of a site and scope what `new` says."""
    row = _of(trail, new.site, new.client, new.group)
    return _put(trail, row, new)


def allow_names(trail: Trail, new: NewSite) -> SitePut:
    """Add the names of `new` to the rule of its site and scope, the rest of which stays; or make it, if there is
    none."""
    row = _of(trail, new.site, new.client, new.group)
    if row is None:
        return _put(trail, None, new)
    site = read(row)
    names = tuple(dict.fromkeys((*site.allow, *new.allow)))
    return _changed(trail, row, {"allow": "\n".join(names)})


def remove_names(trail: Trail, site: str, names: Iterable[str], client: str = "", group: str = "") -> SitePut | None:
    """Take names out of the rule of a site and scope; a rule that then allows nothing is deleted. None if there is no
    such rule."""
    row = _of(trail, site, client, group)
    if row is None:
        return None
    gone = set(names)
    before = read(row)
    left = tuple(name for name in before.allow if name not in gone)
    if left or before.everything:
        return _changed(trail, row, {"allow": "\n".join(left)})
    trail.delete(sites, row)
    return SitePut(msgspec.structs.replace(before, allow=()), before)


def delete(trail: Trail, site: str, client: str = "", group: str = "") -> Site | None:
    """Delete the rule of a site and scope; returns it, or None if there is none in force."""
    row = _of(trail, site, client, group)
    if row is None:
        return None
    trail.delete(sites, row)
    return read(row)


def told(site: NewSite, now: float) -> str:
    """A site rule in words."""
    allowed = "all" if site.everything else " ".join(site.allow)
    return f"on {site.site} allow {allowed}{words.scope(site.client, site.group)}{words.lasting(site.until, now)}"


def _put(trail: Trail, row: Row | None, new: NewSite) -> SitePut:
    values = row_of(new)
    if row is None:
        return SitePut(read(trail.insert(sites, {**values, "created": trail.now})), None)
    return _changed(trail, row, values)


def _changed(trail: Trail, row: Row, values: dict[str, Any]) -> SitePut:
    """Who put it last is not a change by itself."""
    same = all(row[name] == value for name, value in values.items() if name != "who")
    return SitePut(read(row if same else trail.update(sites, row, values)), read(row))


def _of(trail: Trail, site: str, client: str, group: str) -> Row | None:
    found = trail.rows(sites, sites.c.site == site, sites.c.client == client, sites.c.group == group)
    return found[0] if found else None
