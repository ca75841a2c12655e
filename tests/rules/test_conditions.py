"""When a rule holds."""

import pytest

from resolver.model import Client
from resolver.rules.conditions import Admission, Conditions, Who
from resolver.rules.rule import Options
from tests.rules.sets import AAAA, CNAME, NOBODY, A

TV = Client("192.0.2.20", "default", device="Living Room TV", mac="02:00:00:00:00:01", tags=("device_tv", "os_android"))
PHONE = Client("2001:db8::7", "default", device="phone", mac="02:00:00:00:00:02", tags=("device_phone",))
GUEST = Client("::ffff:192.0.2.30", "default")


def holds(options: Options, name: str = "x.example", mask: int = 0, type: int = A, client: Client = NOBODY) -> bool:
    condition = Conditions([options]).of(1, 0)
    return condition is None or condition.holds(name, mask, type, client)


@pytest.mark.parametrize(
    ("options", "types"),
    [
        (Options(), [A, AAAA, CNAME]),
        (Options(types=(A, AAAA)), [A, AAAA]),
        (Options(not_types=(A,)), [AAAA, CNAME]),
        (Options(types=(A, AAAA), not_types=(A,)), [AAAA]),
    ],
)
def test_types(options: Options, types: list[int]) -> None:
    assert [type for type in (A, AAAA, CNAME) if holds(options, type=type)] == types


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("x.example", True),
        ("a.example", False),
        ("y.a.example", False),
        ("z.y.a.example", False),
        ("xa.example", True),
        ("example", True),
        ("", True),
        ("com", False),
        ("a.com", False),
        ("com.x", True),
    ],
)
def test_names_that_are_left_out(name: str, expected: bool) -> None:
    assert holds(Options(denyallow=("a.example", "com")), name) is expected


@pytest.mark.parametrize(
    ("texts", "clients"),
    [
        (("192.0.2.20",), [TV]),
        (("192.0.2.0/24",), [TV, GUEST]),
        (("192.0.2.16/28", "2001:db8::/64"), [TV, PHONE, GUEST]),
        (("192.0.2.17/28",), [TV, GUEST]),
        (("0.0.0.0/0",), [TV, GUEST]),
        (("::/0",), [PHONE]),
        (("living room tv",), [TV]),
        (("02:00:00:00:00:02",), [PHONE]),
        (("02:00:00:00:00:01", "phone"), [TV, PHONE]),
        (("",), []),
        (("nobody", "10.0.0.1"), []),
    ],
)
def test_clients(texts: tuple[str, ...], clients: list[Client]) -> None:
    everyone = [TV, PHONE, GUEST, NOBODY, Client("not an address", "default")]
    assert [one for one in everyone if Admission(Who(clients=texts)).admits(one)] == clients
    assert [one for one in everyone if not Admission(Who(not_clients=texts)).admits(one)] == clients


@pytest.mark.parametrize(
    ("who", "clients"),
    [
        (Who(), [TV, PHONE, GUEST]),
        (Who(tags=("device_tv",)), [TV]),
        (Who(tags=("device_tv", "device_phone")), [TV, PHONE]),
        (Who(not_tags=("os_android",)), [PHONE, GUEST]),
        (Who(tags=("device_tv", "device_phone"), not_tags=("os_android",)), [PHONE]),
        (Who(clients=("192.0.2.0/24",), not_clients=("living room tv",)), [GUEST]),
        (Who(clients=("192.0.2.0/24",), tags=("device_phone",)), []),
        (Who(clients=("192.0.2.0/24",), tags=("device_tv",)), [TV]),
    ],
)
def test_what_excludes_wins_and_all_must_hold(who: Who, clients: list[Client]) -> None:
    admission = Admission(who)
    assert [one for one in (TV, PHONE, GUEST) if admission.admits(one)] == clients


def test_a_rule_that_was_cancelled_holds_for_others() -> None:
    condition = Conditions([]).of(0, 0b101)
    assert condition is not None
    assert [condition.holds("x", mask, A, NOBODY) for mask in (0b001, 0b010, 0b110, 0b1010)] == [
        False,
        True,
        False,
        True,
    ]


def test_what_always_holds_has_no_condition() -> None:
    conditions = Conditions([Options(frame=("", " CNAME ."))])
    assert conditions.of(0, 0) is None
    assert conditions.of(1, 0) is None
    with pytest.raises(IndexError):
        conditions.of(2, 0)


def test_equal_conditions_on_clients_are_one() -> None:
    conditions = Conditions(
        [
            Options(clients=("a", "b")),
            Options(clients=("b", "a", "b"), types=(A,)),
            Options(not_clients=("a", "b")),
            Options(types=(A,)),
        ]
    )
    assert conditions.admissions == ()
    for id in (1, 2, 3, 4):
        assert conditions.of(id, 0) is not None
    assert len(conditions.admissions) == 2
