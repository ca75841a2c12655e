"""`lull jobs`: what goes on, and ending it."""

from __future__ import annotations

import json
import pathlib
import re

import msgspec
import pytest

from resolver.cli import main
from resolver.commands.output import when
from tests.commands.played import HOSTILE, JOB, Admin, Asked, done, failed, home, running


def test_what_goes_on(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    hostile = msgspec.structs.replace(running(None, HOSTILE), title=HOSTILE)
    with Admin({"GET jobs": [running(42.4, "receiving it …"), done(None), failed("no luck"), hostile]}) as admin:
        assert main(["jobs", *home(tmp_path, admin)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert main(["jobs", "list", "--json", *home(tmp_path, admin)]) == 0
    assert [line.split()[0] for line in lines] == ["ID", *[JOB] * 4]
    rows = [re.split(" {2,}", line.rstrip())[1:] for line in lines[1:4]]
    assert rows == [
        [when(1.0), "running 42 %", "what is done", "receiving it …"],
        [when(1.0), "done", "what is done"],
        [when(1.0), "failed", "what is done", "no luck"],
    ]
    assert all(line.isprintable() for line in lines)
    assert [job["state"] for job in json.loads(capsys.readouterr().out)] == ["running", "done", "failed", "running"]


def test_nothing_goes_on(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({"GET jobs": []}) as admin:
        assert main(["jobs", *home(tmp_path, admin)]) == 0
    assert capsys.readouterr().out == "nothing goes on, and nothing did lately\n"


def test_one_is_ended(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Admin({f"DELETE jobs/{JOB}": None}) as admin:
        assert main(["jobs", "end", JOB, *home(tmp_path, admin)]) == 0
        assert admin.asked == [Asked("DELETE", f"jobs/{JOB}", None)]
        assert capsys.readouterr().out == f"job {JOB} is ended\n"
        assert main(["jobs", "end", JOB, "--json", *home(tmp_path, admin)]) == 0
        assert json.loads(capsys.readouterr().out) == {"ended": JOB}
        assert main(["jobs", "end", "../x", *home(tmp_path, admin)]) == 4
        assert admin.asked[-1].path == "jobs/..%2Fx"


@pytest.mark.parametrize("words", [["end"], ["list", "x"], ["stop", "x"], ["x"]])
def test_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["jobs", *words]) == 2
    assert capsys.readouterr().out == ""
