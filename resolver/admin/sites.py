"""Site rules as people handle them: what is allowed while a device is on a site. Repairing sites is in `repairing`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from shlex import quote

from msgspec.structs import replace

from resolver.admin import sitenames
from resolver.admin.bodies import Done
from resolver.admin.changing import Changing
from resolver.admin.choosing import choice
from resolver.admin.parts import Parts
from resolver.admin.repairing import Repairing
from resolver.admin.sitebodies import MOST_NAMES, DeviceChoice, NewSiteRule, SiteDetail, SiteInfo, SiteNames, SiteResult
from resolver.admin.siteshown import Shown, lifted
from resolver.config import called
from resolver.config.schema import Config
from resolver.errors import ApiError, StoreError
from resolver.paths import PRODUCT
from resolver.repair.domains import Domains
from resolver.store.loads import lately_on
from resolver.store.sites import NewSite, Site, SitePut

_LATELY = 3600.0
_DEVICES = 10


class Siting:
    """Raises ApiError for what cannot be done, with a reason. `repairs` are the repairs."""

    def __init__(self, parts: Parts, config: Callable[[], Config], change: Changing) -> None:
        """`config` gives the config in force."""
        self._parts = parts
        self._config = config
        self._change = change
        self._domains = Domains()
        self.repairs = Repairing(parts, config, change, self._domains)

    async def every(self) -> list[SiteInfo]:
        """Rules of the config in force, then those people added, oldest first."""
        stored = await self._change.store(self._parts.people.sites)
        shown = await asyncio.to_thread(self._shown)
        bundle = self._parts.publisher.bundle
        configured = [] if bundle is None else [one for one in bundle.document.sites if one.origin == "config"]
        return [*map(shown.entry, configured), *map(shown.stored, stored)]

    async def one(self, text: str, *, exact: bool) -> SiteDetail:
        """What there is about a site."""
        site, hint = self._site(text, exact=exact)
        rules = [rule for rule in await self.every() if rule.site == site]
        return SiteDetail(site, rules, await self.repairs.of(site), await self._lately(site), hint)

    async def put(self, text: str, new: NewSiteRule, who: str) -> SiteResult:
        """Make the rule of a site and scope what is said, and bring it into force."""
        site, hint = self._site(text, exact=new.exact)
        everything = new.allow == "all"
        allow = () if isinstance(new.allow, str) else sitenames.names(new.allow, "allow")
        if not everything and not allow:
            raise ApiError(400, "invalid", 'give the names to allow, or "all"; to end the rule, delete it', "allow")
        made = replace(self._new(site, new, who), allow=allow, everything=everything)
        hint = "; ".join(filter(None, (hint, lifted(made))))
        return await self._put(lambda: self._parts.people.put_site(made), hint)

    async def allow(self, text: str, new: SiteNames, who: str) -> SiteResult:
        """Add names to the rule of a site and scope, or make it of them."""
        site, hint = self._site(text, exact=new.exact)
        made = replace(self._new(site, new, who), allow=sitenames.names(new.names))
        before = await self._of(site, made.client, made.group)
        if before is not None and made.until not in {None, before.until}:
            raise ApiError(409, "conflict", _no_end(before, made, new.duration), "for")
        if before is not None and len({*before.allow, *made.allow}) > MOST_NAMES:
            raise ApiError(400, "invalid", f"a site rule has {MOST_NAMES} names at most; allow all, or delete some")
        if before is not None and before.everything:
            hint = f"{hint}; " if hint else ""
            hint += "that rule allows everything on the site already"
        return await self._put(lambda: self._parts.people.allow_names(made), hint)

    async def remove(self, text: str, gone: SiteNames, who: str) -> SiteResult:
        """Take names out of the rule of a site and scope."""
        site, hint = self._site(text, exact=gone.exact)
        client, group = await self._standing(site, gone.client, gone.group)
        names = sitenames.names(gone.names)
        before = await self._of(site, client, group)
        if before is None:
            raise await self._none(site)
        if missing := sorted(set(names) - set(before.allow)):
            raise ApiError(404, "not-found", f"that rule does not have {', '.join(missing)}", "names")

        def work() -> SitePut:
            done = self._parts.people.remove_names(site, names, client, group, who)
            assert done is not None
            return done

        return await self._put(work, hint)

    async def delete(self, text: str, client: str, group: str, who: str, *, exact: bool) -> Done:
        """Delete the rule of a site and scope."""
        site, _ = self._site(text, exact=exact)
        client, group = await self._standing(site, client, group)
        if await self._change.store(lambda: self._parts.people.delete_site(site, client, group, who)) is None:
            raise await self._none(site)
        return await self._change.done()

    def _site(self, text: str, *, exact: bool) -> tuple[str, str]:
        return sitenames.site(text, self._domains, exact=exact)

    def _new(self, site: str, new: NewSiteRule | SiteNames, who: str) -> NewSite:
        """The rule that is asked for, but for what it allows."""
        client, group = self._change.scope(new.client, new.group)
        until = None if new.duration is None else self._change.until(new.duration)
        window = sitenames.window(new.window)
        return NewSite(site, (), window=window, client=client, group=group, until=until, comment=new.comment, who=who)

    async def _put(self, work: Callable[[], SitePut], hint: str) -> SiteResult:
        put = await self._change.store(work)
        note = await self._change.publish() if put.changed else ""
        shown = await asyncio.to_thread(self._shown)
        gone = not put.site.allow and not put.site.everything
        before = None if put.before is None else shown.stored(put.before)
        rule = None if gone else shown.stored(put.site)
        return SiteResult(rule, before, changed=put.changed, effective=not note, note=note, hint=hint)

    async def _standing(self, site: str, client: str, group: str) -> tuple[str, str]:
        """For whom a rule is, perhaps a device or a group that nobody knows any more."""
        given = called.key(client.strip()), called.composed(group)
        return given if await self._of(site, *given) else self._change.scope(client, group)

    async def _of(self, site: str, client: str, group: str) -> Site | None:
        """The stored rule of a site and scope."""
        wanted = site, client, group
        stored = await self._change.store(self._parts.people.sites)
        return next((one for one in stored if (one.site, one.client, one.group) == wanted), None)

    async def _none(self, site: str) -> ApiError:
        """That a site has no such rule; for whom it has others."""
        others = [rule for rule in await self.every() if rule.site == site]
        if not others:
            return ApiError(404, "not-found", f"there is no rule for {site}")
        whom = ", ".join(one.client or (f"group {one.group}" if one.group else "everyone") for one in others)
        where = "; those of the config are changed in its file" if any(one.id is None for one in others) else ""
        return ApiError(404, "not-found", f"{site} has no rule for these; it has one for {whom}{where}")

    async def devices(self, address: str, first: Sequence[str] = ()) -> DeviceChoice:
        """Devices to choose from, these first, for somebody who asks from an address."""
        devices = self._parts.devices
        return await asyncio.to_thread(lambda: choice(devices.calling(), devices.roll, address, first))

    async def _lately(self, site: str) -> list[str]:
        """Who was on a site in the last hour, by their names. Nobody while the log cannot be read."""
        since = self._parts.clock.time() - _LATELY

        def look() -> list[str]:
            found = lately_on(self._parts.database, site, since, _DEVICES)
            calling = self._parts.devices.calling()
            return list(dict.fromkeys(calling.of(address) or address for address in found))

        try:
            return await asyncio.to_thread(look)
        except StoreError:
            return []

    def _shown(self) -> Shown:
        """Without hits while the database cannot be read."""
        try:
            hits = self._parts.people.hits()
        except StoreError:
            hits = {}
        return Shown(hits, self._config().groups, self._parts.devices.named())


def _no_end(before: Site, made: NewSite, length: str | int | None) -> str:
    """That names cannot be put for a while into a rule that lasts as it does."""
    whom = f" --client {quote(made.client)}" if made.client else f" --group {quote(made.group)}" if made.group else ""
    lasts = "has no end" if before.until is None else "ends at another time"
    many = "this alone" if len(made.allow) == 1 else "each of these alone"
    return (
        f"{before.site} has a rule for these already, which {lasts}: what is put into it lasts as long as it does. "
        f"Leave the time out; or allow {many}, on every site: {PRODUCT} allow {made.allow[0]}{whom} --for {length}"
    )
