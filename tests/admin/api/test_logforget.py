"""Rows that are deleted for good: which, and what is said of it."""

from __future__ import annotations

import ipaddress
import threading
from typing import Any

import msgspec
import pytest

from resolver.admin import logged
from resolver.config.people import Device
from resolver.journal.redaction import pseudonym
from resolver.store.forgetting import Forgot
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON, row, until

SALT = b"s" * 16


async def names(house: House) -> set[str]:
    return {entry["name"] for entry in (await house.api("GET", "log"))["entries"]}


async def fill(house: House) -> None:
    await house.journal([row("old.example", client="192.0.2.11")], NOON - 90_000)
    await house.journal([row("a.ads.example"), row("www.example", "pass", client="192.0.2.11", count=3)])


async def last_change(house: House) -> Any:
    """The newest entry of the trail, when what waits is written."""
    house.parts.accounts.flush()
    return (await house.api("GET", "changes?limit=1"))["entries"][0]


@pytest.mark.parametrize(
    ("query", "left", "title"),
    [
        ("client=192.0.2.11", {"a.ads.example"}, "of 192.0.2.11"),
        ("name=ads.example", {"old.example", "www.example"}, "about a name"),
        ("before=1d", {"a.ads.example", "www.example"}, "from before 2025-12-31"),
        ("client=192.0.2.11&before=1d", {"a.ads.example", "www.example"}, "of 192.0.2.11 from before 2025-12-31"),
        ("client=192.0.2.99", {"a.ads.example", "old.example", "www.example"}, "of 192.0.2.99"),
    ],
)
def test_what_is_forgotten(open_house: Opener, query: str, left: set[str], title: str) -> None:
    async def scenario(house: House) -> None:
        await fill(house)
        begun = await house.call("DELETE", f"/api/v1/log?{query}")
        assert (begun.status, begun.headers["Location"]) == (202, f"/api/v1/jobs/{begun.json['id']}")
        assert begun.json["title"].startswith(f"forget what the log has {title}")
        job = await house.ended(begun.json["id"])
        assert job.error is None
        found = msgspec.json.decode(job.result or b"")
        assert found["rows"] == 3 - len(left)
        assert await names(house) == left
        change = await last_change(house)
        assert change["what"] == begun.json["title"]
        assert "ads.example" not in change["what"]
        assert not change["undoable"]

    open_house(scenario)


def test_it_is_gone_from_memory_too(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await fill(house)
        assert house.parts.recent.of(1)[0] is not None
        await house.api("DELETE", "log?name=ads.example")
        assert house.parts.recent.of(1)[0] is None

    open_house(scenario)


def test_whom_the_log_knows_under_a_name_for_a_day(open_house: Opener) -> None:
    """Today's can be found, as what makes it is still there."""
    tablet = Device(addresses=(ipaddress.ip_network("192.0.2.11"),), privacy="no-client")
    config = msgspec.structs.replace(config_of(open_house.lists), devices={"Tablet": tablet})
    hidden, other = pseudonym(SALT, "tablet"), pseudonym(SALT, "192.0.2.10")

    async def scenario(house: House) -> None:
        house.parts.hub.salt({NOON // 86_400: SALT})
        await house.journal([row("hidden.example", client=hidden), row("other.example", client=other)])
        await house.journal([row("before.example", client="192.0.2.11")])
        assert (await house.api("GET", "log?client=tablet"))["entries"][0]["name"] == "before.example"
        assert len((await house.api("GET", f"log?client={hidden}"))["entries"]) == 1
        found = await house.api("DELETE", "log?client=tablet")
        assert found["rows"] == 2
        assert "cannot be traced back" in found["note"]
        assert await names(house) == {"other.example"}
        found = await house.api("DELETE", f"log?client={other}")
        assert (found["rows"], found["note"]) == (1, "")

    open_house(scenario, config=config)


def test_one_that_is_ended(open_house: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    ended = threading.Event()

    def slowly(*_: object, stop: threading.Event, **__: object) -> Forgot:
        begun.set()
        stop.wait(10)
        ended.set()
        return Forgot(0, 0, 0, finished=False)

    monkeypatch.setattr(logged, "forget", slowly)

    async def scenario(house: House) -> None:
        job = (await house.call("DELETE", "/api/v1/log?before=1d")).json["id"]
        await until(begun.is_set)
        await house.api("DELETE", f"jobs/{job}")
        await until(ended.is_set)

    open_house(scenario)


def test_what_is_refused(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        await fill(house)
        for query, path in (
            ("", "client"),
            ("?name=a..b", "name"),
            ("?before=x", "before"),
            ("?client=nobody", "client"),
        ):
            refused = await house.call("DELETE", f"/api/v1/log{query}")
            assert (refused.status, refused.error["path"]) in {(400, path), (404, path)}, query
        made = await house.api("POST", "tokens", {"name": "writer", "scopes": ["read", "log", "write"]})
        refused = await house.call("DELETE", "/api/v1/log?before=1d", token=made["token"])
        assert refused.status == 403
        assert len(await names(house)) == 3

    open_house(scenario)
