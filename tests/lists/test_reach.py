import asyncio
import ipaddress
import socket

import pytest
import yarl
from aiohttp.abc import AbstractResolver, ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from resolver.errors import ListError
from resolver.lists.fetch import open_session
from resolver.lists.reach import Judge, check, literal, reach_of, refusal
from tests.lists.hostile_server import Names


def reason(address: str, *reach: str, loopback: bool = False) -> str | None:
    return refusal(ipaddress.ip_address(address), [ipaddress.ip_network(one) for one in reach], loopback=loopback)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("127.0.0.1", "a loopback address"),
        ("127.255.255.254", "a loopback address"),
        ("::1", "a loopback address"),
        ("0.0.0.0", "no machine's address"),
        ("0.1.2.3", "no machine's address"),
        ("::", "no machine's address"),
        ("169.254.0.1", "a link-local address"),
        ("fe80::1", "a link-local address"),
        ("fe80::1%eth0", "a link-local address"),
        ("febf:ffff::1", "a link-local address"),
        ("224.0.0.251", "a multicast address"),
        ("239.255.255.250", "a multicast address"),
        ("ff02::fb", "a multicast address"),
        ("255.255.255.255", "the broadcast address"),
        ("169.254.169.254", "an address of a cloud's metadata"),
        ("169.254.170.2", "an address of a cloud's metadata"),
        ("100.100.100.200", "an address of a cloud's metadata"),
        ("168.63.129.16", "an address of a cloud's metadata"),
        ("192.0.0.192", "an address of a cloud's metadata"),
        ("fd00:ec2::254", "an address of a cloud's metadata"),
        ("fd20:ce::254", "an address of a cloud's metadata"),
    ],
)
def test_addresses_that_are_refused(address: str, what: str) -> None:
    said = reason(address)
    assert said is not None
    assert said.startswith(f"{address}, {what}")
    assert said.endswith("; if that is meant, add it to updates.reach in the config")
    assert reason(address, address.partition("%")[0]) is None
    assert reason(address, "0.0.0.0/0", "::/0") is None
    assert reason(address, "192.0.2.1", "2001:db8::/32") == said


@pytest.mark.parametrize(
    ("address", "held"),
    [
        ("::ffff:127.0.0.1", "127.0.0.1"),  # mapped
        ("::ffff:169.254.169.254", "169.254.169.254"),
        ("::127.0.0.1", "127.0.0.1"),  # compatible
        ("64:ff9b::127.0.0.1", "127.0.0.1"),  # NAT64
        ("64:ff9b:1::a9fe:a9fe", "169.254.169.254"),
        ("2002:7f00:1::1", "127.0.0.1"),  # 6to4
        ("2001:0:4136:e378:8000:63bf:80ff:fffe", "127.0.0.1"),  # Teredo
    ],
)
def test_ipv4_addresses_inside_of_ipv6_addresses(address: str, held: str) -> None:
    said = reason(address)
    assert said is not None
    assert f", which is {held}, " in said
    assert reason(address, held) is None
    assert reason(address, address) is None


@pytest.mark.parametrize(
    "address",
    [
        "192.168.1.2",  # a NAS at home
        "10.0.0.1",
        "172.16.0.1",
        "100.64.0.1",
        "fd12:3456::1",
        "93.184.216.34",
        "2606:2800:220:1::1",
        "::ffff:192.168.1.2",
        "64:ff9b::93.184.216.34",
        "2002:5db8:d822::1",
    ],
)
def test_addresses_that_may_be_reached(address: str) -> None:
    assert reason(address) is None


def test_the_owner_may_write_a_loopback_address_and_no_other() -> None:
    assert reason("127.0.0.1", loopback=True) is None
    assert reason("::1", loopback=True) is None
    for address in ("169.254.169.254", "169.254.0.1", "fe80::1", "0.0.0.0", "ff02::1", "::ffff:169.254.169.254"):
        assert reason(address, loopback=True) is not None


@given(st.ip_addresses(v=4))
def test_how_an_ipv4_address_is_wrapped_does_not_matter(address: ipaddress.IPv4Address) -> None:
    plain = refusal(address, ())
    for wrapped in (f"::ffff:{address}", f"64:ff9b::{address}", f"64:ff9b:1::{address}"):
        said = refusal(ipaddress.ip_address(wrapped), ())
        assert (said is None) == (plain is None)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("127.0.0.1.", "127.0.0.1"),
        ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("0X7F.1", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0", "0.0.0.0"),
        ("localhost", "127.0.0.1"),
        ("LOCALHOST.", "127.0.0.1"),
        ("a.localhost", "127.0.0.1"),
        ("::1", "::1"),
        ("fe80::1%25eth0", "fe80::1%eth0"),
    ],
)
def test_every_spelling_of_an_address_is_one(host: str, address: str) -> None:
    assert literal(host) == ipaddress.ip_address(address)


@pytest.mark.parametrize(
    "host",
    ["a.example", "1.2.3.4.5", "256.1.1.1", "", "local-host", "notlocalhost", "localhost.example", "1e3", "\ud800"],
)
def test_names_are_no_addresses(host: str) -> None:
    assert literal(host) is None


@given(st.text(max_size=40))
def test_no_host_breaks_it(host: str) -> None:
    literal(host)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://127.0.0.1/", "it leads to 127.0.0.1, a loopback address"),
        ("http://[::ffff:7f00:1]/", "it leads to ::ffff:7f00:1, which is 127.0.0.1, a loopback address"),
        ("http://\uff11\uff12\uff17.0.0.1/", "it leads to 127.0.0.1, a loopback address"),  # full-width digits
        ("http://me@0x7f.1:80/", "it leads to 127.0.0.1, a loopback address"),
        ("http://3232235778/", 'it leads to "3232235778", which is an unusual way to write 192.168.1.2; write that'),
        ("http://192.168.1.2./", 'it leads to "192.168.1.2.", which is an unusual'),
        ("http://loc%61lhost/", "it leads to an address that is not valid"),
        ("http://[fe80::1%25eth0]/", "it leads to fe80::1%eth0, a link-local address"),
    ],
)
def test_urls_whose_host_is_an_address(url: str, said: str) -> None:
    with pytest.raises(ListError) as caught:
        check(yarl.URL(url), ())
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    "url", ["http://192.168.1.2/", "http://[fd12:3456::1]:8080/", "https://a.example/", "http://x/"]
)
def test_urls_that_may_be_asked_for(url: str) -> None:
    check(yarl.URL(url), ())


@pytest.mark.parametrize("url", ["http://127.0.0.1/", "http://[::1]/", "http://localhost/", "http://nas.localhost/"])
def test_urls_that_the_owner_may_write(url: str) -> None:
    with pytest.raises(ListError):
        check(yarl.URL(url), ())
    check(yarl.URL(url), (), loopback=True)
    check(yarl.URL(url), [ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1")])


class Several(AbstractResolver):
    """Resolves every name to the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses
        self.closed = False

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in self._addresses
        ]

    async def close(self) -> None:
        self.closed = True


def resolved(judge: Judge, host: str = "a.example", port: int = 80) -> list[str]:
    return [one["host"] for one in asyncio.run(judge.resolve(host, port))]


def test_only_good_addresses_of_a_name_are_used() -> None:
    assert resolved(Judge(Several("127.0.0.1", "192.0.2.1", "fe80::1", "2001:db8::1"), (), ())) == [
        "192.0.2.1",
        "2001:db8::1",
    ]
    with pytest.raises(ListError, match=r"^the name a\.example leads to 127\.0\.0\.1, a loopback address"):
        resolved(Judge(Several("127.0.0.1", "fe80::1"), (), ()))
    assert resolved(Judge(Several("127.0.0.1"), [ipaddress.ip_network("127.0.0.1")], ())) == ["127.0.0.1"]


def test_a_name_without_addresses_cannot_be_looked_up() -> None:
    with pytest.raises(OSError, match="it has no address"):
        resolved(Judge(Several(), (), ()))


def test_a_proxy_may_be_anywhere_but_only_at_its_port() -> None:
    judge = Judge(Several("127.0.0.1"), (), {("proxy.example", 3128)})
    assert resolved(judge, "proxy.example", 3128) == ["127.0.0.1"]
    with pytest.raises(ListError):
        resolved(judge, "proxy.example", 80)


def test_nobody_is_asked_where_localhost_is() -> None:
    names = Names({"localhost": "192.0.2.1"})
    assert resolved(Judge(names, (), ()), "localhost") == ["127.0.0.1", "::1"]
    assert names.asked == []


def test_what_a_session_may_reach_and_that_it_closes_its_resolver() -> None:
    network = ipaddress.ip_network("127.0.0.0/8")
    inner = Several()

    async def main() -> None:
        async with open_session([network], resolver=inner) as session:
            assert reach_of(session) == (network,)
        async with open_session() as session:
            assert reach_of(session) == ()
        await Judge(inner, (), ()).close()

    asyncio.run(main())
    assert inner.closed
