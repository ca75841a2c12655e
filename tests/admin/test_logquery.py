"""What people ask of the log, as a filter of the store."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

import msgspec
import pytest

from resolver.admin.logquery import Conditions, LogQuery, Spanned, filter_of, is_device
from resolver.config.people import Device
from resolver.errors import ApiError
from resolver.network.calling import Calling
from resolver.network.claims import Claims
from resolver.store.filters import LogFilter
from tests.admin.parts import NOON, StillClock
from tests.network.rolls import MAC, config, known, roll

CALLING = Calling(
    config(Tablet=Device(addresses=(ipaddress.ip_network("192.0.2.11"),), mac=MAC)),
    roll(known(1, "192.0.2.10", "fd00::10", name="TV")),
    Claims(),
)


class Service:
    """As much of the service as this needs."""

    clock = StillClock()

    async def clients(self, given: str) -> tuple[str, ...]:
        return CALLING.where(given)


def filter(kind: type[Conditions] = LogQuery, **given: Any) -> LogFilter:
    return asyncio.run(filter_of(Service(), kind(**given)))  # type: ignore[arg-type] # as much as this needs


def refused(kind: type[Conditions] = LogQuery, **given: Any) -> ApiError:
    with pytest.raises(ApiError) as error:
        filter(kind, **given)
    return error.value


def test_nothing_is_no_condition() -> None:
    assert filter() == filter(Conditions) == filter(Spanned) == LogFilter()


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"client": "192.0.2.7"}, {"clients": ("192.0.2.7",)}),
        ({"client": "tv"}, {"clients": ("192.0.2.10", "fd00::10")}),
        ({"client": "tablet"}, {"clients": ("192.0.2.11",)}),
        ({"client": " ~0123456789AB "}, {"clients": ("~0123456789ab",)}),
        ({"client": "192.0.2.0/24"}, {"clients": ("192.0.2.0/24",)}),
        ({"client": "2001:DB8:0::/48"}, {"clients": ("2001:db8::/48",)}),
        ({"group": "kids"}, {"group": "kids"}),
        ({"name": "Example.COM."}, {"name": "example.com"}),
        ({"exact": "bücher.example"}, {"exact": "xn--bcher-kva.example"}),
        ({"part": "Ads"}, {"part": "Ads"}),
        ({"type": "aaaa"}, {"type": 28}),
        ({"type": "TYPE65"}, {"type": 65}),
        ({"verdict": "refused"}, {"verdict": "refused"}),
        ({"list": "hagezi-pro"}, {"source": "hagezi-pro"}),
        ({"rule": "||ads.example^$dnstype=~A"}, {"rule": "||ads.example^$dnstype=~A"}),
        ({"origin": "stale"}, {"origin": "stale"}),
        ({"upstream": "udp://192.0.2.53"}, {"upstream": "udp://192.0.2.53"}),
        ({"rcode": "NxDomain"}, {"rcode": 3}),
        ({"rcode": "RCODE9"}, {"rcode": 9}),
        ({"slower": 12.5}, {"slower": 12.5}),
        ({"since": "24h"}, {"since": NOON - 86_400.0}),
        ({"since": "1767225600.5"}, {"since": 1_767_225_600.5}),
        ({"since": "2026-01-01T11:00:00Z"}, {"since": NOON - 3600.0}),
        ({"since": "2026-01-01t12:00:00+01:00"}, {"since": NOON - 3600.0}),
        ({"since": "2d", "until": "1d"}, {"since": NOON - 172_800.0, "until": NOON - 86_400.0}),
        ({"shadow": "*"}, {"shadow": "*"}),
    ],
)
def test_conditions(given: dict[str, Any], wanted: dict[str, Any]) -> None:
    assert filter(**given) == LogFilter(**wanted)


def test_all_at_once() -> None:
    given: dict[str, Any] = {"client": "tv", "name": "example", "verdict": "block", "list": "ads", "slower": 1.0}
    assert filter(**given, since="1h") == LogFilter(
        clients=("192.0.2.10", "fd00::10"),
        name="example",
        verdict="block",
        source="ads",
        slower=1.0,
        since=NOON - 3600.0,
    )


@pytest.mark.parametrize(
    ("given", "path", "said"),
    [
        ({"client": "nobody"}, "client", "no device is called"),
        ({"client": "192.0.2.7/24"}, "client", "has host bits set"),
        ({"client": "a/b"}, "client", "is not a network"),
        ({"client": "~\x00"}, "client", "cannot be printed"),
        ({"name": "a..b"}, "name", ""),
        ({"name": "http://a.example/"}, "name", "is a URL"),
        ({"exact": "a..b"}, "exact", ""),
        ({"part": "\x00"}, "part", "cannot be printed"),
        ({"part": "\ud800"}, "part", "cannot be printed"),
        ({"group": "\x1b[2J"}, "group", "cannot be printed"),
        ({"rule": "a\nb"}, "rule", "cannot be printed"),
        ({"upstream": "\u202e"}, "upstream", "cannot be printed"),
        ({"list": "\t"}, "list", "cannot be printed"),
        ({"type": "X"}, "type", "is not a record type"),
        ({"type": "TYPE99999"}, "type", "is not a record type"),
        ({"rcode": "OK"}, "rcode", "is not a response code"),
        ({"rcode": "RCODE4096"}, "rcode", "is not a response code"),
        ({"shadow": "a b"}, "shadow", "is not the id of a list"),
        ({"since": "yesterday"}, "since", "neither a duration"),
        ({"since": "2026-13-01T00:00:00Z"}, "since", "neither a duration"),
        ({"until": "+1h"}, "until", "neither a duration"),
        ({"since": "1h", "until": "2h"}, "until", "nothing lies between"),
        ({"since": "1h", "until": "1h"}, "until", "nothing lies between"),
    ],
)
def test_what_is_none(given: dict[str, Any], path: str, said: str) -> None:
    error = refused(**given)
    assert error.status in {400, 404}
    assert error.path == path
    assert said in str(error)
    assert str(error).isprintable()


@pytest.mark.parametrize(
    "given",
    [
        {"verdict": "maybe"},
        {"origin": "moon"},
        {"slower": -1},
        {"limit": 0},
        {"limit": 1001},
        {"cursor": 0},
        {"rule": "x" * 4001},
    ],
)
def test_what_cannot_be_said_at_all(given: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(given, LogQuery)


def test_what_means_a_device() -> None:
    assert [is_device(text) for text in ("tv", "192.0.2.7", "", "~0123456789ab", "192.0.2.0/24")] == [
        True,
        True,
        False,
        False,
        False,
    ]
