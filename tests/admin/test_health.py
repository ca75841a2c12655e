from tests.admin.household import House, Opener


def test_all_is_well(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        reply = await house.get("/healthz", token=None)
        assert reply.status == 200
        assert reply.json == {"ok": True, "well": True, "sentence": "DNS is well."}

    open_house(scenario)


def test_a_dead_upstream_is_said_and_is_not_controls_fault(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.say_health(up=False)
        reply = await house.get("/healthz", token=None)
        assert reply.status == 200
        assert reply.json["ok"] is True
        assert reply.json["well"] is False
        assert reply.json["sentence"].startswith("No upstream answers since ")

    open_house(scenario)


def test_a_dead_database_is_not_controls_end(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.database.close()
        assert (await house.get("/healthz", token=None)).status == 200

    open_house(scenario)


def test_without_a_policy_control_cannot_do_its_work(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        house.parts.publisher.bundle = None
        house.parts.publisher.trouble = "the disk is full"
        reply = await house.get("/healthz", token=None)
        assert reply.status == 503
        assert reply.json["ok"] is False
        assert "the disk is full" in reply.json["sentence"]

    open_house(scenario)
