"""The real daemon over upstreams that misbehave: what a client gets, within which time, and what `status` says, of each
alone and with one that is well beside it. It is the table of the README, "When an upstream fails", row by row.
"""

from __future__ import annotations

import concurrent.futures
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import dnslib
import pytest

from tests.daemon.faulty import faulty
from tests.daemon.harness import ROOT, Daemon
from tests.upstream.authority import Authority

SERVFAIL, REFUSED = 2, 5
TIMEOUT, NETWORK = 22, 23


class Row(NamedTuple):
    """What is wrong, and what is expected: alone, a code of the reply and the extended error with its text, within so
    many seconds; beside a good one an answer within so many; and of `status` whether it is up, and why not."""

    what: str
    rcode: int
    ede: int
    text: str
    alone: float
    beside: float
    reason: str

    @property
    def line(self) -> str:
        """As it stands in the README."""
        got = {0: "the answer", SERVFAIL: "SERVFAIL", REFUSED: "REFUSED"}[self.rcode]
        error = f", EDE {self.ede} “{self.text}”" if self.ede else ""
        status = f"down: “{self.reason}”" if self.reason else "up"
        return f"| {self.what} | {got}{error}, {self.alone:g} s | {self.beside:g} s | {status} |"


def failing(what: str, text: str, alone: float = 1.5, beside: float = 1.0) -> Row:
    """One that is told at once, for what is wrong with it."""
    return Row(what, SERVFAIL, NETWORK, text, alone, beside, text)


def unheard(what: str) -> Row:
    """One that says nothing, or nothing that counts."""
    return Row(what, SERVFAIL, TIMEOUT, "no upstream answered in time", 5.3, 1.0, "no answer in time")


CLOSED = "the connection was closed without an answer"
CUT = "it cuts short what others answer"

TABLE = {
    "dead": failing("nobody is there", "Connection refused"),
    "silent": unheard("takes queries, over UDP and TCP, and says nothing"),
    "wrong-id": unheard("answers with another ID"),
    "wrong-question": unheard("answers another question"),
    "wrong-port": unheard("answers from another port"),
    "wrong-source": unheard("answers from another address"),
    "garbage": failing("answers with garbage", "a malformed answer"),
    "truncated": Row("truncates for ever", SERVFAIL, NETWORK, "a truncated answer", 1.0, 1.0, CUT),
    "lame": Row("refuses all", REFUSED, 0, "", 1.0, 1.0, "it answers REFUSED to what others answer"),
    "closes": failing("closes TCP without an answer", CLOSED),
    "closes-tls": failing("closes TLS without an answer", CLOSED),
    "mute": failing("takes queries over TLS and says nothing", "it accepts queries and is silent", 5.3),
    "wrong-name": failing("has a certificate for another name", "its certificate is not for dns.example"),
    "expired": failing("has an old certificate", "its certificate has expired, if this machine's clock is right"),
    "self-signed": failing("has signed its certificate itself", "its certificate is self-signed"),
    "lied-about": failing("is elsewhere: the bootstrap server lies", "its certificate is not for dns.example"),
    "slow": Row("takes a second", 0, 0, "", 1.6, 0.8, ""),
    "flapping": Row("is dead every other half second", 0, 0, "", 2.0, 0.8, ""),
    "lossy": Row("is lost 20 % of the time each way, and up to 0.2 s late", 0, 0, "", 3.0, 1.5, ""),
}


class Seen(NamedTuple):
    """What came of every question, each under the domain that it was asked in, and what `status` said then."""

    answers: dict[str, list[tuple[dnslib.DNSRecord | None, float]]]
    status: Any


def _ask(daemon: Daemon, domain: str, count: int) -> list[tuple[dnslib.DNSRecord | None, float]]:
    found = []
    for n in range(count):
        began = time.monotonic()
        answer = daemon.ask(f"n{n}.{domain}", timeout=7)
        found.append((answer, time.monotonic() - began))
    return found


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    directory = tmp_path_factory.mktemp("faults")
    authority = Authority(directory)
    with pytest.MonkeyPatch.context() as environment, faulty(authority) as urls:
        environment.setenv("SSL_CERT_FILE", str(authority.path))
        zones = {f"{fault}.alone": [urls[fault]] for fault in TABLE}
        zones |= {f"{fault}.beside": [urls[fault], urls["good"]] for fault in TABLE}
        lines = [f"  {zone}: {found}\n" for zone, found in zones.items()]
        daemon = Daemon(directory, [urls["good"]], f"strategy: ordered\nforward:\n{''.join(lines)}")
        daemon.start()
        try:
            daemon.wait(daemon.up, 20)
            with concurrent.futures.ThreadPoolExecutor(50) as pool:
                counts = {zone: 6 if zone.endswith("beside") else 1 for zone in zones}
                asked = {zone: pool.submit(_ask, daemon, zone, count) for zone, count in counts.items()}
            time.sleep(1.5)  # for the report of the last second
            yield Seen({zone: one.result() for zone, one in asked.items()}, _status(daemon, urls))
        finally:
            daemon.stop()


def _status(daemon: Daemon, urls: dict[str, str]) -> dict[str, Any]:
    """What `status` says of each fault."""
    status = daemon.api("GET", "status")
    assert status["well"]
    by_url = {one["url"]: one for one in status["upstreams"]}
    return {fault: by_url[url] for fault, url in urls.items()}


def ede(answer: dnslib.DNSRecord) -> tuple[int, str]:
    """The first extended error of an answer, and its text."""
    for option in answer.ar[0].rdata:
        if option.code == 15:
            return int.from_bytes(option.data[:2], "big"), option.data[2:].decode()
    return 0, ""


def test_the_readme_says_so() -> None:
    lines = (ROOT / "README.md").read_text().splitlines()
    assert [row.line for row in TABLE.values() if row.line not in lines] == []


@pytest.mark.parametrize("fault", TABLE)
def test_alone(fault: str, seen: Seen) -> None:
    row = TABLE[fault]
    ((answer, took),) = seen.answers[f"{fault}.alone"]
    assert answer is not None
    assert answer.header.rcode == row.rcode
    code, text = ede(answer)
    if code == 22 and row.alone > 5:
        return  # on a slow machine all the time was over first
    assert code == row.ede
    assert row.text in text
    assert took < row.alone


@pytest.mark.parametrize("fault", TABLE)
def test_beside_one_that_is_well(fault: str, seen: Seen) -> None:
    answers = seen.answers[f"{fault}.beside"]
    assert [answer and answer.header.rcode for answer, _ in answers] == [0] * len(answers)
    assert max(took for _, took in answers) < TABLE[fault].beside


@pytest.mark.parametrize("fault", TABLE)
def test_status(fault: str, seen: Seen) -> None:
    row, said = TABLE[fault], seen.status[fault]
    assert (said["up"], said["purpose"]) == (not row.reason, f"names of {fault}.alone")
    assert row.reason in said["reason"]
