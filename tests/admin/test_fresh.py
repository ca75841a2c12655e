"""What has not changed is not sent again."""

from __future__ import annotations

import hashlib

import pytest

from tests.admin.household import House, Opener


def test_an_answer_has_a_strong_etag_over_its_bytes(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        first = await house.get("/api/v1/rules")
        etag = first.headers["Etag"]
        assert etag == f'"{hashlib.blake2b(first.text.encode(), digest_size=16).hexdigest()}"'
        assert (await house.get("/api/v1/rules")).headers["Etag"] == etag
        head = await house.call("HEAD", "/api/v1/rules")
        assert (head.status, head.headers["Etag"], head.text) == (200, etag, "")
        await house.api("POST", "rules", {"action": "deny", "name": "new.example"})
        changed = await house.get("/api/v1/rules", headers={"If-None-Match": etag})
        assert (changed.status, len(changed.json)) == (200, 2)
        assert changed.headers["Etag"] != etag

    open_house(scenario)


@pytest.mark.parametrize("known", ["{0}", "W/{0}", '"x", {0}', "*"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_has_it_gets_no_body(open_house: Opener, known: str, method: str) -> None:
    async def scenario(house: House) -> None:
        etag = (await house.get("/api/v1/groups")).headers["Etag"]
        reply = await house.call(method, "/api/v1/groups", headers={"If-None-Match": known.format(etag)})
        assert (reply.status, reply.text, reply.headers["Etag"]) == (304, "", etag)
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["X-Content-Type-Options"] == "nosniff"

    open_house(scenario)


def test_what_is_no_json_that_is_read_has_none(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        every = {"If-None-Match": "*"}
        for method, path in (("GET", "/metrics"), ("GET", "/login"), ("GET", "/static/style.css"), ("OPTIONS", "/")):
            reply = await house.call(method, path, headers=every)
            assert "Etag" not in reply.headers, path
            assert reply.status in {200, 204}, path
        missing = await house.get("/api/v1/jobs/none", headers=every)
        assert (missing.status, "Etag" in missing.headers) == (404, False)
        made = await house.call("POST", "/api/v1/pause", json={}, headers=every)
        assert (made.status, "Etag" in made.headers) == (200, False)

    open_house(scenario)


@pytest.mark.parametrize("nonsense", ['"', "x", '""', '"\xff"', "," * 99])
def test_nonsense_is_no_validator(open_house: Opener, nonsense: str) -> None:
    async def scenario(house: House) -> None:
        assert (await house.get("/api/v1/groups", headers={"If-None-Match": nonsense})).status == 200

    open_house(scenario)
