"""What can be chosen from where a condition of the log is typed: devices, groups, lists, types and so on."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from resolver.admin.pages.logfilter import ORIGINS, VERDICTS
from resolver.admin.pages.logrows import SOURCES
from resolver.admin.service import Service

DEVICES = 30
"""Names that are offered where a device is typed: any other can be typed all the same."""

_UPSTREAMS = 12
TYPES = ("A", "AAAA", "HTTPS", "CNAME", "MX", "NS", "PTR", "SRV", "SVCB", "TXT")
_RCODES = ("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", "NOTIMP", "FORMERR")
Pair = tuple[str, str]

ANYTHING: Pair = ("", "any")


class Offered(msgspec.Struct, frozen=True):
    """Pairs are a value and what it is called. `titles` are those of lists by their ids."""

    titles: dict[str, str]
    devices: list[str]
    upstreams: list[str]
    groups: list[Pair]
    lists: list[Pair]
    shadows: list[Pair]
    verdicts: list[Pair]
    origins: list[Pair]
    types: tuple[str, ...] = TYPES
    rcodes: tuple[str, ...] = _RCODES


async def offered(asked: Service, given: Mapping[str, str]) -> Offered:
    """What there is to choose from by now, from memory; and what is `given`, though it may be there no longer."""
    config, lists = asked.config, asked.listing.states()
    shadows = [(one.id, one.title) for one in lists if one.mode == "shadow"]
    urls = dict.fromkeys(one.url for one in (*config.upstreams, *config.fallback))
    return Offered(
        titles={one.id: one.title for one in lists},
        devices=(await asked.devices.names())[:DEVICES],
        upstreams=list(urls)[:_UPSTREAMS],
        groups=_with(given.get("group", ""), [(name, name) for name in config.groups]),
        lists=_with(given.get("list", ""), [*((one.id, one.title) for one in lists), *SOURCES.items()]),
        shadows=_with(given.get("shadow", ""), [("*", "any shadow list"), *shadows]) if shadows else [],
        verdicts=[ANYTHING, *VERDICTS.items()],
        origins=[ANYTHING, *ORIGINS.items()],
    )


def _with(value: str, options: list[Pair]) -> list[Pair]:
    known = any(value == one for one, _ in options)
    return [ANYTHING, *options] if known or not value else [ANYTHING, *options, (value, value)]
