from resolver.network.hosts import gateway, own_addresses
from tests.network.apart import apart, ip, wire


def test_own_addresses_are_those_that_others_reach() -> None:
    def work() -> None:
        wire()
        ip("addr", "add", "fd00::1/64", "dev", "w0", "nodad")
        ip("addr", "add", "10.0.0.1/8", "dev", "w1")
        ip("addr", "add", "10.0.0.2/8", "dev", "w1")  # secondary
        ip("addr", "add", "fd00::2/64", "dev", "w0", "nodad", "preferred_lft", "0")  # deprecated
        ip("link", "add", "docker7", "type", "bridge")
        ip("addr", "add", "172.17.0.1/16", "dev", "docker7")
        assert own_addresses() == ("10.0.0.1", "10.0.0.2", "192.0.2.1", "fd00::1")

    apart(work)


def test_no_addresses_without_a_network() -> None:
    def work() -> None:
        assert own_addresses() == ()

    apart(work)


def test_the_router_of_the_default_route() -> None:
    def work() -> None:
        wire()
        assert gateway() == ""
        ip("route", "add", "default", "via", "192.0.2.253", "metric", "300")
        assert gateway() == "192.0.2.253"
        ip("route", "add", "default", "via", "192.0.2.254", "metric", "100")
        assert gateway() == "192.0.2.254"
        ip("route", "add", "198.51.100.0/24", "via", "192.0.2.2")
        assert gateway() == "192.0.2.254"

    apart(work)


def test_a_router_on_one_link_has_its_interface() -> None:
    def work() -> None:
        wire("fd00::1/64")
        ip("-6", "route", "add", "default", "via", "fe80::9", "dev", "w0")
        assert gateway() == "fe80::9%w0"

    apart(work)


def test_a_public_router_is_asked_nothing() -> None:
    def work() -> None:
        wire("9.9.9.1/24")
        ip("route", "add", "default", "via", "9.9.9.2")
        assert gateway() == ""

    apart(work)
