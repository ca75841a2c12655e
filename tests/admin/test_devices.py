import asyncio
import unicodedata
from typing import Any

import pytest
from msgspec.structs import replace

from resolver.admin.devicebodies import DeviceChange
from resolver.admin.rulebodies import NewRule
from resolver.config.people import Device, Group
from resolver.config.values import DeviceRef, MacAddress
from resolver.errors import ApiError
from resolver.journal import frames
from resolver.network import keeper
from resolver.store.sightings import Seen
from tests.admin.household import House, Opener
from tests.admin.parts import NOON, row, until

MAC, OTHER = "02:00:5e:10:00:01", "02:00:5e:10:00:02"
V4, V6, NEXT = "192.0.2.10", "fd00::10", "192.0.2.11"


def seen(house: House) -> None:
    """Three devices: one with two addresses, one with a host name, one in the config."""
    notes = [Seen(V4, MAC, NOON), Seen(V6, MAC, NOON), Seen(NEXT, at=NOON), Seen("192.0.2.12", OTHER, NOON)]
    house.parts.devices.store.note(notes, {NEXT: (0, "phone.lan")}, NOON, lambda _: False)
    kids = Group(lists=(), clients=(MacAddress(OTHER), DeviceRef("lamp")))
    house.service.config = replace(
        house.service.config, groups={"default": Group(), "kids": kids}, devices={"Tablet": Device(mac=OTHER)}
    )


async def put(house: House, text: str, **said: Any) -> Any:
    return await house.service.devices.put(text, DeviceChange(**said), "ada (command, 127.0.0.1)")


async def refused(house: House, text: str, **said: Any) -> ApiError:
    with pytest.raises(ApiError) as error:
        await put(house, text, **said)
    return error.value


def group_of(house: House, address: str) -> tuple[str, str]:
    assert house.parts.publisher.bundle is not None
    client = house.parts.publisher.bundle.identify(address)
    return client.device, client.group


def test_naming_is_in_force_at_once_for_every_address(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        result = await put(house, V4, name="TV", group="kids")
        assert (result.device.name, result.device.group, result.changed, result.effective) == ("TV", "kids", True, True)
        assert result.device.how == f"MAC {MAC}"
        assert group_of(house, V4) == group_of(house, V6) == ("tv", "kids")
        assert group_of(house, NEXT) == ("", "default")
        change = (await house.service.history.changes(1)).entries[0]
        assert (change.who, change.what) == ("ada (command, 127.0.0.1)", f"name {V4} TV; put TV in group kids")
        again = await put(house, "tv", name="TV")
        assert not again.changed
        assert len((await house.service.history.changes(9)).entries) == 1
        await house.service.history.undo(change.id, "ada")
        assert group_of(house, V6) == ("", "default")

    open_house(scenario)


def test_what_the_log_keeps_is_in_force_at_once(open_house: Opener) -> None:
    def kept(house: House, address: str) -> str:
        assert house.parts.publisher.bundle is not None
        return house.parts.publisher.bundle.identify(address).privacy

    async def scenario(house: House) -> None:
        seen(house)
        result = await put(house, V4, privacy="no-name")
        assert (result.device.privacy, result.device.said_by, result.changed) == ("no-name", "device", True)
        assert [kept(house, one) for one in (V4, V6, NEXT)] == ["no-name", "no-name", "full"], "by its MAC address"
        assert not (await put(house, V6, privacy="no-name")).changed
        result = await put(house, V4, privacy="")
        assert (result.device.privacy, result.device.said_by) == ("full", "all")
        house.service.config = replace(house.service.config, devices={"Tablet": Device(mac=OTHER, privacy="off")})
        assert "the config says what the log keeps of Tablet" in str(await refused(house, OTHER, privacy="full"))
        new = await put(house, "02:00:5e:10:00:09", privacy="off")
        assert (new.device.privacy, new.device.name) == ("off", "")

    open_house(scenario)


def test_rules_follow_a_device_to_its_name(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.api("POST", "rules", {"action": "deny", "name": "a.example", "client": V4})
        await put(house, V4, name="TV")
        assert [rule["client"] for rule in await house.api("GET", "rules") if rule["id"]] == ["TV"]
        why = await house.api("GET", f"why?name=a.example&client={V6}")
        assert why["verdict"] == "block"

    open_house(scenario)


def test_what_cannot_be_named(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await put(house, V4, name="TV")
        assert "another device is called TV" in str(await refused(house, NEXT, name="tv"))
        for name in ("", " ", "-tv", "a" * 65, "02-00-5e-10-00-07", "1.2.3.4", "t\x1b[2Jv", "tv\n.", "k\u202eü", "<b>"):
            error = await refused(house, NEXT, name=name)
            assert (error.status, error.path) == (400, "name"), name
            assert str(error).isprintable()
        assert "the config calls this device Tablet" in str(await refused(house, OTHER, name="slate"))
        assert "Tablet is a device of the config" not in str(await refused(house, NEXT, name="nothing", group="kidz"))
        assert "is a device of the config" in str(await refused(house, NEXT, name="TABLET"))
        assert 'no group "kidz"; did you mean "kids"' in str(await refused(house, NEXT, group="kidz"))
        assert "has put this device in group kids" in str(await refused(house, OTHER, group="default"))
        assert "has put this device in group kids" in str(await refused(house, NEXT, name="lamp", group="default"))
        assert "say what to change" in str(await refused(house, NEXT))
        assert (await refused(house, "nobody", name="x")).status == 404
        assert group_of(house, NEXT) == ("", "default")

    open_house(scenario)


def test_names_of_any_language(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        made = await put(house, V4, name=unicodedata.normalize("NFD", "Kühlschrank & Öfen"), group="kids")
        assert made.device.name == "Kühlschrank & Öfen"
        assert "another device is called Kühlschrank & Öfen" in str(
            await refused(house, NEXT, name="KÜHLSCHRANK & ÖFEN")
        )
        found = await house.service.devices.one(unicodedata.normalize("NFD", "kühlschrank & öfen"))
        assert V4 in found.addresses
        rule = await house.service.ruling.add(NewRule("allow", "a.example", client="KÜHLSCHRANK & öfen"), "ada")
        assert house.parts.people.rules()[-1].client == "kühlschrank & öfen"
        assert rule.effective
        with pytest.raises(ApiError, match=r'no device is called "Kids"; there is a group kids: say it as the group'):
            await house.service.ruling.add(NewRule("allow", "a.example", client="Kids"), "ada")
        with pytest.raises(ApiError, match=r'no group "KIDS"; did you mean "kids"'):
            await house.service.ruling.add(NewRule("allow", "a.example", group="KIDS"), "ada")

    open_house(scenario)


def test_devices_that_were_never_seen(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        made = await put(house, "02-00-5E-10-00-77", name="camera", group="kids")
        assert (made.device.mac, made.device.addresses, made.device.last) == ("02:00:5e:10:00:77", [], 0.0)
        made = await put(house, "192.0.2.99", name="printer")
        assert group_of(house, "192.0.2.99") == ("printer", "default")
        house.parts.devices.store.note([Seen("192.0.2.98", "02:00:5e:10:00:77", NOON)], {}, NOON, lambda _: False)
        await house.service.publish()
        assert group_of(house, "192.0.2.98") == ("camera", "kids")

    open_house(scenario)


def test_a_device_of_the_config_that_was_not_seen_cannot_be_grouped(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.service.config = replace(house.service.config, devices={"Lamp": Device(mac=MAC)})
        assert "Lamp was not seen yet" in str(await refused(house, "Lamp", group="kids"))

    open_house(scenario)


def test_one_by_whatever_it_is_called(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        devices = house.service.devices
        for text in ("1", V4, V6, MAC, MAC.upper().replace(":", "-")):
            assert (await devices.one(text)).id == 1, text
        assert (await devices.one("phone")).id == 2
        assert (await devices.one("tablet")).name == "Tablet"
        for text in ("nobody", "99", "192.0.2.99", "\x1b[2J"):
            with pytest.raises(ApiError) as error:
                await devices.one(text)
            assert error.value.status == 404

    open_house(scenario)


def test_queries_are_counted_from_the_log_now_and_then(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.journal([row("a.example", client=V4, count=3), row("b.example", "pass", client=V6)])
        first = await house.service.devices.one(V4)
        assert (first.queries, first.blocked) == (4, 3)
        await house.journal([row("a.example", client=V4)])
        assert (await house.service.devices.one(V4)).queries == 4
        house.clock.now += 61
        assert (await house.service.devices.one(V4)).queries == 5

    open_house(scenario)


def test_forgetting(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await put(house, V4, name="TV", group="kids")
        assert (await house.service.devices.forget("tv", "ada")).effective
        assert group_of(house, V4) == ("", "default")
        change = (await house.service.history.changes(1)).entries[0]
        assert change.what == "forget TV"
        await house.service.history.undo(change.id, "ada")
        house.parts.devices.store.note([Seen(V4, MAC, NOON)], {}, NOON, lambda _: False)
        await house.service.publish()
        assert group_of(house, V4) == ("tv", "kids")
        await house.api("POST", "pause", {"for": "10m", "client": "tv"})
        with pytest.raises(ApiError, match="for TV alone") as error:
            await house.service.devices.forget("tv", "ada")
        assert error.value.status == 409
        assert str(error.value).endswith("First: lull pause --end --client TV")

    open_house(scenario)


def test_forgetting_a_device_of_the_config(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        done = await house.service.devices.forget("tablet", "ada")
        assert done.hint == "Tablet stands in the config and stays: only what was seen of it is forgotten"
        with pytest.raises(ApiError, match="tablet was not seen yet; what holds for it stands in the config") as error:
            await house.service.devices.forget("tablet", "ada")
        assert error.value.status == 409

    open_house(scenario)


def test_groups(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await put(house, V4, name="TV", group="kids")
        await house.api("POST", "rules", {"action": "deny", "name": "a.example", "group": "kids"})
        everyone, kids = house.service.devices.groups()
        assert (everyone.name, everyone.lists) == ("default", ["ads", "starter"])
        assert (kids.clients, kids.devices, kids.lists, kids.rules) == ([OTHER, "lamp"], ["TV"], [], 1)

    open_house(scenario)


def test_a_day_with_devices_that_come_and_move(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the journal to the policy, with the keeper running."""
    monkeypatch.setattr(keeper, "BEAT", 0.05)

    async def scenario(house: House) -> None:
        devices = house.parts.devices
        house.service.config = replace(
            house.service.config,
            discovery=replace(house.service.config.discovery, neighbours=False, router="off", leases=()),
        )
        keeping = asyncio.create_task(devices.keep(house.service.publish))
        devices.take(frames.Batch("f", 1, NOON, [row("a.example", client=V4)], {}))
        await until(lambda: V4 in devices.roll.by_address)
        await put(house, V4, name="TV", group="kids")
        assert group_of(house, V4) == ("tv", "kids")
        await asyncio.to_thread(devices.store.note, [Seen(V4, MAC), Seen(V6, MAC)], {}, NOON, lambda _: False)
        await until(lambda: keeping.done() or group_of(house, V6) == ("tv", "kids"))
        assert not keeping.done(), keeping.result()
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    open_house(scenario)


def test_who_is_forgotten_does_not_come_back_by_itself(open_house: Opener) -> None:
    """Though it asked just now, and that was not written yet."""

    async def scenario(house: House) -> None:
        seen(house)
        devices = house.parts.devices
        house.clock.now = NOON + 30
        batch = [row("a.example", client=V4), row("a.example", client=NEXT)]
        devices.take(frames.Batch("f", 1, NOON + 30, batch, {}))
        await devices._note()
        await house.service.devices.forget(V4, "ada")
        await devices._note()
        assert V4 not in devices.store.read().by_address
        assert NEXT in devices.roll.by_address
        devices.take(frames.Batch("f", 2, NOON + 40, batch, {}))
        await devices._note()
        assert V4 in devices.roll.by_address

    open_house(scenario)


def test_looking_at_a_device_needs_no_name(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        seen(house)
        await house.journal([row("a.example", client=V4), row("b.example", client=V6), row("c.example", client=NEXT)])
        for text, names in ((MAC, {"a.example", "b.example"}), ("phone", {"c.example"}), (V6, {"b.example"})):
            page = await house.api("GET", f"log?client={text}")
            assert {entry["name"] for entry in page["entries"]} == names, text
        why = await house.api("GET", f"why?name=a.example&client={MAC}")
        assert why["client"] in {V4, V6}
        assert (await house.call("GET", "/api/v1/why?name=a.example&client=nobody")).status == 404

    open_house(scenario)
