import msgspec

from resolver.admin import bodies
from tests.admin.household import House, Opener


async def why(house: House, query: str) -> bodies.Why:
    return msgspec.convert(await house.api("GET", f"why?{query}"), bodies.Why)


def test_why_a_name_is_blocked(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await why(house, "name=T.ads.example.")
        assert (found.name, found.type, found.group, found.verdict) == ("t.ads.example", "A", "default", "block")
        assert found.decided_by == "ads: ||ads.example^"
        assert found.matched == ["ads: ||ads.example^"]
        assert found.advice == "to allow it: lull allow t.ads.example"

    open_house(scenario)


def test_why_by_type_and_client(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = await why(house, "name=www.example&client=::ffff:192.0.2.20&type=aaaa")
        assert (found.client, found.type, found.verdict, found.decided_by) == ("192.0.2.20", "AAAA", "pass", "")
        assert (await why(house, "name=www.example&type=type65280")).type == "TYPE65280"

    open_house(scenario)


def test_hostile_names_are_answered_as_text(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await house.get(r"/api/v1/why", params={"name": r"<b>\"\000\226\128\174x.ads.example"})
        assert reply.status == 200
        assert reply.text.isprintable()
        assert reply.json["verdict"] == "block"

    open_house(scenario)


def test_without_a_policy_nothing_is_known(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.publisher.bundle = None
        reply = await house.get("/api/v1/why?name=a.example")
        assert reply.status == 503
        assert reply.error["code"] == "not-ready"

    open_house(scenario)
