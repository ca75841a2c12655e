"""The main job on the running daemon: blocks, allows, forwards, and takes edits while it runs."""

from __future__ import annotations

import pathlib
import subprocess
import sys
import time

from tests.daemon.harness import ROOT, Load, running

NAMES = ["doubleclick.net", "allowed.example", *(f"host{n}.example" for n in range(500))]


def test_a_first_start_blocks_with_an_explanation(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        answer = daemon.ask("doubleclick.net")
        assert answer is not None
        assert [str(rr) for rr in answer.rr] == ["doubleclick.net.        10      IN      A       0.0.0.0"]
        (option,) = answer.ar[0].rdata
        assert (option.code, bytes(option.data)) == (15, b"\0\x0fstarter: ||doubleclick.net^")
        forwarded = daemon.ask("www.example.org")
        assert forwarded is not None
        assert [str(rr.rdata) for rr in forwarded.rr] == ["192.0.2.1"]


def test_a_list_that_has_no_version_yet_is_stood_in_for(tmp_path: pathlib.Path) -> None:
    with running(tmp_path, "lists: [{id: away, url: 'http://127.0.0.1:1/list.txt'}]\n") as daemon:
        assert daemon.blocked("doubleclick.net")
        daemon.wait(lambda: any(state["error"] for state in daemon.api("GET", "lists")), 10)
        assert daemon.blocked("doubleclick.net")


def test_rules_take_effect_at_once_and_survive_a_restart(tmp_path: pathlib.Path) -> None:
    with running(tmp_path) as daemon:
        daemon.wait(daemon.up, 10)
        began = time.monotonic()
        result = daemon.api("POST", "rules", {"action": "allow", "name": "doubleclick.net"})
        daemon.wait(lambda: not daemon.blocked("doubleclick.net"), 1)
        assert time.monotonic() - began < 0.3
        assert result["effective"]
        assert daemon.stop() == 0
        seconds = daemon.start()
        assert not daemon.blocked("doubleclick.net")
        assert seconds < 3
        daemon.wait(daemon.up, 10)
        (rule,) = daemon.api("GET", "rules")
        daemon.api("DELETE", f"rules/{rule['id']}")
        daemon.wait(lambda: daemon.blocked("doubleclick.net"), 1)


def test_nothing_is_lost_while_lists_and_rules_change(tmp_path: pathlib.Path) -> None:
    own = tmp_path / "own.txt"
    own.write_text("one.example\n")
    with running(tmp_path, f"lists: [starter, {{id: own, file: {own}}}]\n") as daemon:
        daemon.wait(daemon.up, 10)
        with Load(daemon.dns, NAMES, 1000) as load:
            for turn in range(5):
                own.write_text(f"one.example\nnumber{turn}.example\n")
                daemon.api("POST", "lists/refresh", {}, timeout=20)
                assert daemon.blocked(f"number{turn}.example")
                added = daemon.api("POST", "rules", {"action": "deny", "name": f"rule{turn}.example"})
                daemon.api("DELETE", f"rules/{added['rule']['id']}")
                daemon.api("GET", "log?limit=100")
        assert load.lost == 0


def test_a_config_with_six_mistakes_names_all_six(tmp_path: pathlib.Path) -> None:
    config = tmp_path / "lull.yaml"
    config.write_text(
        "dns: {listen: ['127.0.0.1']}\n"
        "upstreams: ['tls//9.9.9.9']\n"
        "blocking: {mode: sinkhole}\n"
        "lists: [hagezi-prro]\n"
        "rules: ['alow a.example']\n"
        "log: {keep: 30x}\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "resolver", "check", "--config", str(config)],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    lines = [line for line in done.stdout.splitlines() if line.startswith(str(config))]
    assert [line.removeprefix(f"{config}:").split(":")[0] for line in lines] == ["1", "2", "3", "4", "5", "6"]
    for line, path in zip(
        lines, ["dns.listen[0]", "upstreams[0]", "blocking.mode", "lists[0]", "rules[0]", "log.keep"], strict=True
    ):
        assert f": {path}: " in line
