"""A diagnosis over the API: the job, who is asked, and who must not be."""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable

import dns.message
import msgspec
import pytest
from msgspec.structs import replace

from resolver.admin.diagnosebodies import Diagnosing, Diagnosis
from resolver.admin.diagnosing import Diagnoses
from resolver.admin.jobbodies import Job
from resolver.config.offered import Offered
from resolver.config.schema import Dns
from resolver.config.upstreams import upstream
from resolver.config.values import Endpoint
from resolver.errors import ApiError
from resolver.journal import frames
from tests.admin.household import House, Opener, running
from tests.probes.town import name_server, zone
from tests.upstream.servers import Address, Server, closed_port

NAME = "www.example"
HERE = "127.0.0.1"
ZONE = zone(f"{NAME}. 60 A {HERE}\nshop.example. 60 CNAME t.ads.example.\nt.ads.example. 60 A {HERE}")


class Outside:
    """A house whose Lull is one name server and whose upstream is another."""

    def __init__(self, house: House, own: Server, upstream: Server, also: Server, places: dict[str, Address]) -> None:
        self.house = house
        self.own = own
        self.upstream = upstream
        self.also = also
        self.places = places

    async def whole(self, name: str = NAME, **body: object) -> Diagnosis:
        return msgspec.convert(await self.house.api("POST", "diagnose", {"name": name, **body}), Diagnosis)

    async def begin(self, **body: object) -> Job[Diagnosis]:
        reply = await self.house.call("POST", "/api/v1/diagnose", json={"name": NAME, **body})
        assert (reply.status, reply.location) == (202, f"/api/v1/jobs/{reply.json['id']}"), reply.text
        return msgspec.convert(reply.json, Job[Diagnosis])

    async def refused(self, **body: object) -> tuple[int, str, str]:
        reply = await self.house.call("POST", "/api/v1/diagnose", json={"name": NAME, **body})
        return reply.status, reply.error["code"], reply.error["message"]


def names(server: Server) -> set[str]:
    return {str(dns.message.from_wire(query).question[0].name) for query in server.queries}


def outside(open_house: Opener, scenario: Callable[[Outside], Awaitable[None]]) -> None:
    async def run() -> None:
        async with (
            name_server(ZONE) as (own, here),
            name_server(ZONE) as (up, there),
            name_server(ZONE) as (also, else_),
            running(open_house.state, open_house.lists) as house,
        ):
            dns, upstreams = Dns(listen=(Endpoint(*here),)), (upstream(there.url("udp")),)
            house.service.config = replace(house.service.config, dns=dns, upstreams=upstreams)
            await scenario(Outside(house, own, up, also, {"own": here, "upstream": there, "also": else_}))

    asyncio.run(run())


def test_what_is_found(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        found = await town.whole()
        here, there = town.places["own"], town.places["upstream"]
        one = found.result
        assert (found.name, found.client, found.group) == (NAME, "", "default")
        assert (one.verdict, one.rule, one.fine) == ("pass", "", False)
        assert one.finding == "site-down"
        assert [(said.server, said.role, said.rcode) for said in one.said] == [
            (f"127.0.0.1:{here.port}", "own", "NOERROR"),
            (there.url("udp"), "upstream", "NOERROR"),
            (there.url("tcp"), "transport", "NOERROR"),
        ]
        assert [said.agrees for said in one.said] == ["same"] * 3
        assert {(reached.address, reached.port) for reached in one.reached} == {(HERE, 443), (HERE, 80)}

    outside(open_house, scenario)


def test_in_one_go(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        found = msgspec.convert(await town.house.api("GET", f"diagnose?name={NAME}&client=192.0.2.20"), Diagnosis)
        assert (found.name, found.result.finding) == (NAME, "site-down")
        missing = await town.house.get("/api/v1/diagnose?name=")
        assert (missing.status, missing.error["path"]) == (400, "name")

    outside(open_house, scenario)


def test_as_a_job(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        begun = await town.begin(client="192.0.2.20")
        assert (begun.kind, begun.title, begun.state) == ("diagnose", f"diagnose {NAME}", "running")
        over = await town.house.ended(begun.id)
        assert (over.state, over.progress, over.error) == ("done", 100.0, None)
        asking = f"asking {town.places['upstream'].url('udp')}"
        assert f"{asking} …" in over.said
        assert any(line.startswith(f"{asking}: ") for line in over.said)
        found = msgspec.json.decode(over.result or b"", type=Diagnosis)
        assert found.client == "192.0.2.20"
        assert found.result.sentence.startswith("The site is down: www.example is at 127.0.0.1, where ports 443 and 80")
        assert await town.house.ended(begun.id) == over

    outside(open_house, scenario)


def test_blocked_with_the_command_that_mends_it(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        one = (await town.whole("t.ads.example")).result
        assert one.sentence == "t.ads.example is blocked by ads: ||ads.example^."
        assert (one.command, one.advice) == ("lull allow t.ads.example", "to allow it: lull allow t.ads.example")
        assert one.finding == "blocked"
        assert [said.addresses for said in one.said] == [[HERE]] * 3  # what it would be without rules

    outside(open_house, scenario)


def test_blocked_by_an_alias(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        town.house.worker.told = frames.Told(0, known=frames.Known(0, 1.0, 59.0, ["t.ads.example"]))
        one = (await town.whole("shop.example")).result
        assert one.sentence == "shop.example is an alias of t.ads.example, which is blocked by ads: ||ads.example^."
        assert one.command == "lull allow shop.example"

    outside(open_house, scenario)


def test_who_is_not_configured_is_asked_by_consent_only(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        also = town.places["also"].url("udp")
        status, code, message = await town.refused(also=[also])
        assert (status, code) == (409, "consent")
        assert message == f"{also} is not configured here: it would learn that somebody asks for {NAME}"
        assert town.also.queries == []
        found = await town.whole(also=[also], agreed=True)
        assert [said.role for said in found.result.said] == ["own", "upstream", "transport", "also"]
        assert names(town.also) == {f"{NAME}."}
        configured = town.places["upstream"].url("udp")
        found = await town.whole(also=[configured])
        assert [said.role for said in found.result.said] == ["own", "upstream", "transport"]

    outside(open_house, scenario)


def test_what_is_ours_is_asked_of_nobody(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        one = (await town.whole("printer.home.arpa")).result
        assert one.finding == "local"
        assert [said.role for said in one.said] == ["own"]
        assert town.upstream.queries == []

    outside(open_house, scenario)


def test_upstreams_of_a_domain_a_group_and_those_who_stand_in(open_house: Opener) -> None:
    urls = [f"udp://127.0.0.1:{closed_port().port}" for _ in range(3)]
    forward, fallback, group = map(upstream, urls)

    async def scenario(town: Outside) -> None:
        config = town.house.service.config
        kids = replace(config.groups["kids"], clients=(ipaddress.ip_network("192.0.2.32/32"),), upstreams=(group,))
        town.house.service.config = replace(
            config, forward={"lan": (forward,)}, fallback=(fallback,), groups={**config.groups, "kids": kids}
        )
        await town.house.service.publish()
        every = town.places["upstream"].url("udp")

        async def asked(name: str, client: str = "") -> list[str]:
            found = await town.whole(name, client=client)
            return [said.server for said in found.result.said if said.role == "upstream"]

        assert await asked("www.example") == [every, urls[1]]
        assert await asked("www.example", "192.0.2.32") == [urls[2], urls[1]]
        assert await asked("nas.lan", "192.0.2.32") == [urls[0]]

    outside(open_house, scenario)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": ""}, 400, "invalid"),
        ({"name": "https://www.example/"}, 400, "invalid"),
        ({"also": ["dns.example"]}, 400, "invalid"),
        ({"also": ["quod9"]}, 400, "invalid"),
        ({"also": ["198.51.100.9"]}, 409, "consent"),
        ({"also": ["9.9.9.9"] * 4}, 400, "invalid"),
        ({"client": "nobody-known"}, 404, "not-found"),
        ({"nonsense": 1}, 400, "invalid"),
    ],
)
def test_what_is_refused(open_house: Opener, body: dict[str, object], status: int, code: str) -> None:
    async def scenario(town: Outside) -> None:
        assert (await town.refused(**body))[:2] == (status, code)
        assert town.upstream.queries == []

    outside(open_house, scenario)


def test_a_provider_by_its_name(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        service, parts = town.house.service, town.house.parts
        known = replace(parts, catalogue=replace(parts.catalogue, offered=Offered.load()))
        diagnoses = Diagnoses(known, lambda: service.config, service.whys, service.jobs)
        with pytest.raises(ApiError, match=r"quad9\.net is not configured here") as refused:
            await diagnoses.begin(Diagnosing(NAME, also=["quad9"]))
        assert refused.value.code == "consent"
        with pytest.raises(ApiError, match="needs your ID"):
            await diagnoses.begin(Diagnosing(NAME, also=["nextdns"]))

    outside(open_house, scenario)


def test_so_many_at_once_and_no_more(open_house: Opener) -> None:
    async def scenario(town: Outside) -> None:
        town.upstream.udp = town.own.udp = lambda _: []
        begun = [await town.begin() for _ in range(4)]
        assert (await town.refused())[:2] == (429, "busy")
        assert {one.state for one in begun} == {"running"}

    outside(open_house, scenario)
