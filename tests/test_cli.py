"""The command as a whole: its help, its parsing, its exit codes, and what it keeps out of the supervisor."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

import pytest

from resolver.cli import COMMANDS, main, parse
from resolver.commands.outcome import EXIT_CODES
from tests.commands.played import Admin, closed_port, home

ROOT = pathlib.Path(__file__).resolve().parents[1]
HEAVY = {"aiohttp", "alembic", "jinja2", "marisa_trie", "prometheus_client", "sqlalchemy"}
ASKING = {
    "why": ["x.example"],
    "diagnose": ["x.example"],
    "allow": ["x.example"],
    "deny": ["x.example"],
    "rules": [],
    "undo": [],
    "lists": [],
    "schedules": [],
    "pause": [],
    "log": [],
    "status": [],
    "stats": [],
}
"""The commands that ask the admin, with the least they take."""


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LULL_ADMIN", "LULL_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "100")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    out, err = capsys.readouterr()
    assert out.startswith(f"usage: lull {name} ")
    assert COMMANDS[name].help in out
    assert all(option in out for option in ("--config FILE", "--state DIR"))
    assert ("--json" in out) is (name != "serve")
    assert err == ""


def test_the_help_names_every_command_and_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {name} " in out for name in COMMANDS)
    assert EXIT_CODES in out
    assert max(map(len, out.splitlines())) <= 120


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("lull ")


@pytest.mark.parametrize(
    "words",
    [
        [],
        ["nope"],
        ["--nope"],
        ["status", "--nope"],
        ["status", "extra"],
        ["status", "--stat", "x"],
        ["serve", "--workers", "x"],
    ],
)
def test_usage_mistakes(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("usage: lull ")


def test_options_may_stand_anywhere() -> None:
    arguments = parse(["query", "x.example", "--tcp", "AAAA", "--json"])
    assert (arguments.name, arguments.type, arguments.tcp, arguments.json) == ("x.example", "AAAA", True, True)
    assert parse(["lists", "refresh", "--json", "a", "--state", "s", "b"]).ids == ["a", "b"]
    assert parse(["rules", "delete", "3", "--json", "5"]).words == ["3", "5"]
    assert parse(["allow", "--for", "5m", "exact", "--json", "x.example"]).words == ["exact", "x.example"]
    assert parse(["pause", "--client", "192.0.2.1", "5m"]).duration == "5m"
    serve = parse(["serve", "--listen", "127.0.0.1:1", "--listen", "[::1]:1", "--workers", "2"])
    assert (serve.listen, serve.upstream, serve.workers) == (["127.0.0.1:1", "[::1]:1"], [], 2)
    assert parse(["serve"]).listen == []


@pytest.mark.parametrize(("name", "words"), ASKING.items())
def test_a_daemon_that_is_not_running(
    name: str, words: list[str], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    port = closed_port()
    assert main([name, *words, *home(tmp_path, port, token=None)]) == 3
    sentence = (
        f"lull: the admin at http://127.0.0.1:{port} does not answer (Connection refused): is `lull serve` running?\n"
    )
    assert capsys.readouterr() == ("", sentence)


@pytest.mark.parametrize(("name", "words"), ASKING.items())
def test_a_token_that_is_missing_or_wrong(
    name: str, words: list[str], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Admin() as admin:
        assert main([name, *words, *home(tmp_path, admin, token=None)]) == 4
        assert "there is no token at " in capsys.readouterr().err
        assert main([name, *words, *home(tmp_path, admin, token="of-another-daemon")]) == 4
        assert "does not accept the token of " in capsys.readouterr().err
        assert admin.asked == []


@pytest.mark.parametrize(("name", "words"), ASKING.items())
def test_an_answer_that_is_not_understood(
    name: str, words: list[str], tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Admin() as admin:
        paths = {"allow": "POST rules", "deny": "POST rules", "pause": "POST pause", "undo": "GET changes"}
        paths["diagnose"] = "POST diagnose"
        admin.raw[paths.get(name, f"GET {name}")] = (200, b"<html>")
        assert main([name, *words, "--json", *home(tmp_path, admin)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("lull: the admin's answer is not understood ")


def test_the_environment_names_another_admin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Admin({"GET rules": []}) as admin:
        monkeypatch.setenv("LULL_ADMIN", f"127.0.0.1:{admin.port}")
        monkeypatch.setenv("LULL_TOKEN", admin.authorization.removeprefix("Bearer "))
        assert main(["rules", "--json", "--config", str(tmp_path / "none.yaml")]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_config_that_cannot_be_read(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "none.yaml"
    for words in (["status"], ["query", "x.example"], ["serve"], ["token"]):
        assert main([*words, "--config", str(missing)]) == 2
        assert capsys.readouterr() == ("", f"{missing}: cannot be read: No such file or directory\n")


def lull(*words: str, stdout: int = subprocess.PIPE, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "resolver", *words],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=10,
        check=False,
    )


def test_the_supervisor_is_kept_small() -> None:
    program = f"import sys, resolver.cli; print(sorted({HEAVY!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("words", [["lists", "catalogue"], ["--help"], ["log", "--help"]])
def test_a_reader_that_has_gone_is_no_trouble(words: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = lull(*words, stdout=writer, PYTHONUNBUFFERED="")
    os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_output_that_cannot_be_written_is_said() -> None:
    with pathlib.Path("/dev/full").open("w") as full:
        done = lull("lists", "catalogue", stdout=full.fileno())
    assert (done.returncode, done.stderr) == (1, b"lull: [Errno 28] No space left on device\n")


def test_a_terminal_without_the_character_gets_an_escape() -> None:
    done = lull("log", "--help", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert rb"\u2026" in done.stdout
