"""What resolvers say, in a few words."""

from __future__ import annotations

import pytest

from resolver.diagnosis.facts import Answer
from resolver.diagnosis.words import listed, says
from tests.diagnosis.telling import OTHER, SITE, answer


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (answer(SITE, OTHER), f"it is at {SITE}, {OTHER}"),
        (answer("0.0.0.0", "::"), "it is at 0.0.0.0, which is nowhere"),
        (answer("::", SITE), f"it is at ::, {SITE}"),
        (answer(), "it has no address"),
        (answer(rcode=3), "it does not exist"),
        (answer(rcode=5), "it cannot be found (REFUSED)"),
        (answer(rcode=11), "it cannot be found (RCODE11)"),
    ],
)
def test_says(given: Answer, words: str) -> None:
    assert says(given) == words


def test_listed() -> None:
    assert listed(("a", "b", "c")) == "a, b, c"
    assert listed(("a", "b", "c", "d", "e")) == "a, b, c and 2 more"
