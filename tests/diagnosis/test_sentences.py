"""A finding in one sentence, and the command that mends it."""

from __future__ import annotations

import pytest

from resolver.diagnosis.facts import Decided
from resolver.diagnosis.judging import judge
from resolver.diagnosis.sentences import beside, sentence
from tests.diagnosis.cases import CASES
from tests.diagnosis.telling import SITE, TWO, answer, facts, own, refused, upstream


@pytest.mark.parametrize("case", CASES)
def test_the_sentence(case: str) -> None:
    given, finding, text = CASES[case]
    assert sentence(finding, given).text == text


@pytest.mark.parametrize("case", CASES)
def test_advice_ends_with_its_command(case: str) -> None:
    given, finding, _ = CASES[case]
    said = sentence(finding, given)
    assert said.advice.endswith(said.command)


def test_what_mends_it() -> None:
    mended = {case: sentence(finding, given).command for case, (given, finding, _) in CASES.items()}
    assert mended["blocked"] == "lull allow www.example"
    assert mended["rebinding"] == "lull allow www.example"
    assert mended["they disagree"] == "lull diagnose www.example --ask-also quad9"
    assert mended["fine"] == "lull log --name www.example --client tablet"


def test_names_are_quoted_in_commands() -> None:
    hostile = facts(name="a\\032b;$(x)", own=own(answer(rcode=5, ede=(15, "rebinding: 10.0.0.1"))))
    assert sentence(judge(hostile).finding, hostile).command == "lull allow 'a\\032b;$(x)'"


def test_what_is_the_matter_besides() -> None:
    given = facts(decided=Decided("block", "ads: x"), upstreams=(upstream(refused()), upstream(answer(SITE), TWO)))
    (other,) = judge(given).beside
    assert beside(other, given) == "Upstream udp://192.0.2.53 fails: Connection refused."
