"""`lull check`: everything that is wrong, in one run."""

from __future__ import annotations

import json
import pathlib
import sys

import pytest

from resolver.cli import main

WRONG = "dns: {listen: [here]}\nupstreams: ['tls//9.9.9.9']\nlists: [hagezi-prro]\nwhat: 1\n"
FINE = "rules: [allow a.example]\nupstreams: ['udp://192.0.2.53']\nlists: []\nstate: ./here\n"


@pytest.fixture
def config(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "lull.yaml"


def test_a_config_that_is_fine(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(FINE)
    assert main(["check", "--config", str(config)]) == 0
    expected = "0 lists, 1 group, 0 devices, 0 sites, 1 rule, 0 records, 1 upstream"
    assert capsys.readouterr() == (f"{config}: config is fine: {expected}\n", "")


def test_doubts_are_told_and_fail_nothing(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("lists: [{id: mine, file: mine.txt}]\n")
    doubt = (
        f"list mine: {config.parent}/mine.txt cannot be read (there is no such file); nothing of it counts until it can"
    )
    assert main(["check", "--config", str(config)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{config}: config is fine: 1 list, ")
    assert lines[1:] == [f"{config}: but {doubt}"]
    assert main(["check", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == [doubt]


def test_a_database_without_its_driver(
    config: pathlib.Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text("lists: []\nstore: postgresql+psycopg://lull:hunter2@db.example/lull\n")
    assert main(["check", "--config", str(config)]) == 0
    said = capsys.readouterr().out
    assert len(said.splitlines()) == 1, "it is installed here"
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert main(["check", "--config", str(config)]) == 0
    said += capsys.readouterr().out
    needs = "store: PostgreSQL needs psycopg, which is not installed here: pip install 'lull-dns[postgresql]'"
    assert said.splitlines()[2:] == [f"{config}: but {needs}"]
    assert "hunter2" not in said


def test_a_site_that_is_a_suffix(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("lists: []\nsites: [{site: a.co.uk, allow: [b.example]}, {site: co.uk, allow: [b.example]}]\n")
    assert main(["check", "--config", str(config)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        f'{config}: but sites[1].site: "co.uk" is a public suffix: every site below it is meant'
    ]


def test_lines_of_lists_are_rules_too(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text("lists: []\nrules:\n- deny /(?=a)/\n- deny ||a.example^$dnstype=AAAA\n")
    assert main(["check", "--config", str(config)]) == 2
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f'{config}:3: rules[0]: "/(?=a)/" is an expression that cannot be used')


def test_every_mistake_is_named(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(WRONG)
    assert main(["check", "--config", str(config)]) == 2
    out, err = capsys.readouterr()
    paths = [(1, "dns.listen[0]"), (2, "upstreams[0]"), (3, "lists[0]"), (4, "what")]
    assert err == ""
    for line, (number, path) in zip(out.splitlines(), paths, strict=True):
        assert line.startswith(f"{config}:{number}: {path}: ")


def test_json(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config.write_text(FINE)
    assert main(["check", "--json", "--config", str(config)]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["fine"], shown["problems"], shown["rules"], shown["file"]) == (True, [], 1, str(config))
    config.write_text(WRONG)
    assert main(["check", "--json", "--config", str(config)]) == 2
    shown = json.loads(capsys.readouterr().out)
    assert shown["fine"] is False
    assert [(one["line"], one["path"]) for one in shown["problems"]][:2] == [(1, "dns.listen[0]"), (2, "upstreams[0]")]
    assert shown["problems"][0].keys() == {"file", "line", "path", "message"}


def test_a_file_that_is_not_there_and_hostile_text(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--config", str(config)]) == 2
    assert capsys.readouterr().out == f"{config}: cannot be read: No such file or directory\n"
    config.write_bytes(b'"\\e[2J": 1\nupstreams: ["\\e]0;x"]\n')
    assert main(["check", "--config", str(config)]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert all(line.isprintable() for line in lines)


def test_what_was_chosen_is_told(config: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = config.parent / "state"
    state.mkdir()
    config.write_text(f"lists: []\nstate: {state}\n")
    left = {"path": "log.keep", "value": "1s"}
    (state / "chosen.json").write_text(json.dumps([left, {"path": "strategy", "value": "random", "who": "anna"}]))
    assert main(["check", "--config", str(config)]) == 0
    _, doubt, told = capsys.readouterr().out.splitlines()
    assert doubt == f"{config}: but what was chosen for log.keep does not fit it and is left out: " + (
        "log.keep: 1s is too little: at least 1h"
    )
    assert told.startswith("2 settings are chosen in the admin, and outrank it: log.keep, strategy;")
    assert main(["check", "--json", "--config", str(config)]) == 0
    assert json.loads(capsys.readouterr().out)["chosen"] == ["log.keep", "strategy"]
    (state / "chosen.json").write_text("[{")
    assert main(["check", "--config", str(config)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
