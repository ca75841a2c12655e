"""What people ask of the log, as parameters of a URL, made a filter of the store."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from resolver.admin import checks
from resolver.admin.jobbodies import Job
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.config.leaves import shown
from resolver.errors import ApiError
from resolver.journal.redaction import PSEUDONYM
from resolver.store.filters import LogFilter
from resolver.store.forgetting import Forget

LONGEST_SLOW = 3_600_000.0
"""Milliseconds."""


class Conditions(msgspec.Struct, frozen=True):
    """What rows are wanted; all that is given holds at once. `client` is an address, all addresses of the device with
    that address, MAC address or name, a network where the log keeps only these, or a name for a day (~9c2f0e41b7a5);
    `name` a name and all below it, `exact` that name alone, `part` a piece of one. `list` is the id of the list that
    decided, or who else did (rules, sites, pause, services …), `rule` the whole text of the rule, `upstream` the URL of
    who was asked. `slower`: what took more than so many milliseconds. `shadow` is the id of a shadow list, or * for
    any: what it would have blocked."""

    client: Annotated[str, Meta(max_length=64)] = ""
    group: Annotated[str, Meta(max_length=64)] = ""
    name: Annotated[str, Meta(max_length=1100)] = ""
    exact: Annotated[str, Meta(max_length=1100)] = ""
    part: Annotated[str, Meta(max_length=253)] = ""
    type: Annotated[str, Meta(max_length=20)] = ""
    verdict: Literal["pass", "allow", "block", "rewrite", "refused", ""] = ""
    list: Annotated[str, Meta(max_length=64)] = ""
    rule: Annotated[str, Meta(max_length=4000)] = ""
    origin: Literal["upstream", "cache", "stale", "local", ""] = ""
    upstream: Annotated[str, Meta(max_length=1000)] = ""
    rcode: Annotated[str, Meta(max_length=20)] = ""
    slower: Annotated[float, Meta(ge=0, le=LONGEST_SLOW)] | None = None
    shadow: str = ""


class Spanned(Conditions, frozen=True):
    """And of what time: from `since` on and before `until`, each Unix time, a moment with its offset from UTC such as
    2026-11-23T07:00:00Z, or a duration such as 24h, meaning that long ago."""

    since: Annotated[str, Meta(max_length=40)] = ""
    until: Annotated[str, Meta(max_length=40)] = ""


class LogQuery(Spanned, frozen=True):
    """What rows to show, newest first: see the conditions. `cursor` is the `next` of the page before."""

    cursor: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100


class ForgetQuery(msgspec.Struct, frozen=True):
    """Which rows: of a device (as in the conditions of the log), about a name and all below it, from before a moment
    (Unix time, a moment with its offset from UTC, or a duration, meaning that long ago); all that is given at once."""

    client: Annotated[str, Meta(max_length=64)] = ""
    name: Annotated[str, Meta(max_length=1100)] = ""
    before: Annotated[str, Meta(max_length=40)] = ""


async def begin_forgetting(service: Service, asked: ForgetQuery, who: str) -> Job[msgspec.Raw]:
    """Begin to delete rows of the log for good, which a job does. Raises ApiError for what cannot be meant."""
    if not (asked.client or asked.name or asked.before):
        raise ApiError(400, "invalid", "say what to forget: client, name, before, or several of them", "client")
    before = checks.since(asked.before, service.clock.time(), "before") if asked.before else None
    what = Forget(
        clients=await clients(service, asked.client) if asked.client else None,
        name=checks.domain_name(asked.name) if asked.name else None,
        before=before,
    )
    parts = [f"of {asked.client}" if asked.client else "", "about a name" if asked.name else ""]
    parts.append(f"from before {clock_time(before)}" if before is not None else "")
    title = " ".join(filter(None, ("forget what the log has", *parts)))
    device = asked.client if is_device(asked.client) else ""
    return service.logged.forget(what, device, title, who)


async def filter_of(service: Service, asked: Conditions) -> LogFilter:
    """The filter that is meant. Raises ApiError for what is none, with the parameter."""
    since, until = span(asked, service.clock.time())
    return LogFilter(
        clients=await clients(service, asked.client) if asked.client else None,
        group=checks.plain(asked.group, "group") or None,
        name=checks.domain_name(asked.name) if asked.name else None,
        exact=checks.domain_name(asked.exact, "exact") if asked.exact else None,
        part=checks.plain(asked.part, "part") or None,
        type=checks.rr_type(asked.type) if asked.type else None,
        verdict=asked.verdict or None,
        source=checks.plain(asked.list, "list") or None,
        rule=checks.plain(asked.rule, "rule") or None,
        origin=asked.origin or None,
        upstream=checks.plain(asked.upstream, "upstream") or None,
        rcode=checks.rcode(asked.rcode) if asked.rcode else None,
        since=since,
        until=until,
        slower=asked.slower,
        shadow=checks.shadow(asked.shadow) if asked.shadow else None,
    )


def span(asked: Conditions, now: float) -> tuple[float | None, float | None]:
    """From when to when, as Unix time."""
    if not isinstance(asked, Spanned):
        return None, None
    since = checks.since(asked.since, now) if asked.since else None
    until = checks.since(asked.until, now, "until") if asked.until else None
    if since is not None and until is not None and until <= since:
        raise ApiError(400, "invalid", "nothing lies between: until is not later than since", "until")
    return since, until


def is_device(text: str) -> bool:
    """Whether a text is to mean a device, which may have another address soon, rather than what rows call a client."""
    return bool(text) and "/" not in text and not text.strip().startswith(PSEUDONYM)


async def clients(service: Service, text: str) -> tuple[str, ...]:
    """What rows may call a client: the addresses of a device; the network or the name for a day that is given."""
    text = text.strip()
    if text.startswith(PSEUDONYM):
        return (checks.plain(text.lower(), "client"),)
    if "/" in text:
        try:
            return (str(ipaddress.ip_network(text)),)
        except ValueError as error:
            raise ApiError(400, "invalid", f"{shown(text)} is not a network: {error}", "client") from error
    return await service.clients(text)
