"""Facts → the one finding that explains most: every kind, and what must not be taken for it."""

from __future__ import annotations

from typing import get_args

import pytest
from msgspec.structs import replace

from resolver.diagnosis import findings as f
from resolver.diagnosis.facts import Decided, Facts, Network, Role, Said, Trouble
from resolver.diagnosis.judging import judge
from resolver.diagnosis.sentences import sentence
from tests.diagnosis.cases import CASES, DEAD, SERVFAIL, V6
from tests.diagnosis.telling import ALSO, ONLINE, OTHER, SITE, TWO, answer, facts, fails, own, upstream, works, wrong


@pytest.mark.parametrize("case", CASES)
def test_the_finding(case: str) -> None:
    given, finding, _ = CASES[case]
    assert judge(given).finding == finding


def test_every_finding_has_a_case() -> None:
    assert {type(finding) for _, finding, _ in CASES.values()} == set(get_args(f.Finding))


@pytest.mark.parametrize(
    "given",
    [
        facts(own=own(answer("203.0.113.80")), reached=(*works(), *works("203.0.113.80"))),  # another that works
        facts(own=own(answer("192.0.9.9"))),  # the same network: one of many machines
        facts(decided=Decided("allow", "rules: allow www.example"), own=own(answer(SITE, ede=(15, "ads: x")))),
        facts(own=own(answer("0.0.0.0", ede=(15, "ads: x"))), alike=False),  # that is for this machine alone
        facts(upstreams=(upstream(answer(SITE)), upstream(answer(OTHER), TWO)), reached=(*works(), *works(OTHER))),
        facts(reached=works()[1:] + fails()[:1]),  # a site without TLS
        facts(network=replace(ONLINE, v6=None), reached=(*works(), *fails(V6, Trouble.UNREACHABLE))),
        facts(network=Network()),  # an upstream on the local network
        facts(others=(Said(ALSO, Role.ALSO, answer(rcode=3)),)),  # somebody else blocks it
    ],
)
def test_what_is_fine_after_all(given: Facts) -> None:
    assert isinstance(judge(given).finding, f.Fine)


def test_a_certificate_of_another_name_by_one_resolver_alone() -> None:
    given = facts(upstreams=(upstream(answer(SITE)),), reached=(wrong(SITE), *works()[1:]))
    finding = judge(given).finding
    assert isinstance(finding, f.Certificate)
    assert finding.alone
    assert "--ask-also" in sentence(finding, given).command


def test_a_rule_of_ours_blocks_whatever_the_network_does() -> None:
    given = facts(decided=Decided("block", "ads: ||example^"), upstreams=DEAD, network=Network())
    assert judge(given).finding == f.Blocked("ads: ||example^", "", "")


def test_a_failure_that_is_remembered() -> None:
    given = facts(own=own(SERVFAIL))
    assert judge(given).finding == f.Outdated("it cannot be found (SERVFAIL)", f"it is at {SITE}")
