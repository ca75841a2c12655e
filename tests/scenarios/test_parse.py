"""What is read from a scenario file, and the files that are refused."""

from __future__ import annotations

import pathlib

import pytest

from tests.scenarios import parse
from tests.scenarios.parse import Role, ScenarioError
from tests.scenarios.samples import HEAD, RIGHT, line_of, scenario


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "scenarios.md"


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        (scenario("console\n$ query a.example A", "jsonl logs"), "```jsonl logs", "unknown role 'jsonl logs'"),
        (scenario("console\n$ query a.example A", ""), "", "a block of the unknown role ''"),
        (scenario("console\n$ query a.example A", "text file=x version=two"), "version=two", "unknown role"),
        (RIGHT + "\n```console\n$ query a.example A\n", "", "the block has no end"),
        (scenario("console\nNOERROR"), "## One", "asks nothing"),
        (RIGHT.replace("\nProse.\n", "\n"), "## Two", "has no prose"),
        (RIGHT.replace("## Two", "## One"), "", "another scenario with the heading 'One'"),
        (RIGHT.replace("## Two", "# Two"), "# Two", "a file has one title"),
        (RIGHT.removeprefix("# A title"), "```yaml", "a file begins with a title"),
        (HEAD, "# A title", "there is no scenario"),
        (HEAD + "\n```console\n$ query a.example A\n```\n" + RIGHT, "```console", "belongs to one scenario"),
        (HEAD + "\n```text upstream=192.0.2.53\n```\n" + RIGHT, "```text up", "belongs to one scenario"),
        (scenario("console\n$ query a.example A", "jsonl log", "jsonl log"), "", "a second block for the same thing"),
    ],
)
def test_a_file_that_is_no_document_is_refused(file: pathlib.Path, text: str, part: str, message: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse.parse(text, file)
    assert message in str(caught.value)
    if part:
        line = int(str(caught.value).removeprefix(f"{file}:").partition(":")[0])
        assert abs(line - line_of(text, part)) <= 1


def test_the_blocks_of_a_scenario_are_found(file: pathlib.Path) -> None:
    document = parse.parse(RIGHT, file)
    assert [block.role for block in document.shared] == [Role.CONFIG, Role.FILE]
    assert [one.heading for one in document.scenarios] == ["One", "Two"]
    (log,) = document.find("One").of(Role.LOG)
    assert RIGHT.split("\n")[log.line - 1] == log.body[0]
