import ipaddress

import msgspec
import pytest

from resolver.config.people import Device
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON, row


async def names(house: House, query: str = "") -> list[str]:
    return [entry["name"] for entry in (await house.api("GET", f"log{query}"))["entries"]]


async def fill(house: House) -> None:
    await house.journal(
        [row("new.example", "allow", client="192.0.2.12", shadow="trial: ||new.example^")], NOON - 99_000
    )
    await house.journal([row("old.ads.example", client="192.0.2.11")], NOON - 90_000)
    await house.journal([row("www.example", "pass"), row("t.ads.example", via="cdn.ads.example", count=3)])


def test_an_entry_says_everything(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await fill(house)
        page = await house.api("GET", "log?name=t.ads.example")
        assert page["next"] is None
        (entry,) = page["entries"]
        assert entry.pop("id") > 0
        assert entry == {
            "at": NOON - 60,
            "client": "192.0.2.10",
            "group": "default",
            "name": "t.ads.example",
            "type": "A",
            "rcode": "NOERROR",
            "origin": "local",
            "verdict": "block",
            "list": "ads",
            "rule": "||t.ads.example^",
            "via": "cdn.ads.example",
            "upstream": "",
            "count": 3,
            "took_us": 90,
            "shadow": "",
            "device": "",
        }

    open_house(scenario)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["t.ads.example", "www.example", "old.ads.example", "new.example"]),
        ("?name=ads.example", ["t.ads.example", "old.ads.example"]),
        ("?name=ADS.Example.", ["t.ads.example", "old.ads.example"]),
        ("?name=s.example", []),
        ("?verdict=pass", ["www.example"]),
        ("?verdict=rewrite", []),
        ("?client=192.0.2.11", ["old.ads.example"]),
        ("?client=::ffff:192.0.2.11", ["old.ads.example"]),
        ("?group=kids", []),
        ("?group=default&limit=1", ["t.ads.example"]),
        ("?since=24h", ["t.ads.example", "www.example"]),
        (f"?since={NOON - 60}", ["t.ads.example", "www.example"]),
        (f"?since={NOON}", []),
        ("?shadow=*", ["new.example"]),
        ("?shadow=trial&since=2d", ["new.example"]),
        ("?shadow=trial&since=24h", []),
        ("?shadow=other", []),
        ("?verdict=block&since=2d&client=192.0.2.10&name=example", ["t.ads.example"]),
    ],
)
def test_filters(open_house: Opener, query: str, found: list[str]) -> None:
    async def scenario(house: House) -> None:
        await fill(house)
        assert await names(house, query) == found

    open_house(scenario)


def test_pages_follow_each_other_without_a_gap(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row(f"n{number}.example") for number in range(10)])
        seen, query = [], "?limit=4"
        while True:
            page = await house.api("GET", f"log{query}")
            seen += [entry["name"] for entry in page["entries"]]
            await house.journal([row("meanwhile.example")])
            if page["next"] is None:
                break
            query = f"?limit=4&cursor={page['next']}"
        assert seen == [f"n{number}.example" for number in reversed(range(10))]

    open_house(scenario)


def test_a_device_is_all_its_addresses(open_house: Opener) -> None:
    tablet = Device(addresses=(ipaddress.ip_network("192.0.2.11"), ipaddress.ip_network("192.0.2.12")))
    config = msgspec.structs.replace(
        config_of(open_house.lists), devices={"Tablet": tablet, "lost": Device(mac="02:00:5e:10:00:01")}
    )

    async def scenario(house: House) -> None:
        await fill(house)
        assert await names(house, "?client=tablet") == ["old.ads.example", "new.example"]
        assert await names(house, "?client=192.0.2.12") == ["old.ads.example", "new.example"], "it is the tablet's"
        assert await names(house, "?client=192.0.2.10&verdict=pass") == ["www.example"]
        assert await names(house, "?client=lost") == []

    open_house(scenario, config=config)


def test_hostile_names_are_text(open_house: Opener) -> None:
    hostile = r"<script>alert\0401\041'.\226\128\174\000.ads.example"

    async def scenario(house: House) -> None:
        await house.journal([row(hostile)])
        assert await names(house) == [hostile]
        assert await names(house, "?name=ads.example") == [hostile]

    open_house(scenario)


@pytest.mark.parametrize("shadow", ["**", "a list", "x" * 65, "%25"])
def test_what_is_no_list(open_house: Opener, shadow: str) -> None:
    async def scenario(house: House) -> None:
        reply = await house.get(f"/api/v1/log?shadow={shadow}")
        assert (reply.status, reply.error["path"]) == (400, "shadow")
        assert "is not the id of a list" in reply.error["message"]

    open_house(scenario)


def test_devices_are_called_by_their_names(open_house: Opener) -> None:
    tv = Device(addresses=(ipaddress.ip_network("192.0.2.10"),))
    config = msgspec.structs.replace(config_of(open_house.lists), devices={"Living Room TV": tv})

    async def scenario(house: House) -> None:
        await fill(house)
        await house.journal([row("hidden.example", client="")])
        entries = (await house.api("GET", "log"))["entries"]
        assert {(entry["client"], entry["device"]) for entry in entries} == {
            ("192.0.2.10", "Living Room TV"),
            ("192.0.2.11", ""),
            ("192.0.2.12", ""),
            ("", ""),
        }
        clients = (await house.api("GET", "stats?since=48h"))["clients"]
        assert {(one["value"], one["device"]) for one in clients} == {
            ("192.0.2.10", "Living Room TV"),
            ("192.0.2.11", ""),
            ("192.0.2.12", ""),
        }
        page = await (await house.sign_in()).page()
        assert '<bdi title="192.0.2.10">Living Room TV</bdi>' in page
        assert "<bdi>192.0.2.11</bdi>" in page

    open_house(scenario, config=config)


def test_rules_pauses_and_sites_name_devices_as_they_were_written(open_house: Opener) -> None:
    tv = Device(addresses=(ipaddress.ip_network("192.0.2.10"),))
    config = msgspec.structs.replace(config_of(open_house.lists), devices={"Living Room TV": tv})

    async def scenario(house: House) -> None:
        whom = {"client": "LIVING room tv"}
        made = await house.api("POST", "rules", {"action": "deny", "name": "a.example", **whom})
        paused = await house.api("POST", "pause", whom)
        site = await house.api("PUT", "sites/news.example", {"allow": ["t.ads.example"], **whom})
        assert {made["rule"]["client"], paused["client"], site["rule"]["client"]} == {"Living Room TV"}
        assert [one["client"] for one in await house.api("GET", "pause")] == ["Living Room TV"]
        assert (await house.api("GET", "rules"))[-1]["client"] == "Living Room TV"
        assert (await house.api("GET", "sites"))[-1]["client"] == "Living Room TV"
        for path in ("pause", "sites/news.example"):
            await house.api("DELETE", f"{path}?client=Living+Room+TV")
            assert await house.api("GET", path.partition("/")[0]) == []

    open_house(scenario, config=config)
