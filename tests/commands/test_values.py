"""What people type on the command line."""

from __future__ import annotations

import datetime as dt
from argparse import ArgumentTypeError
from collections.abc import Callable

import pytest

from resolver.commands import values

HERE = dt.datetime.fromisoformat("2026-11-23T07:00+01:00").astimezone().isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("read", "given", "value"),
    [
        (values.text, "Grüße", "Grüße"),
        (values.domain, "WWW.Example.ORG.", "www.example.org"),
        (values.domain, "bücher.example", "xn--bcher-kva.example"),
        (values.domain, "0/25.2.0.192.in-addr.arpa.", "0/25.2.0.192.in-addr.arpa"),
        (values.comment, "x" * 500, "x" * 500),
        (values.span, "10m", "10m"),
        (values.span, " 3600 ", "1h"),
        (values.span, "90", "1m30s"),
        (values.client, "2001:DB8::1", "2001:db8::1"),
        (values.client, " Kids-pad ", "Kids-pad"),
        (values.client, "02-00-5E-10-00-01", "02-00-5E-10-00-01"),
        (values.moment, "2026-11-23T07:00+01:00", HERE),
        (values.number, "12", 12),
        (values.rr_type, "https", "HTTPS"),
        (values.rr_type, "type65534", "TYPE65534"),
        (values.count, "100000", 100_000),
        (values.past, "24h", "1d"),
        (values.past, "3600", "1h"),
        (values.past, "2026-11-23T07:00+01:00", HERE),
        (values.milliseconds, "50ms", 50.0),
        (values.milliseconds, "1.5s", 1500.0),
        (values.milliseconds, "20", 20.0),
        (values.rcode, "nxdomain", "NXDOMAIN"),
    ],
)
def test_values(read: Callable[[str], object], given: str, value: object) -> None:
    assert read(given) == value


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("192.0.2.1", "192.0.2.1:53"),
        ("192.0.2.1:5353", "192.0.2.1:5353"),
        ("::1", "[::1]:53"),
        ("[::1]", "[::1]:53"),
        ("[::1]:5353", "[::1]:5353"),
        ("localhost", "localhost:53"),
        ("NS.example.:5353", "ns.example:5353"),
    ],
)
def test_servers(given: str, shown: str) -> None:
    assert str(values.server(given)) == shown


@pytest.mark.parametrize(
    ("read", "given", "said"),
    [
        (values.text, "a\udcff", r'"a\udcff" is not UTF-8'),
        (values.domain, "a..b", "empty label"),
        (values.domain, "https://www.a.example/x?y", 'is no name; did you mean "www.a.example"?'),
        (values.domain, "a.example/page", 'is no name; did you mean "a.example"?'),
        (values.comment, "x" * 501, "a comment has 500 characters at most, not 501"),
        (values.domain, "\udcff", "not an internationalised name"),
        (values.span, "soon", "is not a duration: write 10s"),
        (values.span, "0m", "no time at all"),
        (values.client, "x" * 65, "is neither an address nor a MAC address nor the name of a device"),
        (values.client, "a\x1bb", "is neither an address"),
        (values.moment, "teatime", "is not a moment"),
        (values.number, "-1", "is not a number"),
        (values.number, "9" * 19, "is not a number"),
        (values.rr_type, "AAAAA", "not a record type"),
        (values.rr_type, "TYPE65536", "not a record type"),
        (values.count, "0", "not a number from 1 to 100000"),
        (values.count, "²", "not a number"),
        (values.count, "-1", "not a number"),
        (values.days, "0", "not a number of days from 1 to 90"),
        (values.days, "91", "not a number of days from 1 to 90"),
        (values.days, "0900", "not a number of days"),
        (values.days, "1d", "not a number of days"),
        (values.server, ":53", "a name is missing"),
        (values.server, "192.0.2.1:65536", "is not HOST or HOST:PORT"),
        (values.server, "ns.example:dns", "is not HOST or HOST:PORT"),
    ],
)
def test_refusals(read: Callable[[str], object], given: str, said: str) -> None:
    with pytest.raises(ArgumentTypeError) as caught:
        read(given)
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["07:30", "mon 07:30", "sunday 23:59", "2026-01-02", "2026-01-02 03:04"])
def test_a_time_of_day_is_the_last_there_was(text: str) -> None:
    now = dt.datetime.now().astimezone()
    found = dt.datetime.fromisoformat(values.past(text))
    assert found <= now
    if ":" in text and "2026" not in text:
        assert now - found <= dt.timedelta(days=7 if " " in text else 1, hours=1)
        assert found.strftime("%H:%M") == text[-5:]


@pytest.mark.parametrize(
    ("read", "given"),
    [
        (values.past, "+1h"),
        (values.past, "yesterday"),
        (values.past, "\udcff"),
        (values.milliseconds, "1h"),
        (values.milliseconds, "-1ms"),
        (values.milliseconds, ""),
        (values.rcode, "OK"),
    ],
)
def test_what_is_not_read(read: Callable[[str], object], given: str) -> None:
    with pytest.raises(ArgumentTypeError) as error:
        read(given)
    assert str(error.value).isprintable()
