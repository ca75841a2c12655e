"""The running daemon as the clients that people use see it: dig, kdig and delv, over all that they speak."""

from __future__ import annotations

import pathlib
import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.daemon.harness import Daemon, free_port, running

DOORS = ("tls", "https", "quic")
RECORDS = "records: ['printer.home.arpa. 300 A 192.0.2.9', 'printer.home.arpa. 300 TXT here']\n"


class Doors:
    """A daemon that answers over everything."""

    def __init__(self, daemon: Daemon, ports: dict[str, int]) -> None:
        self.daemon = daemon
        self.ports = ports

    def told(self, program: str, *arguments: str) -> str:
        """What a program prints."""
        port = next((self.ports[door] for door in DOORS if f"+{door}" in arguments), self.daemon.dns)
        command = [program, "@127.0.0.1", "-p", str(port), *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=20)
        return done.stdout

    def dug(self, *arguments: str) -> str:
        """A reply as dig shows it, in one line: RCODE, flags, EDE codes, records."""
        text = self.told("dig", "+tries=1", "+time=3", *arguments)
        head = re.search(r"status: (\w+), id: \d+\n;; flags: ([a-z ]*);", text)
        assert head, text
        errors = "".join(f" EDE {code}" for code in re.findall(r"^; EDE: (\d+)", text, re.MULTILINE))
        records = [line.split() for line in text.splitlines() if line and line[0] != ";" and "\tIN\t" in line]
        shown = ", ".join(" ".join([part[0], *part[3:]]) for part in records)
        return f"{head[1]} {head[2]}{errors}{' | ' + shown if shown else ''}"


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    ports = {door: free_port() for door in DOORS}
    listening = ", ".join(f"{door}: ['127.0.0.1:{port}']" for door, port in ports.items())
    config = f"encrypted: {{{listening}, names: [dns.home.arpa]}}\n{RECORDS}"
    directory: pathlib.Path = tmp_path_factory.mktemp("doors")
    with running(directory, config) as daemon:
        daemon.wait(daemon.up, 20)
        yield Doors(daemon, ports)


CASES = [
    ("printer.home.arpa", "NOERROR qr rd ra | printer.home.arpa. A 192.0.2.9"),
    ("PrInTeR.home.arpa", "NOERROR qr rd ra | PrInTeR.home.arpa. A 192.0.2.9"),
    ("printer.home.arpa AAAA", "NOERROR qr rd ra | printer.home.arpa. SOA "),
    ("nobody.home.arpa", "NXDOMAIN qr rd ra | nobody.home.arpa. SOA "),
    ("doubleclick.net", "NOERROR qr rd ra EDE 15 | doubleclick.net. A 0.0.0.0"),
    ("doubleclick.net AAAA", "NOERROR qr rd ra EDE 15 | doubleclick.net. AAAA ::"),
    ("doubleclick.net MX", "NOERROR qr rd ra EDE 15 | "),
    ("www.example.org", "NOERROR qr rd ra | www.example.org. A 192.0.2.1"),
    ("www.example.org +cdflag", "NOERROR qr rd ra cd | www.example.org. A 192.0.2.1"),
    ("www.example.org +noedns", "NOERROR qr rd ra | www.example.org. A 192.0.2.1"),
    ("www.example.org +ednsopt=65001:01", "NOERROR qr rd ra | www.example.org. A 192.0.2.1"),
    ("www.example.org +ednsflags=0x40", "NOERROR qr rd ra | www.example.org. A 192.0.2.1"),
    ("www.example.org +zflag", "NOERROR qr rd ra | www.example.org. A 192.0.2.1"),
    ("www.example.org +norecurse", "REFUSED qr ra EDE 20"),
    ("www.example.org +edns=1 +noednsnegotiation", "BADVERS qr rd ra"),
    ("www.example.org +opcode=status", "NOTIMP qr rd"),
    ("www.example.org +opcode=update", "NOTIMP qr rd"),
    ("+header-only +nocookie", "FORMERR qr rd ra"),
    ("+header-only +cookie", "NOERROR qr rd ra"),
    ("version.bind TXT CH", "REFUSED qr rd ra"),
    ("localhost", "NOERROR qr rd ra | localhost. A 127.0.0.1"),
    ("use-application-dns.net", "NXDOMAIN qr rd ra | use-application-dns.net. SOA "),
    ("_dns.resolver.arpa SVCB", "NOERROR qr rd ra | _dns.resolver.arpa. SVCB "),
]


@pytest.mark.parametrize("over", ["+notcp +ignore", "+tcp", "+tls", "+https"])
@pytest.mark.parametrize(("asked", "wanted"), CASES, ids=[asked for asked, _ in CASES])
def test_what_dig_sees(doors: Doors, asked: str, wanted: str, over: str) -> None:
    found = doors.dug(*over.split(), *asked.split())
    assert found.startswith(wanted) if wanted.endswith(" ") else found == wanted, found


def test_cookies_as_dig_checks_them(doors: Doors) -> None:
    text = doors.told("dig", "+cookie=1122334455667788", "www.example.org")
    found = re.search(r"^; COOKIE: (1122334455667788[0-9a-f]{32}) \(good\)$", text, re.MULTILINE)
    assert found, text
    again = doors.told("dig", f"+cookie={found[1]}", "www.example.org")
    assert f"; COOKIE: {found[1]} (good)" in again


@pytest.mark.parametrize(
    ("over", "said"), [("+tls", "TLS session"), ("+https", "HTTP session"), ("+quic", "QUIC session")]
)
def test_encrypted_and_padded_with_kdig(doors: Doors, over: str, said: str) -> None:
    text = doors.told("kdig", over, "+padding", "doubleclick.net")
    assert said in text
    assert "status: NOERROR" in text
    assert "EDE: 15 (Blocked): 'starter: ||doubleclick.net^'" in text
    assert re.search(r"^;; PADDING: \d+ B$", text, re.MULTILINE)
    assert re.search(r"^;; Received 468 B$", text, re.MULTILINE)


def test_many_on_one_connection_with_kdig(doors: Doors) -> None:
    names = [f"host{number}.example" for number in range(50)]
    for over in ("+tcp", "+tls"):
        text = doors.told("kdig", over, "+keepopen", "+short", *names)
        assert text.split() == ["192.0.2.1"] * 50


def test_delv_reads_it(doors: Doors) -> None:
    text = doors.told("delv", "-i", "printer.home.arpa")
    assert re.search(r"^printer\.home\.arpa\.\t+300\tIN\tA\t192\.0\.2\.9$", text, re.MULTILINE)
