"""Questions over real sockets: what belongs is taken, everything else is waited out."""

from __future__ import annotations

import pytest

from resolver.commands import asking
from resolver.config.values import Endpoint
from resolver.errors import UpstreamError, UpstreamTimeout, UpstreamUnreachable
from resolver.model import Question
from tests.commands.played import NameServer, closed_port, record, reply

QUESTION = Question(b"\x03www\x07example\0", 1)
ANSWER = record(1, b"\xc0\0\2\1")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "TRIES", (0.1, 0.1))


def ask(server: NameServer, *, tcp: bool = False, dnssec: bool = False) -> asking.Answer:
    return asking.ask(Endpoint("127.0.0.1", server.port), QUESTION, tcp=tcp, dnssec=dnssec)


def test_an_answer_over_udp() -> None:
    with NameServer(lambda query, _: [reply(query, records=ANSWER, counts=(1, 0, 0))]) as server:
        answer = ask(server)
        ((transport, query),) = server.asked
    assert (answer.transport, transport, answer.data[-4:]) == ("udp", "udp", b"\xc0\0\2\1")
    assert 0 <= answer.ms < 1000
    assert query[2:4] == b"\x01\x20"
    assert query[12 : 12 + 17] == b"\x03www\x07example\0\0\1\0\1"
    assert query[-6:-2] == b"\0\0\0\0"


def test_dnssec_sets_do() -> None:
    with NameServer(lambda query, _: [reply(query)]) as server:
        ask(server, dnssec=True)
        assert server.asked[0][1][-6:-2] == b"\0\0\x80\0"


def test_truncation_is_followed_over_tcp() -> None:
    def answer(query: bytes, transport: str) -> list[bytes]:
        return [reply(query, 0x8380)] if transport == "udp" else [reply(query, records=ANSWER, counts=(1, 0, 0))]

    with NameServer(answer) as server:
        answered = ask(server)
        assert [transport for transport, _ in server.asked] == ["udp", "tcp"]
    assert (answered.transport, answered.data[7]) == ("tcp", 1)


def test_tcp_when_asked_for() -> None:
    with NameServer(lambda query, _: [reply(query)]) as server:
        assert ask(server, tcp=True).transport == "tcp"
        assert [transport for transport, _ in server.asked] == ["tcp"]


def test_what_does_not_belong_is_waited_out() -> None:
    def answer(query: bytes, _: str) -> list[bytes]:
        other_id = bytes((query[0] ^ 1, query[1]))
        return [
            b"x",
            query,
            other_id + reply(query)[2:],
            reply(query).replace(b"www", b"wwx"),
            reply(query[:2] + b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\1"),
            reply(query, 0x8183),
        ]

    with NameServer(answer) as server:
        assert ask(server).data[3] & 15 == 3


def test_an_error_without_the_question_is_an_answer() -> None:
    with NameServer(lambda query, _: [query[:2] + b"\x80\x01" + bytes(8)]) as server:
        assert ask(server).data[3] == 1


def test_a_datagram_that_was_lost_is_sent_again() -> None:
    answers: list[list[bytes]] = [[]]

    def answer(query: bytes, _: str) -> list[bytes]:
        return answers.pop() if answers else [reply(query)]

    with NameServer(answer) as server:
        ask(server)
        first, second = server.asked
    assert first == second


def test_silence() -> None:
    with NameServer(lambda *_: []) as server, pytest.raises(UpstreamTimeout, match=r"did not answer in 0\.2 seconds"):
        ask(server)


@pytest.mark.parametrize("tcp", [False, True])
def test_nobody_is_there(*, tcp: bool) -> None:
    place = Endpoint("127.0.0.1", closed_port())
    with pytest.raises(UpstreamUnreachable, match=f"{place} does not answer: Connection refused"):
        asking.ask(place, QUESTION, tcp=tcp, dnssec=False)


def test_a_name_that_is_nobodys() -> None:
    with pytest.raises(UpstreamUnreachable, match=r"\.:53 does not answer: "):
        asking.ask(Endpoint(".", 53), QUESTION, tcp=False, dnssec=False)


def test_every_address_of_a_name_is_tried() -> None:
    with NameServer(lambda query, _: [reply(query)]) as server:  # on 127.0.0.1 alone; localhost may be ::1 first
        answer = asking.ask(Endpoint("localhost", server.port), QUESTION, tcp=False, dnssec=False)
    assert answer.data[2] & 0x80


def test_tcp_that_closes_early_or_answers_another() -> None:
    with NameServer(lambda *_: []) as server, pytest.raises(UpstreamUnreachable, match="closed before"):
        ask(server, tcp=True)
    with (
        NameServer(lambda query, _: [b"zz" + reply(query)[2:]]) as server,
        pytest.raises(UpstreamError, match="not this question"),
    ):
        ask(server, tcp=True)
