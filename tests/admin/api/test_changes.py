from tests.admin.household import House, Opener
from tests.admin.parts import NOON


async def verdict(house: House) -> str:
    return (await house.service.whys.why("t.ads.example")).verdict


def test_a_change_is_told_and_taken_back_and_done_again(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert await house.api("GET", "changes") == {"entries": [], "next": None}
        by = {"Lull-Who": "ada@laptop"}
        await house.call("POST", "/api/v1/rules", json={"action": "allow", "name": "t.ads.example"}, headers=by)
        (change,) = (await house.api("GET", "changes"))["entries"]
        assert change == {
            "id": 1,
            "at": NOON,
            "who": "ada@laptop (command, 127.0.0.1)",
            "what": "allow t.ads.example",
            "undone": None,
            "undoable": True,
        }
        assert await verdict(house) == "allow"

        undone = await house.api("POST", "changes/1/undo")
        assert undone["effective"] is True
        assert (undone["change"]["id"], undone["change"]["what"]) == (2, "take back: allow t.ads.example")
        assert undone["change"]["who"] == "api (127.0.0.1)"
        assert await verdict(house) == "block"
        assert [one["undone"] for one in (await house.api("GET", "changes"))["entries"]] == [None, 2]

        await house.api("POST", "changes/2/undo")
        assert await verdict(house) == "allow"

    open_house(scenario)


def test_what_was_changed_since_is_not_taken_back(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "allow", "name": "t.ads.example"})
        await house.api("DELETE", "rules/1")
        reply = await house.call("POST", "/api/v1/changes/1/undo")
        assert (reply.status, reply.error["code"]) == (409, "conflict")
        assert "was changed since, by change 2" in reply.error["message"]
        assert (await house.call("POST", "/api/v1/changes/77/undo")).status == 404

    open_house(scenario)


def test_changes_a_page_at_a_time(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number in range(4):
            await house.api("POST", "rules", {"action": "deny", "name": f"n{number}.example"})
        newest = await house.api("GET", "changes?limit=2")
        assert ([one["id"] for one in newest["entries"]], newest["next"]) == ([4, 3], 3)
        oldest = await house.api("GET", f"changes?limit=2&cursor={newest['next']}")
        assert ([one["id"] for one in oldest["entries"]], oldest["next"]) == ([2, 1], None)
        assert (await house.api("GET", "changes?limit=3"))["next"] == 2
        assert (await house.get("/api/v1/changes?limit=0")).error["path"] == "limit"

    open_house(scenario)


def test_who_says_so_is_kept_to_one_line(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for number, said in enumerate(("x" * 500, "a\tb\u202e", "  ")):
            body = {"action": "deny", "name": f"n{number}.example"}
            await house.call("POST", "/api/v1/rules", json=body, headers={"Lull-Who": said})
        empty, odd, long = (await house.api("GET", "changes"))["entries"]
        assert long["who"] == f"{'x' * 64} (command, 127.0.0.1)"
        assert odd["who"].isprintable()
        assert empty["who"] == "api (127.0.0.1)"

    open_house(scenario)
