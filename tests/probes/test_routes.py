"""The way out, as /proc/net tells it."""

from __future__ import annotations

import pathlib

from resolver.diagnosis.facts import Network, Route
from resolver.probes.routes import network

HEAD = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
LAN = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n"
DEFAULT = "eth0\t00000000\t010200C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
WIFI = "wlan0\t00000000\t016433C6\t0003\t0\t0\t600\t00000000\t0\t0\t0\n"
DIALED = "ppp0\t00000000\t00000000\t0001\t0\t0\t0\t00000000\t0\t0\t0\n"
DOWN = "eth1\t00000000\t010200C0\t0002\t0\t0\t0\t00000000\t0\t0\t0\n"
REJECT = "*\t00000000\t00000000\t0201\t0\t0\t0\t00000000\t0\t0\t0\n"
ZERO = "0" * 32
V6 = f"{ZERO} 00 {ZERO} 00 fe800000000000000000000000000001 00000400 00000003 00000000 00000003     eth0\n"
V6_NONE = f"{ZERO} 00 {ZERO} 00 {ZERO} ffffffff 00000001 00000000 00200200       lo\n"
V6_LAN = f"fd{'0' * 30} 40 {ZERO} 00 {ZERO} 00000100 00000001 00000000 00000001     eth0\n"
ARP = "IP address       HW type     Flags       HW address            Mask     Device\n"


def told(directory: pathlib.Path, route: str = "", ipv6_route: str = "", arp: str = "") -> Network:
    for name, text in (("route", HEAD + route), ("ipv6_route", ipv6_route), ("arp", ARP + arp)):
        (directory / name).write_text(text)
    return network(directory)


def test_default_routes(tmp_path: pathlib.Path) -> None:
    assert told(tmp_path, LAN + WIFI + DEFAULT, V6_LAN + V6 + V6_NONE) == Network(
        Route("eth0", "192.0.2.1"), Route("eth0", "fe80::1")
    )


def test_no_way_out(tmp_path: pathlib.Path) -> None:
    assert told(tmp_path, LAN + DOWN + REJECT, V6_LAN + V6_NONE) == Network()


def test_a_line_without_a_router(tmp_path: pathlib.Path) -> None:
    assert told(tmp_path, DIALED, arp="192.0.2.1 0x1 0x0 00:00:00:00:00:00 * eth0\n") == Network(Route("ppp0"))


def test_whether_the_router_is_heard(tmp_path: pathlib.Path) -> None:
    silent = "192.0.2.1        0x1         0x0         00:00:00:00:00:00     *        eth0\n"
    heard = "192.0.2.1        0x1         0x2         02:fc:00:00:00:05     *        eth0\n"
    assert told(tmp_path, DEFAULT, arp=silent).gateway_heard is False
    assert told(tmp_path, DEFAULT, arp=heard).gateway_heard is True
    assert told(tmp_path, DEFAULT, arp=heard.replace("2.1 ", "2.9 ")).gateway_heard is None


def test_a_kernel_that_tells_nothing(tmp_path: pathlib.Path) -> None:
    assert network(tmp_path / "none") == Network()
    assert isinstance(network(), Network)
