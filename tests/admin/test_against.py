"""What stands against a name when nobody has allowed it."""

from __future__ import annotations

import pytest

from resolver.admin.against import Against, concerned
from resolver.model import Client, RRset, Type
from resolver.policy.document import (
    DeviceEntry,
    GroupEntry,
    OwnRule,
    Pause,
    SafeEntry,
    ScheduleEntry,
    ServiceEntry,
    SiteEntry,
)
from resolver.wire.name import from_text
from tests.support import bundle

LISTS = {
    "ads": "||ads.example^\n||deep.free.example^\n0.0.0.0 one.example\n@@||good.ads.example^\n/^tracker[0-9]+\\./",
    "more": "||more.example^",
}
POLICY = bundle(
    LISTS,
    groups=(
        GroupEntry("default", lists=("ads",)),
        GroupEntry("kids", ("192.0.2.20",), lists=("more",), services=("video",), safe_search=("find",)),
        GroupEntry("small", deny=True),
        GroupEntry("asleep", schedules=("bedtime",)),
    ),
    devices=(DeviceEntry("Tablet", ("192.0.2.20",)),),
    services=(ServiceEntry("video", "Video", ("video.example",)),),
    safe_search=(SafeEntry("find", "Find", ("www.find.example",), "safe.find.example"),),
    schedules=(ScheduleEntry("bedtime", (3,), 0, 60, "UTC", only=("school.example",)),),
    rules=(
        OwnRule("deny", "x.own.example"),
        OwnRule("deny", "kids.example", group="kids"),
        OwnRule("allow", "ads.example"),
        OwnRule("allow", "", text="/^ads/"),
    ),
    sites=(SiteEntry("news.example", ("ads.example",), window=None),),
    pauses=(Pause(900.0),),
    records=(RRset(from_text("printer.example"), Type.A, 300, (b"\xc0\0\2\x09",)),),
)
SOMEBODY = Client("", "default")
KID = Client("192.0.2.20", "kids", device="tablet")


@pytest.mark.parametrize(
    ("name", "client", "stands"),
    [
        ("ads.example", SOMEBODY, True),
        ("x.ads.example", SOMEBODY, True),
        ("free.example", SOMEBODY, True),
        ("example", SOMEBODY, True),
        ("other.example", SOMEBODY, False),
        ("tracker7.example", SOMEBODY, True),
        ("more.example", SOMEBODY, False),
        ("more.example", KID, True),
        ("ads.example", KID, False),
        ("video.example", KID, True),
        ("video.example", SOMEBODY, False),
        ("find.example", KID, True),
        ("own.example", SOMEBODY, True),
        ("kids.example", SOMEBODY, False),
        ("kids.example", KID, True),
        ("anything.example", Client("", "small"), True),
        ("anything.example", Client("", "asleep"), False),
        ("printer.example", SOMEBODY, False),
        (r"a\.b.ads.example", SOMEBODY, True),
    ],
)
def test_whether_anything_would_block_a_name_or_one_below_it(name: str, client: Client, stands: bool) -> None:
    assert Against(POLICY, 0.0, hours=False).stands(name, [client], exact=False) is stands


def test_an_exact_rule_is_about_no_name_below() -> None:
    against = Against(POLICY, 0.0, hours=False)
    assert not against.stands("free.example", [SOMEBODY], exact=True)
    assert against.stands("deep.free.example", [SOMEBODY], exact=True)
    assert against.stands("one.example", [SOMEBODY], exact=True)


def test_schedules_count_for_what_comes_before_them() -> None:
    asleep = [Client("", "asleep")]
    assert Against(POLICY, 0.0, hours=True).stands("games.example", asleep, exact=False)
    assert not Against(POLICY, 7200.0, hours=True).stands("games.example", asleep, exact=False)


def test_any_client_is_enough() -> None:
    assert Against(POLICY, 0.0, hours=False).stands("more.example", [SOMEBODY, KID], exact=False)
    assert not Against(POLICY, 0.0, hours=False).stands("more.example", [], exact=False)


def test_whom_a_scope_concerns() -> None:
    assert [client.group for client in concerned(POLICY, "", "", ())] == ["default", "kids", "small", "asleep"]
    many = bundle(
        groups=(GroupEntry("default"), GroupEntry("a"), GroupEntry("b", deny=True), GroupEntry("c", deny=True))
    )
    assert [client.group for client in concerned(many, "", "", ())] == ["default", "b"]
    assert concerned(POLICY, "", "kids", ()) == [Client("", "kids")]
    assert concerned(POLICY, "", "gone", ()) == []
    assert concerned(POLICY, "tablet", "", ("192.0.2.20",)) == [KID]
    assert concerned(POLICY, "phone", "", ()) == [Client("", "default", device="phone")]
