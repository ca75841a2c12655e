"""A broken site in the log of a running admin, and what is asked of that: what the tests of repairs share."""

from __future__ import annotations

import msgspec

from resolver.admin.sitebodies import Suspects, TrialInfo
from resolver.journal import frames
from resolver.model import Allow, Block, Pass, Type
from resolver.policy.decide import decide
from resolver.wire.name import from_text
from tests.admin.household import House
from tests.admin.parts import NOON, row, until

TV, PHONE = "192.0.2.10", "192.0.2.11"
SITE = "sites/news.example"
ADS, TRACK, STARTER = "x.ads.example", "a.track.example", "cdn.starter.example"


def page(client: str = TV) -> list[frames.Row]:
    return [row("www.news.example", "pass", client=client), *(row(one, client=client) for one in (ADS, TRACK, STARTER))]


async def visited(house: House, client: str = TV) -> None:
    """Three loads of a page that misses three names, and background: TRACK is asked for all day."""
    background = [row(TRACK, client=client), row("other.example", "pass", client=client)]
    for n in range(60):
        house.worker.journal(background, NOON - 600 - n * 60)
    for at in (NOON - 300, NOON - 200):
        house.worker.journal(page(client), at)
    await house.journal(page(client), NOON - 100)
    await until(lambda: house.parts.writer.counts().rows_written == 60 * len(background) + 3 * len(page()))


async def suspects(house: House, client: str = TV) -> Suspects:
    return msgspec.convert(await house.api("GET", f"{SITE}/suspects?client={client}"), Suspects)


async def do(house: House, action: str, **more: object) -> TrialInfo:
    body = {"client": TV, **more}
    return msgspec.convert(await house.api("POST", f"{SITE}/{action}", body), TrialInfo)


async def refused(house: House, action: str, **more: object) -> tuple[int, str]:
    reply = await house.call("POST", f"/api/v1/{SITE}/{action}", json={"client": TV, **more})
    return reply.status, reply.error["message"]


def verdict(house: House, name: str, client: str = TV) -> Allow | Block | Pass:
    bundle = house.parts.publisher.bundle
    assert bundle is not None
    found = decide(from_text(name), name, Type.A, bundle.identify(client), bundle, house.clock.now)
    assert isinstance(found, Allow | Block | Pass)
    return found


def allowed(house: House, client: str = TV) -> set[str]:
    return {name for name in (ADS, TRACK, STARTER) if isinstance(verdict(house, name, client), Allow)}
