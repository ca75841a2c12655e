"""Who is behind an address, and how that is known."""

from __future__ import annotations

import pytest

from resolver.policy.document import DeviceEntry, GroupEntry
from resolver.policy.identity import Identity

GROUPS = (
    GroupEntry("default"),
    GroupEntry("kids", ("192.0.2.20/32", "198.51.100.0/24", "::ffff:203.0.113.0/120")),
    GroupEntry("guests", ("192.0.2.0/24", "2001:db8::/32")),
)
TABLET = DeviceEntry(
    "Tablet",
    ("192.0.2.7", "203.0.113.0/28"),
    (("192.0.2.9", "MAC 02:00:5e:10:00:01"), ("2001:db8::9", "name tablet")),
    "02:00:5e:10:00:01",
    group="kids",
)
TV = DeviceEntry("tv", ("192.0.2.9", "192.0.2.128/25"))


@pytest.mark.parametrize(
    ("address", "device", "group", "how"),
    [
        ("192.0.2.9", "Tablet", "kids", "MAC 02:00:5e:10:00:01"),  # though the config says that it is the tv's
        ("2001:db8::9", "Tablet", "kids", "name tablet"),
        ("192.0.2.7", "Tablet", "kids", "address 192.0.2.7 of the config"),
        ("203.0.113.5", "Tablet", "kids", "network 203.0.113.0/28 of the config"),
        ("192.0.2.200", "tv", "guests", "network 192.0.2.128/25 of the config; network 192.0.2.0/24 of group guests"),
        ("192.0.2.20", "", "kids", "address 192.0.2.20 of group kids"),
        ("203.0.113.99", "", "kids", "network 203.0.113.0/24 of group kids"),
        ("192.0.2.99", "", "guests", "network 192.0.2.0/24 of group guests"),
        ("2001:db8::1", "", "guests", "network 2001:db8::/32 of group guests"),
        ("10.0.0.1", "", "default", ""),
    ],
)
def test_where_it_was_found_then_its_address_then_the_longest_network(
    address: str, device: str, group: str, how: str
) -> None:
    found = Identity((TABLET, TV), GROUPS).of(address)
    assert (found.device.name, found.group, found.how) == (device, group, how)


def test_a_group_that_is_gone_is_none() -> None:
    device = DeviceEntry("tv", found=(("192.0.2.20", "name tv"),), group="gone")
    found = Identity((device,), GROUPS).of("192.0.2.20")
    assert (found.group, found.how) == ("kids", "name tv; address 192.0.2.20 of group kids")


def test_what_is_no_address_is_refused() -> None:
    for device in (DeviceEntry("tv", ("192.0.2.x",)), DeviceEntry("tv", found=(("tv", "name tv"),))):
        with pytest.raises(ValueError, match=r"192\.0\.2\.x|tv"):
            Identity((device,), GROUPS)
