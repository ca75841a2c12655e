"""What rows call a client, and for how long that can be said of whom."""

from __future__ import annotations

import ipaddress
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config import called
from resolver.config.leaves import is_address
from resolver.journal.redaction import DAY, WHOLE, Redaction, nameless, place, pseudonym
from resolver.model import Client, Exchange, Privacy

SALT, OTHER = b"a" * 16, b"b" * 16
NOON = 20_000 * DAY + DAY // 2


def client(address: str = "192.0.2.7", device: str = "", privacy: Privacy = "no-client") -> Client:
    return Client(address, "kids", device=device, privacy=privacy)


def begun(second: int = NOON, salt: bytes = SALT, prefixes: tuple[int, int] = WHOLE) -> Redaction:
    redaction = Redaction()
    redaction.keep(prefixes)
    redaction.take(second // DAY, salt)
    for _ in range(2):
        redaction.begin(second)
    return redaction


def test_a_pseudonym_can_be_taken_for_nothing_else() -> None:
    word = begun().who(client())
    assert re.fullmatch(r"~[0-9a-f]{12}", word)
    assert not is_address(word)
    assert not called.device(word)
    with pytest.raises(ValueError, match="network"):
        ipaddress.ip_network(word)


def test_a_pseudonym_is_of_one_client_and_one_salt() -> None:
    redaction = begun()
    words = [redaction.who(client(address)) for address in ("192.0.2.7", "192.0.2.8", "192.0.2.7")]
    assert words[0] == words[2] != words[1]
    assert begun(salt=OTHER).who(client()) != words[0]
    assert words[0] == pseudonym(SALT, "192.0.2.7")


def test_a_device_has_one_whatever_its_addresses_are() -> None:
    redaction = begun()
    words = {redaction.who(client(address, "tablet")) for address in ("192.0.2.7", "2001:db8::7")}
    assert words == {pseudonym(SALT, "tablet")}


def test_a_device_of_which_a_network_is_kept_is_not_told_from_others_there() -> None:
    redaction = begun(prefixes=(24, 64))
    assert redaction.who(client("192.0.2.7", "tablet")) == redaction.who(client("192.0.2.8", "phone"))
    assert redaction.who(client("192.0.2.7", "tablet", "full")) == "192.0.2.0/24"


def test_without_a_salt_there_is_no_name_at_all() -> None:
    redaction = Redaction()
    redaction.begin(NOON)
    assert redaction.who(client()) == ""
    redaction.take(NOON // DAY, SALT)
    assert redaction.who(client()) == pseudonym(SALT, "192.0.2.7")


def test_a_salt_makes_names_on_its_own_day_alone() -> None:
    redaction = begun()
    midnight = (NOON // DAY + 1) * DAY
    redaction.begin(midnight - 1)
    assert redaction.who(client()) == pseudonym(SALT, "192.0.2.7")
    redaction.begin(midnight)
    assert redaction.who(client()) == "", "control said nothing of this day"
    redaction.begin(midnight - 1)
    assert redaction.who(client()) == "", "the salt of a day that was over is gone"


def test_the_salt_of_the_next_day_may_come_before_it_begins() -> None:
    redaction = begun()
    tomorrow = NOON // DAY + 1
    redaction.take(tomorrow, OTHER)
    redaction.begin(tomorrow * DAY - 1)
    assert redaction.who(client()) == pseudonym(SALT, "192.0.2.7")
    redaction.begin(tomorrow * DAY)
    assert redaction.who(client()) == pseudonym(OTHER, "192.0.2.7")


def test_of_no_name_and_off_there_is_no_client() -> None:
    for privacy in ("no-name", "off"):
        assert begun().who(client(privacy=privacy)) == ""


@pytest.mark.parametrize(
    ("address", "prefixes", "kept"),
    [
        ("192.0.2.7", (32, 128), "192.0.2.7"),
        ("192.0.2.7", (24, 128), "192.0.2.0/24"),
        ("192.0.2.7", (0, 128), "0.0.0.0/0"),
        ("192.0.2.7", (32, 56), "192.0.2.7"),
        ("2001:db8:0:1234::7", (24, 128), "2001:db8:0:1234::7"),
        ("2001:db8:0:1234::7", (32, 56), "2001:db8:0:1200::/56"),
    ],
)
def test_place(address: str, prefixes: tuple[int, int], kept: str) -> None:
    assert place(address, prefixes) == kept


@given(st.ip_addresses(), st.integers(0, 32), st.integers(0, 128))
def test_a_place_says_nothing_of_the_bits_that_are_not_kept(address: object, v4: int, v6: int) -> None:
    kept = ipaddress.ip_network(place(str(address), (v4, v6)))
    assert kept.prefixlen == (v4 if kept.version == 4 else v6)
    assert ipaddress.ip_address(str(address)) in kept


def test_when_more_is_to_be_kept_the_second_that_runs_is_still_as_before() -> None:
    redaction = begun(prefixes=(24, 64))
    redaction.keep((32, 56))
    redaction.begin(NOON + 1)
    assert redaction.prefixes == (24, 56)
    redaction.begin(NOON + 2)
    assert redaction.prefixes == (32, 56)
    redaction.keep((16, 56))
    redaction.begin(NOON + 3)
    assert redaction.prefixes == (16, 56)


def test_what_is_left_without_names() -> None:
    found = Exchange(
        "a.example", 1, 3, "cache", "block", "ads", "||a.example^", "b.example", "udp://u", "s: ||a^", "rule:1"
    )
    assert nameless(found) == Exchange("", 1, 3, "cache", "block", "ads", shadow="s")
