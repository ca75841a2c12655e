"""CDN differences are told apart from disagreements."""

from __future__ import annotations

import pytest

from resolver.diagnosis.agreement import Likeness, camps, likeness
from resolver.diagnosis.facts import Answer, Reached, Role, Said
from tests.diagnosis.telling import ONE, OTHER, SITE, TWO, answer, upstream, works, wrong


@pytest.mark.parametrize(
    ("one", "other", "like"),
    [
        (answer(SITE, OTHER), answer(OTHER, "203.0.113.1"), Likeness.SAME),
        (answer(rcode=3), answer(rcode=3), Likeness.SAME),
        (answer(), answer("0.0.0.0"), Likeness.SAME),
        (answer(SITE, chain=("a.cdn.example",)), answer(OTHER, chain=("a.cdn.example",)), Likeness.NEAR),
        (answer(SITE), answer("192.0.77.1"), Likeness.NEAR),
        (answer("2001:db8::1"), answer("2001:db8:ffff::1"), Likeness.NEAR),
        (answer(SITE), answer("2001:db8::1"), Likeness.NEAR),
        (answer(SITE), answer(OTHER), Likeness.DIFFERENT),
        (answer(SITE, chain=("a.example", "b.example")), answer(OTHER, chain=("a.example", "c.example")), "different"),
        (answer(SITE), answer("0.0.0.0"), Likeness.DIFFERENT),
        (answer(SITE), answer(rcode=3), Likeness.DIFFERENT),
        (answer(), answer(rcode=3), Likeness.DIFFERENT),
    ],
)
def test_likeness(one: Answer, other: Answer, like: str) -> None:
    assert likeness(one, other) == likeness(other, one) == like


def test_camps() -> None:
    said = [
        upstream(answer(SITE)),
        upstream(answer(OTHER), TWO),
        upstream(answer(rcode=2)),
        upstream(answer(SITE), TWO),
    ]
    reached = (*works(), wrong(OTHER))
    wronged, right = camps(said, reached)
    assert (right.said, right.proven, right.refuted, right.weight) == ((said[0], said[3]), True, False, (2, 0))
    assert (wronged.said, wronged.proven, wronged.refuted) == ((said[1],), False, True)


def test_both_are_right_if_certificates_say_so() -> None:
    (camp,) = camps([upstream(answer(SITE)), upstream(answer(OTHER), TWO)], (*works(), *works(OTHER)))
    assert camp.proven


def test_a_machine_nearby_with_another_name_is_no_cdn() -> None:
    said = [upstream(answer("192.0.9.9")), upstream(answer(SITE), TWO)]
    assert len(camps(said, works())) == 1
    near, right = camps(said, (*works(), wrong("192.0.9.9")))
    assert (near.refuted, right.proven) == (True, True)


def test_plain_http_proves_nothing() -> None:
    (camp,) = camps([upstream(answer(SITE))], (Reached(SITE, 80, secure=False),))
    assert not camp.proven


def test_a_server_counts_once_and_authentic_ones_break_ties() -> None:
    said = [
        upstream(answer(SITE)),
        Said("tcp://192.0.2.53", Role.TRANSPORT, answer(SITE)),
        upstream(answer(OTHER), "tls://198.51.100.53", authentic=True),
    ]
    one, other = camps(said, ())
    assert (one.said[0].server, one.weight, other.weight) == (ONE, (1, 0), (1, 1))
