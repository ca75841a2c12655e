"""The one command that would change the outcome: told only if it would."""

from __future__ import annotations

import pytest

from resolver.admin.advice import advise
from resolver.model import Client, RRset, Type
from resolver.policy.decide import Moment
from resolver.policy.document import GroupEntry, OwnRule, Pause, SafeEntry, ScheduleEntry, ServiceEntry
from resolver.policy.why import explain
from resolver.wire.name import from_text
from tests.support import bundle

BEDTIME = ScheduleEntry("bedtime", (3,), 0, 60, "UTC", only=("school.example",))
POLICY = bundle(
    {"ads": "||ads.example^\n@@||good.ads.example^"},
    groups=(
        GroupEntry("default", lists=("ads",)),
        GroupEntry("the kids", services=("video",), safe_search=("find",)),
        GroupEntry("small", deny=True),
        GroupEntry("asleep", schedules=("bedtime",)),
    ),
    services=(ServiceEntry("video", "Video", ("video.example",)),),
    safe_search=(SafeEntry("find", "Find", ("find.example",), "safe.find.example"),),
    schedules=(BEDTIME,),
    rules=(
        OwnRule("allow", "own.example", origin="config"),
        OwnRule("deny", "shut.example", client="phone"),
        OwnRule("deny", "gone.example", until=900.0),
    ),
    records=(RRset(from_text("printer.example"), Type.A, 300, (b"\xc0\0\2\x09",)),),
)
SOMEBODY = Client("", "default")
PHONE = Client("192.0.2.20", "default", device="phone")


def advice(name: str, client: Client) -> tuple[str, str]:
    moment = Moment(client, POLICY, 0.0)
    found = explain(name, Type.A, *moment)
    return advise(found, name, Type.A, moment, found.verdict)


@pytest.mark.parametrize(
    ("name", "group", "words", "command"),
    [
        ("www.ads.example", "default", "allow it", "lull allow www.ads.example"),
        ("x.video.example", "the kids", "allow it for group the kids", "lull allow x.video.example --group 'the kids'"),
        (
            "find.example",
            "the kids",
            "have the true answer for group the kids",
            "lull allow find.example --group 'the kids'",
        ),
        ("www.example", "small", "allow it for group small", "lull allow www.example --group small"),
        ("www.example", "default", "block it", "lull deny www.example"),
        ("good.ads.example", "default", "block it", "lull deny good.ads.example"),
    ],
)
def test_whoever_the_rule_that_decided_is_for(name: str, group: str, words: str, command: str) -> None:
    assert advice(name, Client("", group)) == (f"to {words}: {command}", command)


def test_for_the_device_that_is_meant() -> None:
    assert advice("www.ads.example", PHONE)[0] == ("to allow it for phone: lull allow www.ads.example --client phone")
    assert advice("www.ads.example", Client("192.0.2.21", "default"))[1] == (
        "lull allow www.ads.example --client 192.0.2.21"
    )
    assert advice("shut.example", PHONE)[1] == "lull allow shut.example --client phone"


def test_only_something_temporary_comes_before_a_schedule() -> None:
    assert advice("games.example", Client("", "asleep")) == (
        "to allow it for group asleep for a while: lull allow games.example --for 30m --group asleep",
        "lull allow games.example --for 30m --group asleep",
    )
    assert advice("school.example", Client("", "asleep"))[1] == "lull deny school.example --for 30m --group asleep"
    assert advice("gone.example", SOMEBODY)[1] == "lull allow gone.example --for 30m"


def test_a_rule_of_the_config_does_not_give_way() -> None:
    assert advice("own.example", SOMEBODY)[1] == "lull deny own.example --for 30m", "at equal length allow wins"
    assert advice("www.own.example", SOMEBODY)[1] == "lull deny www.own.example"


def test_pauses_are_ended_by_whom_they_are_for() -> None:
    for pause, client, command in (
        (Pause(900.0), SOMEBODY, "lull pause --end"),
        (Pause(900.0, group="default"), PHONE, "lull pause --end --group default"),
        (Pause(900.0, client="phone"), PHONE, "lull pause --end --client phone"),
    ):
        policy = bundle(pauses=(pause,))
        moment = Moment(client, policy, 0.0)
        found = explain("a.example", Type.A, *moment)
        assert advise(found, "a.example", Type.A, moment, found.verdict).command == command


def test_what_only_the_config_can_change() -> None:
    assert advice("printer.example", SOMEBODY) == ("to change it: `records` in the config", "")
    assert advice("x.localhost", SOMEBODY)[1] == ""
    assert advice(".", SOMEBODY) == ("no rule can change that: only the config can", "")


def test_names_are_quoted_for_a_shell() -> None:
    assert advice(r"\226\128\174$(reboot).example", SOMEBODY)[1] == r"lull deny '\226\128\174$(reboot).example'"
