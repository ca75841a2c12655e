"""A scenario that is wrong fails, and says where and why; what it should say can be written anew."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from tests.scenarios.parse import ScenarioError
from tests.scenarios.play import DiffersError, play
from tests.scenarios.samples import RIGHT, line_of, scenario

ROOT = pathlib.Path(__file__).parents[2]


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "scenarios.md"


@pytest.mark.parametrize("way", ["in-process", "udp", "tcp"])
def test_a_right_scenario_holds(file: pathlib.Path, way: str) -> None:
    file.write_text(RIGHT)
    play(file, "One", way)
    play(file, "Two", way)
    assert file.read_text() == RIGHT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("shop.example. 300 IN A 203.0.113.1", "shop.example. 299 IN A 203.0.113.1"),
        ("NOERROR qr rd ra\n", "NOERROR qr aa rd ra\n"),
        ("; asked 192.0.2.53 shop.example. A\n", ""),
        ("shop.example. 300 IN A 203.0.113.1\n", "shop.example. 300 IN A 203.0.113.1\n\n"),
        ('"verdict": "pass"}', '"verdict": "allow"}'),
        ('"client": "192.0.2.10", ', ""),
        ('{"t": 0,', '{"t": 1,'),
    ],
)
def test_a_wrong_line_fails_and_is_shown(file: pathlib.Path, before: str, after: str) -> None:
    assert RIGHT.count(before) == 1
    wrong = RIGHT.replace(before, after)
    file.write_text(wrong)
    with pytest.raises(DiffersError) as caught:
        play(file, "One", "in-process")
    lines = str(caught.value).split("\n")
    first = next(n for n, (a, b) in enumerate(zip(wrong.split("\n"), RIGHT.split("\n"), strict=False), 1) if a != b)
    assert lines[0] == f"{file}:{first}: 'One' does not hold (in-process)"
    assert lines[1:3] == [f"--- {file} as written", f"+++ {file} as Lull answers"]
    added = {line[1:] for line in lines[3:] if line.startswith("+")}
    removed = {line[1:] for line in lines[3:] if line.startswith("-")}
    assert added == set(RIGHT.split("\n")) - set(wrong.split("\n"))
    assert removed - {""} == set(wrong.split("\n")) - set(RIGHT.split("\n"))


ASKED = "console\n$ query adtech.example A"


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        (
            scenario("text upstream=192.0.2.53\nshop.example. 300 A 203.0.113.1", ASKED),
            "shop.example.",
            "a record that is never asked for",
        ),
        (
            scenario("text upstream=192.0.2.99\nshop.example. 300 A 203.0.113.1", ASKED),
            "shop.example.",
            "the config has no upstream 192.0.2.99",
        ),
        (scenario("text file=other.txt\n||x.example^", ASKED), "||x.example^", "a list file that is never read"),
        (scenario("text file=ads.txt version=2\n||x.example^", ASKED), "||x.example^", "that is never read"),
        (scenario("console\n$ query shop.example A"), "$ query", "neither a record nor a SOA for shop.example. A"),
        (scenario("console\n$ advance 5s"), "## One", "nothing is said in the console"),
        (scenario("console\nNOERROR\n$ query adtech.example A"), "NOERROR", "output without input"),
        (scenario("console\n$ ask adtech.example A"), "$ ask", "'ask' is not a command"),
        (scenario("console\n$ query adtech.example A loudly"), "$ query", "give 1 to 2 words"),
        (scenario("console\n$ query adtech.example NOTYPE"), "$ query", "NOTYPE"),
        (scenario("console\n$ query adtech.example A payload=big"), "$ query", "'big' is not a number"),
        (scenario("console\n$ query adtech.example A via=pigeon"), "$ query", "pigeon"),
        (scenario("console\n$ upstream 192.0.2.53 asleep"), "$ upstream", "they can be up, silent"),
        (scenario("yaml config\nupstreams: [nowhere]", ASKED), "## One", "the config is refused"),
        (scenario("yaml config\n- a list", ASKED), "- a list", "a config is a mapping of sections"),
    ],
)
def test_a_scenario_that_cannot_be_right_fails(file: pathlib.Path, text: str, part: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(ScenarioError) as caught:
        play(file, "One", "in-process")
    assert str(caught.value).startswith(f"{file}:{line_of(text, part)}: ")
    assert message in str(caught.value)


def test_a_scenario_s_own_config_takes_the_place_of_the_file_s_by_section(file: pathlib.Path) -> None:
    own = "yaml config\nblocking: {mode: nxdomain}\nlog: {privacy: off}"
    file.write_text(scenario(own, ASKED, "jsonl log"))
    with pytest.raises(DiffersError) as caught:
        play(file, "One", "in-process")
    assert '+NXDOMAIN qr rd ra; EDE 15 "ads: ||adtech.example^"' in str(caught.value).split("\n")
    assert "verdict" not in str(caught.value)  # `off` is the word, not YAML's false


def test_regen_rewrites_outputs_and_nothing_else(file: pathlib.Path) -> None:
    wrong = RIGHT.replace("shop.example. 300 IN A 203.0.113.1\n", "x\ny\nz\n").replace('"t": 0', '"t": 7')
    wrong = wrong.replace('NOERROR qr rd ra; EDE 15 "ads: ||adtech.example^"\nadtech.example. 10 IN A 0.0.0.0\n', "")
    file.write_bytes(wrong.encode())
    for heading in ("One", "Two"):
        with pytest.raises(DiffersError, match="review the diff"):
            play(file, heading, "in-process", regen=True)
    assert file.read_bytes() == RIGHT.encode()
    play(file, "One", "in-process", regen=True)
    play(file, "Two", "in-process", regen=True)


def test_regen_leaves_alone_what_cannot_be_right(file: pathlib.Path) -> None:
    text = scenario("text upstream=192.0.2.53\nshop.example. 300 A 203.0.113.1", ASKED)
    file.write_text(text)
    with pytest.raises(ScenarioError):
        play(file, "One", "in-process", regen=True)
    assert file.read_text() == text


def run_pytest(file: pathlib.Path, *options: str, ci: str = "") -> tuple[int, str]:
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "tests.scenarios.conftest"]
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | ({"CI": ci} if ci else {})
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", "-q", str(file), *options],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_pytest_collects_each_scenario_and_shows_the_difference(file: pathlib.Path) -> None:
    file.write_text(RIGHT.replace("10 IN A 0.0.0.0", "10 IN A 0.0.0.1"))
    status, said = run_pytest(file, "-vv", "--via=udp")
    assert status == 1
    assert "scenarios.md::One PASSED" in said
    assert "scenarios.md::Two FAILED" in said
    assert f"{file}:{line_of(RIGHT, '10 IN A 0.0.0.0')}: 'Two' does not hold (udp)" in said
    assert "-adtech.example. 10 IN A 0.0.0.1\n+adtech.example. 10 IN A 0.0.0.0" in said
    assert "Traceback" not in said


def test_pytest_regen_fails_once_and_refuses_under_ci(file: pathlib.Path) -> None:
    wrong = RIGHT.replace("10 IN A 0.0.0.0", "10 IN A 0.0.0.1")
    file.write_text(wrong)
    status, said = run_pytest(file, "--regen", ci="true")
    assert status == 4
    assert "--regen is for people" in said
    assert file.read_text() == wrong
    status, said = run_pytest(file, "--regen")
    assert status == 1
    assert "review the diff" in said
    assert file.read_text() == RIGHT


def test_pytest_says_where_a_file_is_no_document(file: pathlib.Path) -> None:
    file.write_text(RIGHT.replace("jsonl log", "jsonl logs"))
    status, said = run_pytest(file)
    assert status == 2
    assert f"{file}:{line_of(RIGHT, 'jsonl log')}: a block of the unknown role 'jsonl logs'" in said
