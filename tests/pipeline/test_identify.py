"""Addresses to clients, and to the finished answers that hold for them."""

from __future__ import annotations

from typing import Any

import pytest

from resolver.cache.packets import Packet
from resolver.model import Client, Exchange
from resolver.pipeline import identify
from resolver.pipeline.identify import Peers
from resolver.policy.document import DeviceEntry, GroupEntry, OwnRule, Pause, SiteEntry
from tests.pipeline.house import made

PACKET = Packet(b"", (), Exchange("a", 1, 0, "cache", "pass"), 0.0, 1.0)


def peers(**fields: Any) -> Peers:
    return Peers(made(**fields), 100_000)


def test_whoever_has_the_same_policy_shares_finished_answers() -> None:
    made = peers(groups=(GroupEntry("default"), GroupEntry("kids", ("192.0.2.64/26",))))
    mine, neighbour, kid = made["192.0.2.1"], made["192.0.2.2"], made["192.0.2.65"]
    assert mine.packets is neighbour.packets
    assert kid.packets is not mine.packets
    assert made["::ffff:192.0.2.1"].packets is mine.packets
    assert made["192.0.2.1"] is mine
    assert kid.client == Client("192.0.2.65", "kids")


@pytest.mark.parametrize(
    "fields", [{"rules": (OwnRule("deny", "a", client="192.0.2.1"),)}, {"pauses": (Pause(9e9, client="192.0.2.1"),)}]
)
def test_whoever_is_spoken_of_has_answers_of_their_own(fields: dict[str, Any]) -> None:
    made = peers(**fields)
    assert made["192.0.2.1"].packets is not made["192.0.2.2"].packets
    assert made["::ffff:192.0.2.1"].packets is made["192.0.2.1"].packets


def test_a_device_with_something_of_its_own_has_one_memory_at_all_its_addresses() -> None:
    devices = (
        DeviceEntry("Tablet", ("192.0.2.7", "2001:db8::7", "2001:db8::70")),
        DeviceEntry("Phone", ("192.0.2.8",)),
        DeviceEntry("TV", ("192.0.2.9", "192.0.2.10")),
    )
    rules = (OwnRule("deny", "a", client="tablet"), OwnRule("deny", "b", client="2001:db8::70"))
    made = peers(devices=devices, rules=rules, sites=(SiteEntry("s", ("b",), client="192.0.2.9"),))
    assert made["192.0.2.7"].packets is made["2001:db8::7"].packets
    assert made["192.0.2.7"].packets is not made["192.0.2.8"].packets
    assert made["192.0.2.8"].packets is made["192.0.2.1"].packets is made["192.0.2.10"].packets
    for other in ("192.0.2.1", "192.0.2.7", "2001:db8::70"):
        assert made["192.0.2.9"].packets is not made[other].packets
    assert made["2001:db8::70"].packets is not made["192.0.2.7"].packets  # a rule is about this address alone


def test_strangers_share_nothing_with_those_who_may_ask() -> None:
    made = peers()
    assert made["8.8.8.8"].packets is not made["192.0.2.1"].packets
    assert not made["8.8.8.8"].client.admitted


def test_what_lists_say_of_clients_is_not_asked_for_strangers(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Peers(made({"ads": "||x.example^$client=~192.0.2.1"}), 100_000)
    asked: list[Client] = []

    def signature(client: Client) -> int:
        asked.append(client)
        return 1

    monkeypatch.setattr(table._bundle.names, "signature", signature)
    assert table["8.8.8.8"].packets is table["9.9.9.9"].packets
    assert asked == []
    client = table["192.0.2.2"].client
    assert asked == [client]


def test_zones_are_told_apart_as_addresses_and_not_as_clients() -> None:
    made = peers()
    assert made["fe80::1%eth0"].client == made["fe80::1%eth1"].client == Client("fe80::1", "default")


def test_a_flood_of_addresses_is_bounded_and_costs_no_finished_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identify, "MAX_PEERS", 100)
    made = peers()
    made["192.0.2.1"].packets.put(b"key", PACKET)
    for n in range(1000):
        made[f"10.0.{n // 256}.{n % 256}"]
        assert len(made) <= 100
    assert made["192.0.2.1"].packets.get(b"key") is PACKET
    assert sum(map(len, made.maps())) == 1


def test_lists_that_single_out_everybody_make_so_many_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identify, "MAX_PERSONAL", 10)
    bits = "\n".join(
        f"||x.example^$client={'|'.join(f'10.0.0.{n}' for n in range(256) if n >> bit & 1)}" for bit in range(8)
    )
    table = Peers(made({"ads": bits}), 100_000)
    for n in range(256):
        mine = table[f"10.0.0.{n}"].packets
        assert table[f"10.0.0.{n}"].packets is mine
        assert len(table.maps()) <= 12
    assert table["10.0.0.1"].packets is not table["10.0.0.2"].packets


def test_all_of_whom_people_speak_keep_their_answers() -> None:
    table = peers(rules=tuple(OwnRule("deny", "a", client=f"10.0.{n // 250}.{n % 250}") for n in range(500)))
    for _ in range(2):
        maps = [table[f"10.0.{n // 250}.{n % 250}"].packets for n in range(500)]
    assert len({id(found) for found in maps}) == len(table.maps()) == 500
    assert table["10.0.0.0"].packets is maps[0]
