"""The words of a console line."""

from __future__ import annotations

import pytest

from tests.scenarios.words import UsageError, split


def test_words_are_told_apart() -> None:
    words = split('shop.example A from=192.0.2.1 do "a b"', 1, 3, ("from",), ("do",))
    assert words.given == ("shop.example", "A", "a b")
    assert words.options == {"from": "192.0.2.1"}
    assert words.flags == {"do"}
    with pytest.raises(UsageError, match="no others"):
        split("a b", 1, 1)
