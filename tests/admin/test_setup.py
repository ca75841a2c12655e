"""Where devices reach Lull, as they do."""

from __future__ import annotations

from msgspec.structs import replace

from resolver.admin.setup import Reach
from resolver.admin.visitors import Visitor
from resolver.config.admin import Admin
from resolver.config.encrypted import Encrypted
from resolver.config.hosts import HOUSEHOLD
from resolver.config.names import exact
from resolver.config.schema import Config, Dns
from resolver.config.values import Endpoint
from tests.admin.household import House, Opener, config_of
from tests.admin.parts import NOON
from tests.admin.seats import TABLET, asked

V4, V6 = "192.0.2.1", "2001:db8::1"
ALL = (Endpoint("0.0.0.0", 53), Endpoint("::", 53))


def reach(house: House, here: str = V4, host: str = "", machine: tuple[str, ...] = (V4, V6), **config: object) -> Reach:
    house.parts.devices.around.machine = machine
    house.service.config = replace(house.service.config, **config)
    return house.service.setup.reach(here, host or f"{here}:8080")


def with_admin(open_house: Opener, listen: Endpoint) -> Config:
    return replace(config_of(open_house.lists), admin=Admin(listen))


def test_every_address_is_the_machines_own(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = reach(house, dns=Dns(ALL))
        assert (found.addresses, found.others, found.hidden) == ((V4, V6), (), False)
        assert reach(house, here=V6, host=f"[{V6}]:8080", dns=Dns(ALL)).addresses == (V6, V4)
        assert reach(house, dns=Dns(ALL[:1])).addresses == (V4,)
        assert reach(house, machine=(), dns=Dns(ALL)).addresses == (V4,), "the kernel tells nothing"
        assert (found.page, found.home) == (f"http://{V4}", f"http://{HOUSEHOLD}")

    open_house(scenario, config=with_admin(open_house, Endpoint("0.0.0.0", 80)))


def test_what_no_other_device_reaches_is_not_shown(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        here = Dns((Endpoint("127.0.0.1", 53), Endpoint("::1", 53), Endpoint("fe80::1%eth0", 53)))
        found = reach(house, here="127.0.0.1", dns=here)
        assert (found.addresses, found.others, found.hidden, found.page, found.home) == ((), (), True, "", "")
        proxied = house.service.setup.reach("127.0.0.1", "dns.home.example", "https")
        assert (proxied.page, proxied.claimed) == ("https://dns.home.example", False)
        assert house.service.setup.reach("127.0.0.1", "198.51.100.7:8080", "https").claimed

    open_house(scenario)


def test_other_ports_are_told_apart(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = reach(house, dns=Dns((Endpoint(V4, 5353), Endpoint(V6, 5353))))
        assert (found.addresses, found.others) == ((), (f"{V4}:5353", f"[{V6}]:5353"))
        assert not found.hidden

    open_house(scenario)


def test_a_container_is_found_at_the_address_of_its_host(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        found = reach(house, here="172.17.0.2", host="198.51.100.5:8080", machine=("172.17.0.2",), dns=Dns(ALL))
        assert (found.addresses, found.outside) == (("198.51.100.5", "172.17.0.2"), "198.51.100.5")
        for host in ("172.17.0.2", "dns.home.example:8080", "127.0.0.1:8080", "[::1]", "localhost", ""):
            assert reach(house, here="172.17.0.2", host=host, machine=("172.17.0.2",)).outside == ""

    open_house(scenario)


def test_encrypted_addresses(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        names = (exact("dns.home.example"),)
        tls, https = (Endpoint("0.0.0.0", 853),), (Endpoint("0.0.0.0", 443),)
        found = reach(house, encrypted=Encrypted(tls, https, names=names))
        assert (found.name, found.tls, found.url) == ("dns.home.example", True, "https://dns.home.example/dns-query")
        assert (found.trial, found.places, found.encrypted) == (True, (V4,), True)
        other = reach(house, encrypted=Encrypted((Endpoint("0.0.0.0", 8853),), (Endpoint(V4, 8443),), names=names))
        assert (other.tls, other.url) == (False, "https://dns.home.example:8443/dns-query")
        nameless = reach(house, encrypted=Encrypted(tls, https))
        assert (nameless.tls, nameless.url, nameless.encrypted) == (False, "", False)
        local = reach(house, encrypted=Encrypted((Endpoint("127.0.0.1", 853),), names=names))
        assert not local.encrypted

    open_house(scenario)


def test_the_name_of_the_house_is_told_where_it_leads_here(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        assert reach(house).home == f"http://{HOUSEHOLD}:8080"
        assert reach(house, host_names=()).home == ""

    open_house(scenario, config=with_admin(open_house, Endpoint("0.0.0.0", 8080)))


def test_whether_a_device_uses_it(open_house: Opener) -> None:
    async def scenario(house: House) -> None:
        setup = house.service.setup
        known = Visitor(TABLET, "", TABLET, kept=True)
        assert (setup.uses(known).told, setup.uses(known).count, setup.uses(known).last) == (True, 0, None)
        await asked(house, "a.example", "b.example", verdict="pass", second=NOON - 30)
        await asked(house, "c.example", second=NOON - 90)
        await asked(house, "old.example", second=NOON - 700)
        await asked(house, "of.another.example", at="192.0.2.99")
        assert (setup.uses(known).count, setup.uses(known).last) == (3, NOON - 30)
        assert setup.uses(replace(known, unknown="unseen")).count == 3
        for unknown in ("here", "proxy", "router", "public"):
            assert not setup.uses(Visitor(TABLET, unknown, kept=True)).told
        assert not setup.uses(replace(known, kept=False)).told

    open_house(scenario)
