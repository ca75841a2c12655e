"""A diagnosis of the real daemon: its own answer, what its upstream says, and the command, end to end."""

from __future__ import annotations

import pathlib
import subprocess
import sys

from tests.daemon.harness import ROOT, running


def test_a_name_that_is_blocked(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        found = daemon.api("POST", "diagnose", {"name": "doubleclick.net"}, timeout=20)["result"]
        assert (found["finding"], found["verdict"]) == ("blocked", "block")
        assert [said["role"] for said in found["said"]][:2] == ["own", "upstream"]
        assert [said["addresses"] for said in found["said"]][:2] == [["0.0.0.0", "::"], ["192.0.2.1"]]
        command = [sys.executable, "-m", "resolver", "diagnose", "doubleclick.net", "--config", str(daemon.config)]
        done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=30)
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith("doubleclick.net is blocked by starter: ")


def test_a_name_that_is_to_be_answered_here(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, "records: ['printer.home.arpa. 300 A 192.0.2.9']\n") as daemon:
        daemon.wait(daemon.up, 10)
        for name, code in (("localhost", 0), ("printer.home.arpa", 1)):
            command = [sys.executable, "-m", "resolver", "diagnose", name, "--config", str(daemon.config)]
            done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=30)
            assert (done.returncode, done.stderr) == (code, "")
            assert done.stdout.startswith(f"Lull answers {name} itself, by ")
