"""The table of texts: what an example says is read, shown and documented alike."""

from __future__ import annotations

import pathlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.config import leaves
from resolver.config.kinds import KINDS, Kind
from resolver.errors import TextError
from resolver.model import RRset


@pytest.mark.parametrize("kind", KINDS.values(), ids=map(str, KINDS))
def test_examples_are_read_and_match_their_pattern(kind: Kind) -> None:
    kind.parse(kind.example)
    assert re.search(str(kind.json.get("pattern", "")), kind.example)


@pytest.mark.parametrize("type", [type for type in KINDS if type is not RRset], ids=str)
def test_shown_values_are_read_back(type: object) -> None:
    kind = KINDS[type]
    assert kind.parse(kind.show(kind.parse(kind.example))) == kind.parse(kind.example)


@given(st.from_regex(r"([0-9]{1,3}[wdhmsx]?){0,5}", fullmatch=True))
def test_the_pattern_of_durations_is_what_is_read(text: str) -> None:
    pattern = str(KINDS[float].json["pattern"])
    try:
        leaves.duration(text)
        refused = ""
    except TextError as error:
        refused = str(error)
    assert bool(re.search(pattern, text)) is ("is not a duration" not in refused)


def test_a_path_is_not_empty() -> None:
    with pytest.raises(TextError, match="a path is missing"):
        KINDS[pathlib.Path].parse("")
