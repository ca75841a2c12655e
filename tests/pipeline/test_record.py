"""What the journal keeps of an exchange."""

from __future__ import annotations

import pytest

from resolver.model import (
    Allow,
    Block,
    Client,
    Exchange,
    Message,
    Nxdomain,
    Origin,
    Pass,
    Query,
    Question,
    Response,
    Rewrite,
    RuleRef,
    Transport,
    Verdict,
)
from resolver.pipeline import record
from resolver.wire.query import Fault
from tests.support import wire

RULE = RuleRef(6, "ads", "||a.example^")
MESSAGE = Message(Question(wire("a.example"), 28), b"", b"", rd=True, ad=False, cd=False, do=False, payload=None)
QUERY = Query(MESSAGE, "a.example", Client("192.0.2.1", "default"), Transport.UDP, Pass())


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (Pass(), ("pass", "", "")),
        (Allow(RULE), ("allow", "ads", "||a.example^")),
        (Block(RULE, Nxdomain(), 10), ("block", "ads", "||a.example^")),
        (Rewrite(RULE, Nxdomain()), ("rewrite", "ads", "||a.example^")),
    ],
)
def test_verdicts(verdict: Verdict, expected: tuple[str, str, str]) -> None:
    found = record.exchange(QUERY, Response(3, verdict=verdict, via="v", upstream="u", origin=Origin.CACHE))
    assert found == Exchange("a.example", 28, 3, "cache", *expected, "v", "u")


def test_the_key_of_a_rule_that_people_made_is_kept() -> None:
    rule = RuleRef(3, "rules", "deny a.example", "rule:7")
    for verdict in (Allow(rule), Block(rule, Nxdomain(), 10), Rewrite(rule, Nxdomain())):
        assert record.exchange(QUERY, Response(3, verdict=verdict)).own == "rule:7"
        assert record.again(record.exchange(QUERY, Response(3, verdict=verdict))).own == "rule:7"


@pytest.mark.parametrize(
    ("response", "word"),
    [
        (Response(5), "refused"),
        (Response(5, origin=Origin.UPSTREAM), "pass"),  # it was the upstream that refused
        (Response(5, verdict=Block(RULE, Nxdomain(), 10)), "block"),
        (Response(2), "pass"),
    ],
)
def test_who_was_refused(response: Response, word: str) -> None:
    assert record.exchange(QUERY, response).verdict == word


def test_given_again_it_comes_from_the_cache() -> None:
    fresh = record.exchange(QUERY, Response(0, origin=Origin.UPSTREAM, upstream="u", via="v"))
    again = record.again(fresh)
    assert again == Exchange("a.example", 28, 0, "cache", "pass", "", "", "v")
    assert record.again(again) is again
    ours = record.exchange(QUERY, Response(0))
    assert record.again(ours) is ours


def test_faults() -> None:
    assert record.fault(Fault(1)) == Exchange("", 0, 1, "local", "refused")
    assert record.fault(Fault(5, question=Question(wire("a.example"), 252))) == Exchange(
        "a.example", 252, 5, "local", "refused"
    )
