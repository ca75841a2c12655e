"""Options, interned and bounded."""

import pytest

from resolver.model import Nxdomain
from resolver.rules import options
from resolver.rules.options import Interned, trusted
from resolver.rules.rule import Options


def test_equal_options_share_an_id() -> None:
    interned = Interned()
    assert interned.id(Options(types=(1,))) == 1
    assert interned.id(Options(types=(28,))) == 2
    assert interned.id(Options(types=(1,))) == 1
    assert interned.all == [Options(types=(1,)), Options(types=(28,))]


def test_no_options_and_empty_ones_are_the_same() -> None:
    assert (Interned().id(None), Interned().id(Options())) == (0, 0)


@pytest.mark.parametrize(
    ("limit", "value", "fitting", "many"),
    [
        ("MAX_OPTIONS", 2, [Options(types=(1,)), Options(types=(2,))], Options(types=(3,))),
        ("MAX_OPTIONS_BYTES", 400, [Options(denyallow=("a" * 100,))], Options(denyallow=("b" * 200,))),
        ("MAX_CLIENTS", 3, [Options(clients=("a", "b")), Options(not_tags=("c",))], Options(not_clients=("d",))),
        ("MAX_CLIENTS", 3, [Options(not_clients=("a", "b", "c"))], Options(tags=("d",))),
    ],
)
def test_there_is_room_for_so_many(
    monkeypatch: pytest.MonkeyPatch, limit: str, value: int, fitting: list[Options], many: Options
) -> None:
    monkeypatch.setattr(options, limit, value)
    interned = Interned()
    assert [interned.id(one) for one in fitting] == [*range(1, len(fitting) + 1)]
    assert interned.id(many) is None
    assert interned.id(fitting[0]) == 1
    assert interned.all == fitting


def test_an_allow_list_says_nothing() -> None:
    assert trusted(None) is None
    assert trusted(Options(says=Nxdomain())) is None
    assert trusted(Options(types=(1,), says=Nxdomain())) == Options(types=(1,))
    assert trusted(Options(says=Nxdomain(), frame=("", " CNAME ."))) == Options(frame=("", " CNAME ."))


def test_an_essence_is_without_frame_and_order() -> None:
    interned = Interned()
    ids = [
        interned.id(one)
        for one in (
            Options(types=(1, 28), clients=("a", "b")),
            Options(types=(28, 1, 1), clients=("b", "a"), frame=("||", "^$client=b|a")),
            Options(types=(28,), clients=("b", "a")),
            Options(types=(1, 28), not_clients=("a", "b")),
            Options(types=(1, 28), clients=("a", "b"), says=Nxdomain()),
            Options(frame=("address=/", "/")),
        )
    ]
    one, same, *others, framed = [interned.essence(id) for id in ids if id is not None]
    assert one == same
    assert len({one, *others, framed}) == 5
    assert framed == interned.essence(0)
