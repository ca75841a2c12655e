"""What was counted, as people see it."""

from __future__ import annotations

import msgspec
import pytest

from resolver.admin import bodies, statshown
from resolver.commands.stats import BY
from resolver.model import Exchange
from resolver.network.calling import Calling
from resolver.store import statistics
from resolver.store.statistics import Counted
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, row

HOUR = 3600


async def asked(house: House, query: str) -> bodies.Stats:
    return msgspec.convert(await house.api("GET", f"stats?{query}"), bodies.Stats)


def test_any_time(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for ago in (30, 20, 10, 0):
            await house.journal([row(f"n{ago}.ads.example", count=ago + 1)], NOON - ago * HOUR)
        some = await asked(house, f"since=25h&until={NOON - 5 * HOUR}")
        assert (some.since, some.until, some.queries) == (NOON - 25 * HOUR, NOON - 5 * HOUR, 32)
        assert [one.value for one in some.blocked] == ["n20.ads.example", "n10.ads.example"]
        assert [one.value for one in (await asked(house, "since=2d&limit=1")).names] == ["n30.ads.example"]
        assert (await asked(house, "since=2026-01-01T11:30:00Z")).queries == 1
        for query, path in (
            ("since=1h&until=2h", "until"),
            ("until=x", "until"),
            ("by=colour", "by"),
            ("limit=0", "limit"),
        ):
            reply = await house.get(f"/api/v1/stats?{query}")
            assert (reply.status, reply.error["path"]) == (400, path), query

    open_house(scenario)


def test_shares_and_latency(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        passed = [
            msgspec.structs.replace(
                row("www.example", "pass", count=count),
                exchange=Exchange("www.example", 1, 0, origin, "pass", upstream=upstream),
                took_us=30_000,
            )
            for origin, upstream, count in (("cache", "", 2), ("upstream", "tls://192.0.2.53", 1))
        ]
        await house.journal([row("t.ads.example", count=1), *passed])
        stats = await asked(house, "since=1h")
        assert (stats.hit_ratio, stats.blocked_share) == (0.6667, 0.25)
        (one,) = stats.upstreams
        assert (one.upstream, one.count) == ("tls://192.0.2.53", 1)
        assert 20 < one.p50 <= one.p99 <= 50

    open_house(scenario)


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("verdict", [("pass", 3, 0), ("block", 2, 2)]),
        ("list", [("ads", 2, 2)]),
        ("type", [("A", 5, 2)]),
        ("rcode", [("NOERROR", 5, 2)]),
        ("device", [("192.0.2.12", 2, 1), ("Living Room TV", 2, 1), ("192.0.2.11", 1, 0)]),
    ],
)
def test_what_is_told_apart(open_house: Opener, by: str, expected: list[tuple[str, int, int]]) -> None:
    async def scenario(house: House) -> None:
        await house.journal(
            [
                *(row("t.ads.example", client=client) for client in ("192.0.2.10", "192.0.2.12")),
                *(row("www.example", "pass", client=f"192.0.2.{number}") for number in (10, 11, 12)),
            ]
        )
        await house.api("PUT", "clients/192.0.2.10", {"name": "Living Room TV"})
        parts = (await asked(house, f"by={by}")).parts
        assert [(one.value, one.count, one.blocked) for one in parts] == expected
        assert (await asked(house, "")).parts == []

    open_house(scenario)


class Called(Calling):
    """Devices by addresses."""

    def __init__(self, names: dict[str, str]) -> None:
        self._by_address = names

    def of(self, address: str) -> str:
        return self._by_address.get(address, "")


def test_addresses_of_one_device_are_added_up() -> None:
    calling = Called({"192.0.2.10": "tv", "2001:db8::7": "tv"})
    parts = [Counted("192.0.2.9", 5, 1), Counted("192.0.2.10", 4, 2), Counted("2001:db8::7", 3, 0)]
    assert statshown._parts(parts, "device", calling) == [bodies.Share("tv", 7, 2), bodies.Share("192.0.2.9", 5, 1)]


def test_the_command_knows_them_all() -> None:
    assert BY == statistics.BY
