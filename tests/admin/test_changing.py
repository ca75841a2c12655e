"""What every change goes through: whom it is for, what the database cannot do, and what the policy is made of."""

from __future__ import annotations

import ipaddress

import msgspec
import pytest

from resolver.admin.bodies import NewPause
from resolver.admin.changing import Changing
from resolver.admin.rulebodies import NewRule
from resolver.config.people import Device
from resolver.errors import ApiError, ConflictError, StoreError
from resolver.store.overrides import NewOverride
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON


def changing(house: House) -> Changing:
    return Changing(house.parts, lambda: house.service.config)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(StoreError("locked"), 503, "store"), (ConflictError("it was changed since"), 409, "conflict")],
)
def test_what_the_database_cannot_do(open_house: Opener, error: Exception, status: int, code: str) -> None:
    def fail() -> None:
        raise error

    async def scenario(house: House) -> None:
        assert await changing(house).store(lambda: 7) == 7
        with pytest.raises(ApiError, match=str(error)) as caught:
            await changing(house).store(fail)
        assert (caught.value.status, caught.value.code) == (status, code)

    open_house(scenario)


def test_whom_a_change_is_for(open_house: Opener) -> None:
    tablet = Device(addresses=(ipaddress.ip_network("192.0.2.30"),), mac="02:00:5e:10:00:01")
    config = msgspec.structs.replace(config_of(open_house.lists), devices={"Tablet": tablet})

    async def scenario(house: House) -> None:
        scope = changing(house).scope
        assert scope("", "") == ("", "")
        assert scope("", "kids") == ("", "kids")
        assert scope("192.0.2.9", "") == ("192.0.2.9", "")
        assert scope("::ffff:192.0.2.9", "") == ("192.0.2.9", "")
        assert scope("TABLET", "") == scope("192.0.2.30", "") == scope("02-00-5E-10-00-01", "") == ("tablet", "")
        for client, group, status, path in (
            ("tablt", "", 404, "client"),
            ("", "grownups", 400, "group"),
            ("tablet", "kids", 400, "group"),
        ):
            with pytest.raises(ApiError) as caught:
                scope(client, group)
            assert (caught.value.status, caught.value.path) == (status, path)

    open_house(scenario, config=config)


def test_how_long_a_change_is_for(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert changing(house).until("10m") == NOON + 600
        assert changing(house).until(90) == NOON + 90
        with pytest.raises(ApiError, match="at most a year"):
            changing(house).until("400d")

    open_house(scenario)


def test_all_that_people_made_is_in_the_policy_also_without_the_database(open_house: Opener) -> None:
    async def before(house: House) -> None:
        await house.service.ruling.add(NewRule("deny", "own.example", group="kids", exact=True), "me")
        await house.service.pausing.begin(NewPause("2h", client="192.0.2.9"), "me")
        house.parts.people.put_override(NewOverride("bedtime", on=False, begins=NOON, until=NOON + 60, who="me"))
        await house.service.publish()

    async def after(house: House) -> None:
        await house.service.publish()
        assert house.parts.publisher.bundle is not None
        document = house.parts.publisher.bundle.document
        own = [rule for rule in document.rules if rule.origin == "api"]
        assert [(str(rule), rule.group, rule.key) for rule in own] == [("deny exact own.example", "kids", "rule:1")]
        assert [(pause.client, pause.until) for pause in document.pauses] == [("192.0.2.9", NOON + 7200)]
        assert [(change.schedule, change.until) for change in document.changes] == [("bedtime", NOON + 60)]
        assert [rule.origin for rule in document.rules].count("config") == 1, "none of them twice"

    open_house(before)
    open_house(after)
    database = open_house.state / "lull.db"
    database.rename(open_house.state / "away")
    database.mkdir()
    open_house(after)


def test_who_began_a_pause_is_known_while_the_database_is(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.service.pausing.begin(NewPause("2h"), "ada")
        assert [(pause.id, pause.who) for pause in house.service.pausing.in_force()] == [(1, "ada")]
        house.clock.now += 7200
        assert house.service.pausing.in_force() == []

    open_house(scenario)
