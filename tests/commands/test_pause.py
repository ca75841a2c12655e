"""`lull pause`: begun, and ended for all or for some."""

from __future__ import annotations

import json
import pathlib

import pytest

from resolver.admin.bodies import Done, PauseInfo
from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import Admin, Asked, home

UNTIL = 1_800_000_000.0


@pytest.mark.parametrize(
    ("words", "body", "who", "end"),
    [
        ([], {"for": "10m", "client": "", "group": ""}, "everyone", ""),
        (["--client", "tv", "1h"], {"for": "1h", "client": "tv", "group": ""}, "tv", " --client tv"),
        (["90", "--group", "a b"], {"for": "1m30s", "client": "", "group": "a b"}, "group a b", " --group 'a b'"),
    ],
)
def test_a_pause_begins(
    tmp_path: pathlib.Path,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    body: dict[str, str],
    who: str,
    end: str,
) -> None:
    with Admin({"POST pause": PauseInfo(1, UNTIL, body["client"], body["group"])}) as admin:
        assert main(["pause", *words, *home(tmp_path, admin)]) == 0
        assert capsys.readouterr().out == f"paused for {who} until {when(UNTIL)}; to end it: lull pause --end{end}\n"
        assert main(["pause", *words, "--json", *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("POST", "pause", body)] * 2
    assert json.loads(capsys.readouterr().out)["until"] == UNTIL


@pytest.mark.parametrize(
    ("done", "code", "said"),
    [
        (Done(effective=True), 0, "every pause is over\n"),
        (Done(effective=False, note="x"), 1, "every pause is over, but not everywhere yet: x\n"),
    ],
)
def test_every_pause_ends(
    tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], done: Done, code: int, said: str
) -> None:
    with Admin({"DELETE pause": done}) as admin:
        assert main(["pause", "--end", *home(tmp_path, admin)]) == code
        assert capsys.readouterr().out == said
        assert main(["pause", "--end", "--json", *home(tmp_path, admin)]) == code
        assert admin.asked == [Asked("DELETE", "pause", None)] * 2
    assert json.loads(capsys.readouterr().out)["effective"] is done.effective


def test_the_pauses_of_one_device_end(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"DELETE pause": Done(effective=True)}) as admin:
        assert main(["pause", "--end", "--client", "192.0.2.1", *home(tmp_path, admin)]) == 0
        assert main(["pause", "--end", "--group", "kids", *home(tmp_path, admin)]) == 0
        assert [asked.path for asked in admin.asked] == ["pause?client=192.0.2.1", "pause?group=kids"]
    assert capsys.readouterr().out == "pauses of 192.0.2.1 alone are over\npauses of group kids alone are over\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--end", "10m"], "takes no DURATION"),
        (["soon"], "is not a duration"),
        (["0"], "no time at all"),
        (["--client", "192.0.2.1", "--group", "kids"], "not allowed with"),
    ],
)
def test_usage(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str) -> None:
    with Admin() as admin:
        assert main(["pause", *words, *home(tmp_path, admin)]) == 2
        assert admin.asked == []
    assert said in capsys.readouterr().err
