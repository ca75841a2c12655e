"""Mistakes of schedules that stand between values, and what is filled in."""

from __future__ import annotations

import pathlib

import pytest

from resolver.config import scheduling
from resolver.config.known import Known
from resolver.config.load import parse
from resolver.config.offered import Offered, Service
from resolver.config.schema import Config
from resolver.errors import ConfigError
from resolver.paths import shipped
from resolver.rules.normal import normal

_OFFERED = Offered(
    {
        one.id: one
        for one in (
            Service("roblox", "Roblox", "games", ("roblox.com",)),
            Service("steam", "Steam", "games", ("steampowered.com",)),
            Service("tiktok", "TikTok", "social", ("tiktok.com",)),
        )
    }
)
_KNOWN = Known(frozenset({"pro", "tif", "fake"}), {"strict": ("pro", "tif"), "balanced": ("fake",)}, _OFFERED)


def _config(text: str) -> Config:
    return parse(text.encode(), pathlib.Path("lull.yaml"), _KNOWN)


def _problems(text: str) -> list[str]:
    try:
        _config(text)
    except ConfigError as error:
        return str(error).splitlines()
    return []


def _one(says: str) -> str:
    return f'schedules: {{bedtime: {{from: "21:00", to: "06:30", zone: UTC, {says}}}}}'


_AT = "1: schedules.bedtime"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (_one("days: [mon]"), f"{_AT}: changes nothing; write only, block or allow"),
        (
            _one("days: [mo], only: []"),
            f'{_AT}.days[0]: "mo" is not one of mon, tue, wed, thu, fri, sat, sun; did you mean "mon"?',
        ),
        (
            _one("days: [], only: []"),
            f"{_AT}.days: is an empty list: write at least one, or remove the line for the default",
        ),
        (
            _one("days: [mon, mon], only: []"),
            f'{_AT}.days[1]: "mon" is already at schedules.bedtime.days[0]; remove one',
        ),
        (_one("only: [a, A.]"), f'{_AT}.only[1]: "a" is already at schedules.bedtime.only[0]; remove one'),
        (_one("block: [a], allow: [a]"), f'{_AT}.allow[0]: "a" is blocked by the same schedule; remove one'),
        (_one("only:"), f"{_AT}.only: expected a list, got nothing; write [] for none, or remove the line"),
        (_one("only: [192.0.2.1]"), f'{_AT}.only[0]: "192.0.2.1" is an address; a name is wanted here'),
        (
            _one('block: ["service:robox"]'),
            f'{_AT}.block[0]: there is no service or kind of services "robox"; did you mean "roblox"?',
        ),
        (
            _one('block: ["service:zz"]'),
            f'{_AT}.block[0]: there is no service or kind of services "zz"; `lull services` shows what there is',
        ),
        (
            "lists: [strict]\n" + _one('block: ["list:stric"]'),
            '2: schedules.bedtime.block[0]: there is no list "stric" in use; did you mean "strict"?',
        ),
        (
            "lists: [pro]\n" + _one('block: ["list:tif"]'),
            '2: schedules.bedtime.block[0]: there is no list "tif" in use; add it to lists',
        ),
        (
            "lists: [pro]\n" + _one('block: ["list:strict"]'),
            '2: schedules.bedtime.block[0]: there is no list "strict" in use; add it to lists',
        ),
        (
            "lists: [{id: good, file: a, kind: allow}]\n" + _one('block: ["list:good"]'),
            '2: schedules.bedtime.block[0]: "good" is a list that allows; there is nothing in it to block',
        ),
        (_one("only: [], zone: Mars"), f"{_AT}.zone: is given twice, first on line 1; remove one"),
        (
            'schedules: {x: {from: "25:00", to: "06:30", only: []}}',
            '1: schedules.x.from: "25:00" is not a time of day from 00:00 to 23:59, such as "21:00" or "06:30"',
        ),
        ('schedules: {x: {to: "06:30", only: []}}', '1: schedules.x: the key "from" is missing'),
        (
            'schedules: {x: {from: "1:00", to: "06:30", zone: Europe/Berln, only: []}}',
            '1: schedules.x.zone: "Europe/Berln" is not a time zone; did you mean "Europe/Berlin"?',
        ),
        (
            _one("only: []") + "\ngroups: {kids: {schedules: [bedtme]}}",
            '2: groups.kids.schedules[0]: there is no schedule "bedtme"; did you mean "bedtime"?',
        ),
        (
            "groups: {kids: {schedules: [bedtime]}}",
            '1: groups.kids.schedules[0]: there is no schedule "bedtime"; add it to schedules',
        ),
        (
            _one("only: []") + "\ngroups: {kids: {schedules: [bedtime, bedtime]}}",
            '2: groups.kids.schedules[1]: "bedtime" is already at groups.kids.schedules[0]; remove one',
        ),
        ("basics: [a, a]", '1: basics[1]: "a" is already at basics[0]; remove one'),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    assert _problems(text) == [f"lull.yaml:{said}"]


@pytest.mark.parametrize(
    "text",
    [
        'schedules: {x: {from: 9, to: "06:30", only: []}}\ngroups: {kids: {schedules: [x]}}',
        "schedules: []\ngroups: {kids: {schedules: [x]}}",
        _one("only: 1"),
        _one("block: [[]]"),
        "lists: 5\n" + _one('block: ["list:mine"]'),
    ],
)
def test_one_mistake_is_one_problem(text: str) -> None:
    assert len(_problems(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        _one("only: []"),
        _one("only: [a], block: [b.a], allow: [c]") + "\ngroups: {default: {schedules: [bedtime]}}",
        "lists: [strict]\n" + _one('block: ["list:tif", "list:strict", "service:games", "service:tiktok", x]'),
        "schedules: {x: {from: 21:00, to: 6:30, only: []}}",  # a number to some readers of YAML, and still a time
        "schedules: {}\nbasics: []",
    ],
)
def test_what_is_no_mistake(text: str) -> None:
    assert _problems(text) == []


def test_words_that_mean_several_become_what_they_mean() -> None:
    found = _config(
        "lists: [strict]\n" + _one('block: ["list:strict", "service:games", a, "service:roblox", "list:pro"]')
    )
    assert list(map(str, found.schedules["bedtime"].block)) == [
        "list:pro",
        "list:tif",
        "service:roblox",
        "service:steam",
        "a",
    ]


def test_a_schedule_without_a_zone_has_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    text = 'schedules: {x: {from: "21:00", to: "06:30", block: [a]}}'
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert str(_config(text).schedules["x"].zone) == "Asia/Kathmandu"
    monkeypatch.setenv("TZ", "XYZ-3")
    assert _problems(text) == [
        "lull.yaml:1: schedules.x.zone: is not given, and the zone of this machine has no name; "
        'write zone: "Europe/Berlin" or another'
    ]
    assert _problems(_one("only: []")) == []


def test_basics_are_there_when_a_schedule_has_to_spare_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path
) -> None:
    found = _config(_one("only: []")).basics
    assert found is not None
    assert {"captive.apple.com", "pool.ntp.org", "windowsupdate.com"} <= set(found)
    assert _config(_one("only: []") + "\nbasics: [a]").basics == ("a",)
    assert _config(_one("only: []") + "\nbasics: []").basics == ()
    monkeypatch.setattr(scheduling, "shipped", tmp_path.joinpath)
    assert _config(_one("block: [a]")).basics is None
    assert "basics: is not given, and" in _problems(_one("only: []"))[0]


def test_the_basics_that_ship_are_names_each_once_and_none_below_another() -> None:
    text = shipped("blocklists", scheduling.BASICS).read_text()
    names = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert 50 <= len(names) <= 100
    assert len(set(names)) == len(names)
    for name in names:
        assert normal(name) == name
        assert name.count(".") >= 1
        assert not any(name.endswith(f".{other}") for other in names), name
