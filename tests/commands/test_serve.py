"""`lull serve`: from the command line to a daemon that answers, and all that keeps it from starting."""

from __future__ import annotations

import json
import pathlib
import signal
import socket
import subprocess
import sys
import time
from argparse import Namespace

import pytest

from resolver.cli import main, parse
from resolver.commands.serve import announcement
from resolver.config.admin import Admin
from resolver.config.schema import Config, Dns
from resolver.config.values import Endpoint
from tests.commands.played import closed_port

ROOT = pathlib.Path(__file__).resolve().parents[2]
SERVE = [sys.executable, "-m", "resolver", "serve"]


def announced(*words: str, config: Config) -> list[str]:
    arguments: Namespace = parse(["serve", *words])
    return announcement(config, arguments)


def test_what_is_said_before_it_starts() -> None:
    config = Config(
        dns=Dns(listen=(Endpoint("0.0.0.0", 53), Endpoint("::", 53))),
        admin=Admin(Endpoint("0.0.0.0", 8080)),
        state=pathlib.Path("/var/lib/lull"),
    )
    lines = announced(
        "--config", "/x/lull.yaml", "--state", "/var/lib/my lull", "--admin", "0.0.0.0:8080", config=config
    )
    assert lines == [
        "lull 0.1.0, config /x/lull.yaml, state /var/lib/lull",
        "  DNS    0.0.0.0:53, [::]:53 (UDP and TCP)",
        "  admin  http://127.0.0.1:8080/",
        "  try    dig @127.0.0.1 -p 53 example.com",
        "         LULL_ADMIN=127.0.0.1:8080 lull status --config /x/lull.yaml --state '/var/lib/my lull'",
        "         lull token --config /x/lull.yaml --state '/var/lib/my lull'    the admin asks for it",
    ]


def test_commands_that_need_no_options_have_none() -> None:
    assert announced(config=Config())[4:] == ["         lull status", "         lull token    the admin asks for it"]


def test_every_mistake_of_config_and_command_line(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "lull.yaml"
    config.write_text("upstreams: ['9.9.9.9']\nlists: [nope]\n")
    words = ["--listen", "localhost:53", "--listen", "127.0.0.1", "--workers", "0", "--admin", "x"]
    assert main(["serve", "--config", str(config), *words]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.partition(": ")[2].partition(": ")[0] for line in err.splitlines()] == [
        "--listen[0]",
        "--listen[1]",
        "--workers",
        "--admin",
        "upstreams[0]",
        "lists[0]",
    ]


def test_a_log_level_that_does_not_exist(tmp_path: pathlib.Path) -> None:
    done = subprocess.run(
        [*SERVE, "--state", str(tmp_path / "state")],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "LULL_LOG": "loud"},
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    said = "lull: LULL_LOG: Unknown level: 'LOUD'; write DEBUG, INFO, WARNING or ERROR\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_port_that_is_taken(tmp_path: pathlib.Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
        done = subprocess.run(
            [*SERVE, "--listen", place, "--state", str(tmp_path / "state")],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    assert (done.returncode, done.stdout) == (1, "")
    assert "lull: cannot listen on 127.0.0.1 port " in done.stderr
    assert "Traceback" not in done.stderr


def test_it_serves_and_stops(tmp_path: pathlib.Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, place = tmp_path / "lull.yaml", f"127.0.0.1:{closed_port()}"
    config.write_text("lists: [starter]\n")
    options = ["--listen", place, "--admin", f"127.0.0.1:{closed_port()}", "--upstream", "udp://127.0.0.1:9"]
    command = [*SERVE, "--config", str(config), "--state", str(tmp_path / "state"), *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        began = time.monotonic()
        while (code := main(["query", "localhost", "--json", "--server", place])) and time.monotonic() < began + 10:
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (code, process.returncode, out) == (0, 0, "")
    assert err.startswith("lull 0.1.0, config ")
    assert json.loads(capsys.readouterr().out)["answer"][0]["data"] == "127.0.0.1"
