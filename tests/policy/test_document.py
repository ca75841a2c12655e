"""The policy as it is written to disk."""

from __future__ import annotations

import msgspec
import pytest

from resolver.model import Address, BlockAnswer, Nodata, NullAddress, Nxdomain, Refused
from resolver.policy.document import Document, OwnRule


@pytest.mark.parametrize("answer", [NullAddress(), Nxdomain(), Nodata(), Refused(), Address((b"\1\2\3\4",), ())])
def test_every_answer_comes_back_as_it_was(answer: BlockAnswer) -> None:
    document = Document(answer=answer)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(document), type=Document) == document


def test_a_rule_is_shown_as_people_write_it() -> None:
    assert str(OwnRule("allow", "a.example", client="192.0.2.1", until=1.0)) == "allow a.example"
