"""Times of day, zones, names and targets of schedules; and the zone of the machine."""

from __future__ import annotations

import datetime as dt
import pathlib
import re
import zoneinfo

import pytest

from resolver.config.hours import machine_zone, show_time, target, time_of_day, zone
from resolver.config.values import Target
from resolver.errors import TextError


@pytest.mark.parametrize(
    ("text", "time", "shown"),
    [
        ("21:00", dt.time(21), "21:00"),
        ("6:05", dt.time(6, 5), "06:05"),
        ("06:30 ", dt.time(6, 30), "06:30"),
        ("00:00", dt.time(), "00:00"),
    ],
)
def test_times_of_day(text: str, time: dt.time, shown: str) -> None:
    assert time_of_day(text) == time
    assert show_time(time) == shown


@pytest.mark.parametrize(
    "text", ["", "9", "21", "9pm", "21:0", "24:01", "12:60", "1260", "21.00", "21:00:00", "-1:00", "٢١:00"]
)
def test_what_is_no_time_of_day(text: str) -> None:
    with pytest.raises(
        TextError, match=re.escape('is not a time of day from 00:00 to 23:59, such as "21:00" or "06:30"')
    ):
        time_of_day(text)


def test_midnight_has_one_name() -> None:
    with pytest.raises(TextError, match='"24:00" is not a time of day from 00:00 to 23:59: midnight is "00:00"'):
        time_of_day("24:00")


@pytest.mark.parametrize("text", ["Europe/Berlin", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires"])
def test_zones(text: str) -> None:
    assert zone(text) == zoneinfo.ZoneInfo(text)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("Europe/Berln", 'did you mean "Europe/Berlin"?'),
        ("europe/berlin", 'did you mean "Europe/Berlin"?'),
        ("berlin", 'did you mean "Europe/Berlin"?'),
        ("new york", 'did you mean "America/New_York"?'),
        ("x", 'write one such as "Europe/Berlin"'),
        ("", 'write one such as "Europe/Berlin"'),
        ("Europe", 'write one such as "Europe/Berlin"'),
        ("zone.tab", 'write one such as "Europe/Berlin"'),
        ("/etc/passwd", 'write one such as "Europe/Berlin"'),
        ("../../etc/passwd", 'write one such as "Europe/Berlin"'),
        ("right/UTC", 'write one such as "Europe/Berlin"'),
    ],
)
def test_what_is_no_zone(text: str, advice: str) -> None:
    with pytest.raises(TextError, match=re.escape(f'"{text}" is not a time zone; {advice}')):
        zone(text)


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"TZ": "Europe/Berlin"}, "Europe/Berlin"),
        ({"TZ": ":Asia/Kathmandu"}, "Asia/Kathmandu"),
        ({"TZ": "/usr/share/zoneinfo/America/Havana"}, "America/Havana"),
        ({"TZ": ""}, "UTC"),
        ({"TZ": "CET-1CEST,M3.5.0,M10.5.0/3"}, None),
    ],
)
def test_the_zone_that_the_environment_names(given: dict[str, str], key: str | None, tmp_path: pathlib.Path) -> None:
    found = machine_zone(given, tmp_path / "localtime")
    assert (None if found is None else found.key) == key


def test_the_zone_of_the_machine(tmp_path: pathlib.Path) -> None:
    localtime = tmp_path / "localtime"
    assert machine_zone({}, localtime) == zone("UTC")  # as the C library has it
    localtime.symlink_to("../usr/share/zoneinfo/Europe/Berlin")
    assert machine_zone({}, localtime) == zone("Europe/Berlin")
    localtime.unlink()
    localtime.write_bytes(b"TZif")
    assert machine_zone({}, localtime) is None


def test_targets() -> None:
    assert target("School.Example.") == Target("name", "school.example")
    for text, found in (("service:roblox", Target("service", "roblox")), ("list:my-list", Target("list", "my-list"))):
        assert target(text) == found
        assert str(found) == text
    assert str(target("a.example")) == "a.example"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("service:", '"" is not the id of a service (small letters, digits, -)'),
        ("list:My List", '"My List" is not the id of a list (small letters, digits, -)'),
        ("servce:roblox", '"servce:roblox" is not a name'),
    ],
)
def test_what_is_no_target(text: str, said: str) -> None:
    with pytest.raises(TextError, match=re.escape(said)):
        target(text)
