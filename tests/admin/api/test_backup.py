"""Backup and restore over the API."""

from __future__ import annotations

import asyncio
import pathlib
import re
from typing import Any

from resolver.admin.backing import KIND
from resolver.admin.jobs import AT_ONCE
from resolver.backup import taking
from resolver.backup.reading import check
from tests.admin.household import TOKEN, House, Opener
from tests.admin.parts import row, until
from tests.backup.archives import plain, whole, write

GZIP = {"Content-Type": "application/gzip"}


async def _fetch(house: House, path: str = "/api/v1/backup") -> tuple[dict[str, str], bytes]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with house.http.get(house.url + path, headers=headers) as response:
        assert response.status == 200
        return dict(response.headers), await response.read()


async def _over(house: House, begun: Any) -> Any:
    while True:
        found = (await house.get(f"/api/v1/jobs/{begun['id']}?seconds=5")).json
        if found["state"] != "running":
            return found


def test_a_backup_is_a_whole_archive(open_house: Opener, tmp_path: pathlib.Path) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row("t.ads.example"), row("www.example", "pass")])
        await house.api("POST", "rules", {"action": "deny", "name": "x.example"})
        headers, data = await _fetch(house)
        assert headers["Content-Type"] == "application/gzip"
        assert re.fullmatch(
            r'attachment; filename="lull-backup-20260101-120000\.tar\.gz"', headers["Content-Disposition"]
        )
        (tmp_path / "backup").write_bytes(data)
        checked = check(tmp_path / "backup", 1 << 30)
        assert {"config.yaml", "lists/ads/meta.json", "rows/rules/000001.jsonl", "files/ads"} <= set(checked.members)
        assert not any(name.startswith("log/") for name in checked.members)
        _, data = await _fetch(house, "/api/v1/backup?log=true")
        (tmp_path / "backup").write_bytes(data)
        assert "log/rows/000001.jsonl" in check(tmp_path / "backup", 1 << 30).members

    open_house(scenario)


def test_a_backup_is_staged_and_will_be_taken(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.api("POST", "rules", {"action": "deny", "name": "x.example"})
        _, data = await _fetch(house)
        reply = await house.call("POST", "/api/v1/restore?config=false", data=data, headers=GZIP)
        assert reply.status == 202, reply.text
        assert reply.location == f"/api/v1/jobs/{reply.json['id']}"
        job = await _over(house, reply.json)
        assert job["state"] == "done", job
        result = job["result"]
        assert (result["rows"]["rules"], result["log"], result["config"]) == (1, None, False)
        assert taking.pending(house.parts.state) is not None
        waits = await house.api("GET", "restore")
        assert (waits["id"], waits["state"]) == (result["id"], "waiting")
        again = await house.call("POST", "/api/v1/restore", data=data, headers=GZIP)
        assert (again.status, again.error["code"]) == (409, "conflict")

    open_house(scenario)


def test_what_is_no_backup_is_refused(open_house: Opener, tmp_path: pathlib.Path) -> None:
    async def scenario(house: House) -> None:
        _, data = await _fetch(house)
        for given, status in (({**GZIP}, 422), ({"Content-Type": "application/json"}, 415), ({}, 415)):
            reply = await house.call("POST", "/api/v1/restore", data=b"nothing", headers=given)
            assert reply.status == status, given
        assert (await house.call("POST", "/api/v1/restore", data=b"", headers=GZIP)).status == 422
        bad = [data[:100], data[:-1], write(tmp_path / "x", plain(whole({"../x": b""}))).read_bytes()]
        for one in bad:
            reply = await house.call("POST", "/api/v1/restore", data=one, headers=GZIP)
            assert reply.status == 202
            job = await _over(house, reply.json)
            assert (job["state"], job["error"]["code"]) == ("failed", "backup")
            assert job["error"]["message"].startswith("nothing was changed: ")
        assert taking.pending(house.parts.state) is None
        assert list(taking.root(house.parts.state).iterdir()) == []
        assert (await house.get("/api/v1/restore")).status == 404

    open_house(scenario)


def test_what_cannot_begin_leaves_nothing_on_the_disk(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        _, data = await _fetch(house)
        over = asyncio.Event()

        async def wait(_: object) -> None:
            await over.wait()

        for number in range(AT_ONCE):
            house.service.jobs.begin("wait", f"wait {number}", wait)
        assert (await house.call("POST", "/api/v1/restore", data=data, headers=GZIP)).status == 429
        assert list(taking.root(house.parts.state).iterdir()) == []
        over.set()

    open_house(scenario)


def test_of_two_that_come_at_once_one_begins(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        _, data = await _fetch(house)
        sent, came = asyncio.Event(), asyncio.Event()

        async def slowly() -> Any:
            yield data[:100]
            sent.set()
            await came.wait()
            yield data[100:]

        path = "/api/v1/restore"
        first = asyncio.create_task(house.call("POST", path, data=slowly(), headers=GZIP))
        await sent.wait()
        await until(lambda: taking.root(house.parts.state).is_dir())
        over = asyncio.Event()

        async def wait(_: object) -> None:
            await over.wait()

        house.service.jobs.begin(KIND, "restore another", wait)
        came.set()
        assert (await first).status == 409
        over.set()
        assert list(taking.root(house.parts.state).iterdir()) == []

    open_house(scenario)


def test_one_that_ends_the_job_ends_the_restore(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        _, data = await _fetch(house)
        reply = await house.call("POST", "/api/v1/restore", data=data, headers=GZIP)
        await asyncio.sleep(0.2)
        assert (await house.call("DELETE", f"/api/v1/jobs/{reply.json['id']}")).status == 204
        async with asyncio.timeout(5):
            while list(taking.root(house.parts.state).iterdir()):
                await asyncio.sleep(0.05)
        assert taking.pending(house.parts.state) is None

    open_house(scenario)


def test_whoever_stops_receiving_stops_the_writing(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await house.journal([row(f"{n}.{'x' * 50}.example", count=n + 1) for n in range(20_000)])
        headers = {"Authorization": f"Bearer {TOKEN}"}
        for _ in range(3):
            async with house.http.get(f"{house.url}/api/v1/backup?log=true", headers=headers) as response:
                await response.content.read(100)
                response.close()
        _, data = await _fetch(house)
        assert data
        await asyncio.sleep(0.2)

    open_house(scenario)


def test_only_an_admin_may(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        for method, path in (("GET", "backup"), ("POST", "restore"), ("GET", "restore")):
            assert (await house.call(method, f"/api/v1/{path}", token=None)).status == 401
        made = await house.api("POST", "tokens", {"name": "some", "scopes": ["read", "log", "write"]})
        for method, path in (("GET", "backup"), ("POST", "restore"), ("GET", "restore")):
            assert (await house.call(method, f"/api/v1/{path}", token=made["token"])).status == 403

    open_house(scenario)
