"""`lull schedules` and `lull schedule`: shown, and changed for once."""

from __future__ import annotations

import json
import pathlib

import pytest
from msgspec.structs import replace

from resolver.admin.planbodies import Normal, ScheduleChange, ScheduleChanged, ScheduleInfo, Standing
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, Admin, Asked, home

NOW = 1_800_000_000.0
LATER = NOW + 1800
NIGHTS = ["mon", "tue", "wed", "thu", "sun"]
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


CHANGE = ScheduleChange(
    1, "bedtime", on=False, begins=NOW, until=LATER, client="", group="", why="30 more minutes", who="ada", created=NOW
)
BEDTIME = ScheduleInfo(
    "bedtime",
    NIGHTS,
    "21:00",
    "06:30",
    "Europe/Berlin",
    ["kids"],
    [Standing("", "kids", in_force=True, until=LATER)],
    [],
)


def change(**given: object) -> ScheduleChange:
    return replace(CHANGE, **given)


def schedule(**given: object) -> ScheduleInfo:
    return replace(BEDTIME, **given)


def test_schedules_are_shown(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    kids, tablet = Standing("", "kids", in_force=True, until=LATER), Standing("tablet", "", in_force=False, until=NOW)
    shown = [
        schedule(standing=[kids, tablet], changes=[change(client="tablet")]),
        schedule(name="always", days=WEEK, standing=[Standing("", "den", in_force=True, until=None)]),
        schedule(name="unused", standing=[], groups=[]),
    ]
    with Admin({"GET schedules": shown}) as admin:
        assert main(["schedules", *home(tmp_path, admin)]) == 0
        head, first, second, third, fourth, hint = capsys.readouterr().out.splitlines()
        assert main(["schedules", "--json", *home(tmp_path, admin)]) == 0
    assert head.split() == ["NAME", "DAYS", "HOURS", "ZONE", "FOR", "NOW", "UNTIL", "CHANGED"]
    begin = "bedtime  mon tue wed thu sun  21:00-06:30  Europe/Berlin"
    assert " ".join(first.split()) == f"{' '.join(begin.split())} group kids in force {when(LATER)}"
    changed = f"30 more minutes: off {when(NOW)[11:]} to {when(LATER)[11:]}"
    assert " ".join(second.split()) == f"{' '.join(begin.split())} tablet off {when(NOW)} {changed}"
    assert " ".join(third.split()) == "always every day 21:00-06:30 Europe/Berlin group den in force always"
    assert fourth.split()[-2:] == ["nobody", "off"]
    assert hint.startswith("to change one for once: lull schedule NAME off|on|more 30m")
    listed = json.loads(capsys.readouterr().out)
    assert (listed[0]["from"], listed[0]["to"]) == ("21:00", "06:30")


def test_what_is_changed_for_everyone_shows_with_every_group(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = [Standing("", name, in_force=False, until=LATER) for name in ("kids", "guests")]
    with Admin({"GET schedules": [schedule(standing=groups, changes=[change(), change(group="kids")])]}) as admin:
        assert main(["schedule", "bedtime", *home(tmp_path, admin)]) == 0
    _, kids, guests = capsys.readouterr().out.splitlines()
    assert (kids.count("30 more minutes"), guests.count("30 more minutes")) == (2, 1)


def test_none_yet(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET schedules": []}) as admin:
        assert main(["schedules", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out.startswith("no schedules yet; ")


def test_one_that_is_not_there(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET schedules": [schedule()]}) as admin:
        assert main(["schedule", "bedtime", "--json", *home(tmp_path, admin)]) == 0
        assert json.loads(capsys.readouterr().out)["name"] == "bedtime"
        assert main(["schedule", "nap", *home(tmp_path, admin)]) == 4
    assert "there is no such schedule; `lull schedules` shows all" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "body", "said"),
    [
        (["off"], {"do": "off"}, f"off for everyone until {when(LATER)}"),
        (["on", "--for", "2h"], {"do": "on", "for": "2h"}, f"in force for everyone until {when(LATER)}"),
        (["more"], {"do": "more", "for": "30m"}, f"off for everyone until {when(LATER)}"),
        (["more", "1h"], {"do": "more", "for": "1h"}, f"off for everyone until {when(LATER)}"),
        (["more", "--for", "45m"], {"do": "more", "for": "45m"}, f"off for everyone until {when(LATER)}"),
        (
            ["off", "--group", "the kids"],
            {"do": "off", "group": "the kids"},
            f"off for group the kids until {when(LATER)}",
        ),
        (["--client", "tablet", "off"], {"do": "off", "client": "tablet"}, f"off for tablet until {when(LATER)}"),
    ],
)
def test_one_is_changed(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], body: dict[str, str], said: str
) -> None:
    sent = {"do": "", "for": None, "client": "", "group": ""} | body
    made = change(on=body["do"] == "on", client=sent["client"], group=sent["group"])
    with Admin({"POST schedules/bedtime/changes": ScheduleChanged(made, LATER, effective=True)}) as admin:
        assert main(["schedule", "bedtime", *words, *home(tmp_path, admin)]) == 0
        out = capsys.readouterr().out
        assert main(["schedule", "bedtime", *words, "--json", *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("POST", "schedules/bedtime/changes", sent)] * 2
    option = {"off for group the kids": " --group 'the kids'", "off for tablet": " --client tablet"}
    option_text = next((text for begin, text in option.items() if said.startswith(begin)), "")
    assert out == (
        f"bedtime is {said} (30 more minutes)\n"
        f"  in force everywhere; to end that: lull schedule bedtime normal{option_text}\n"
    )
    assert json.loads(capsys.readouterr().out)["change"]["until"] == LATER


def test_a_change_that_begins_later_and_is_not_everywhere(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    later = ScheduleChanged(change(begins=NOW + 60), LATER, effective=False, note="worker 1: no")
    with Admin({"POST schedules/quiet%20hours/changes": later}) as admin:
        assert main(["schedule", "quiet hours", "more", *home(tmp_path, admin)]) == 1
        out = capsys.readouterr().out
        assert main(["schedule", "quiet hours", "more", "--json", *home(tmp_path, admin)]) == 1
    assert f"off for everyone from {when(NOW + 60)} until {when(LATER)}" in out
    assert "not in force everywhere yet: worker 1: no" in out


@pytest.mark.parametrize(("until", "said"), [(LATER + 60, f"until {when(LATER + 60)}"), (None, "for good")])
def test_what_truly_is_is_told(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], until: float | None, said: str
) -> None:
    made = ScheduleChanged(change(on=True), until, effective=True, hint="it would be so anyway")
    with Admin({"POST schedules/bedtime/changes": made}) as admin:
        assert main(["schedule", "bedtime", "on", "--for", "30m", *home(tmp_path, admin)]) == 0
    first, second, _ = capsys.readouterr().out.splitlines()
    assert first == f"bedtime is in force for everyone {said} (30 more minutes)"
    assert second == "  it would be so anyway"


@pytest.mark.parametrize(
    ("words", "done", "code", "said"),
    [
        ([], Normal(2, effective=True), 0, "bedtime is as usual again\n"),
        ([], Normal(1, effective=False, note="x"), 1, "bedtime is as usual again, but not everywhere yet: x\n"),
        ([], Normal(0, effective=True), 0, "nothing is changed of bedtime\n"),
        (
            ["--client", "my tablet"],
            Normal(1, effective=True),
            0,
            "what was changed of bedtime for my tablet alone is over\n",
        ),
        (["--group", "kids"], Normal(0, effective=True), 0, "nothing is changed of bedtime for group kids alone\n"),
    ],
)
def test_changes_are_ended(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], done: Normal, code: int, said: str
) -> None:
    with Admin({"DELETE schedules/bedtime/changes": done}) as admin:
        assert main(["schedule", "bedtime", "normal", *words, *home(tmp_path, admin)]) == code
        assert capsys.readouterr().out == said
        assert main(["schedule", "bedtime", "normal", *words, "--json", *home(tmp_path, admin)]) == code
        query = {"--client": "?client=my+tablet", "--group": "?group=kids"}.get(words[0], "") if words else ""
        assert admin.asked == [Asked("DELETE", f"schedules/bedtime/changes{query}", None)] * 2
    assert json.loads(capsys.readouterr().out)["ended"] == done.ended


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["off", "30m"], "only more takes a TIME"),
        (["more", "30m", "--for", "1h"], "given once"),
        (["normal", "--for", "1h"], "--for is for off, on and more"),
        (["--for", "1h"], "--for is for off, on and more"),
        (["--group", "kids"], "--client and --group are for: off, on, more, normal"),
        (["sometimes"], "invalid choice"),
        (["more", "soon"], "is not a duration"),
        (["off", "--client", "a", "--group", "b"], "not allowed with"),
    ],
)
def test_usage(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    with Admin() as admin:
        assert main(["schedule", "bedtime", *words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err


def test_hostile_words_are_harmless(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = change(schedule=HOSTILE, client=HOSTILE, why=HOSTILE)
    hostile = schedule(name=HOSTILE, standing=[Standing(HOSTILE, "", in_force=True, until=None)], changes=[made])
    bodies = {
        "GET schedules": [hostile],
        "POST schedules/bedtime/changes": ScheduleChanged(made, None, effective=False, note=HOSTILE, hint=HOSTILE),
        "DELETE schedules/bedtime/changes": Normal(1, effective=False, note=HOSTILE),
    }
    with Admin(bodies) as admin:
        for words in (["schedules"], ["schedule", "bedtime", "off"], ["schedule", "bedtime", "normal"]):
            main([*words, *home(tmp_path, admin)])
    assert capsys.readouterr().out.replace("\n", "").isprintable()
