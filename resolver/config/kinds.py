"""Which text a value of each type is written in: one table for reading a config and for documenting it."""

from __future__ import annotations

import datetime as dt
import pathlib
import zoneinfo
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct

from resolver.config import clients, hours, leaves, names, ownrule, records, storing, upstreams, values
from resolver.errors import TextError
from resolver.model import RRset


class Kind(Struct, frozen=True):
    """How values of one type are read and shown: `parse` raises LullError with advice; `json` adds to "type": "string"
    in the JSON Schema. `bare` texts may be what YAML takes for a number: they need no quotes.
    """

    parse: Callable[[str], object]
    example: str
    json: Mapping[str, object] = {}
    show: Callable[[Any], str] = str
    bare: bool = False


def _path(text: str) -> pathlib.Path:
    if not text:
        raise TextError("a path is missing")
    return pathlib.Path(text)


_DURATION = {
    "type": ["string", "integer"],
    "pattern": r"^([0-9]{1,10}|(?=[0-9])([0-9]{1,9}w)?([0-9]{1,9}d)?([0-9]{1,9}h)?([0-9]{1,9}m)?([0-9]{1,9}s)?)$",
    "minimum": 0,
}

_WINDOW = {**_DURATION, "pattern": f"{_DURATION['pattern']}|^always$", "minimum": 60, "maximum": 86400}
_SIZE = {"type": ["string", "integer"], "pattern": "^(0|[0-9]{1,6} ?([MmGgTt][Bb]))$", "maximum": 0, "minimum": 0}
_TIME = {"pattern": "^([01]?[0-9]|2[0-3]):[0-5][0-9]$"}

KINDS: Mapping[object, Kind] = {
    float: Kind(leaves.duration, "10s", _DURATION, leaves.show_duration, bare=True),
    pathlib.Path: Kind(_path, "some/path", {"minLength": 1}),
    values.Endpoint: Kind(leaves.endpoint, "127.0.0.1:5353"),
    values.Upstream: Kind(upstreams.upstream, "tls://9.9.9.9#dns.quad9.net", {"pattern": upstreams.PATTERN}),
    values.StoreUrl: Kind(
        storing.store,
        "postgresql+psycopg://lull@db.example/lull",
        {"pattern": storing.PATTERN},
        lambda place: place.url,
    ),
    values.Asker: Kind(leaves.asker, "198.51.100.0/24"),
    values.Network: Kind(leaves.network, "198.51.100.0/24"),
    values.Address: Kind(leaves.address, "192.0.2.1"),
    values.Member: Kind(clients.member, "198.51.100.0/24"),
    values.Whom: Kind(clients.whom, "living room tv"),
    values.Router: Kind(clients.router, "auto", bare=True),
    values.OwnRule: Kind(
        ownrule.own_rule, "deny ads.example.net", {"pattern": r"^\s*([Aa]llow|ALLOW|[Dd]eny|DENY|[Bb]lock|BLOCK)\s+\S"}
    ),
    values.SubtreeName: Kind(names.below, "school.example"),
    values.ExactName: Kind(names.exact, "lull.home.arpa"),
    values.Window: Kind(leaves.window, "10m", _WINDOW, leaves.show_window, bare=True),
    values.Size: Kind(leaves.size, "2GB", _SIZE, leaves.show_size, bare=True),
    values.Target: Kind(hours.target, "service:roblox"),
    dt.time: Kind(hours.time_of_day, "21:00", _TIME, hours.show_time, bare=True),
    zoneinfo.ZoneInfo: Kind(hours.zone, "Europe/Berlin"),
    RRset: Kind(records.record, "printer.home.arpa. 300 A 192.0.2.9"),
}
