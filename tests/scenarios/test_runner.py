"""The runner of scenarios: a wrong scenario fails, and says where and why."""

from __future__ import annotations

import asyncio
import os
import pathlib
import subprocess
import sys
import textwrap
import time

import pytest

from tests.scenarios import parse
from tests.scenarios.parse import Role, ScenarioError
from tests.scenarios.play import DiffersError, play
from tests.scenarios.virtual import START, VirtualClock, VirtualLoop
from tests.scenarios.words import UsageError, split

ROOT = pathlib.Path(__file__).parents[2]
HEAD = """\
# A title

```yaml config
upstreams: ["udp://192.0.2.53"]
lists: [{id: ads, file: ads.txt}]
```

```text file=ads.txt
||adtech.example^
```
"""
RIGHT = (
    HEAD
    + """
## One

Prose with  odd\tspacing, kept.   \n
```text upstream=192.0.2.53
shop.example. 300 A 203.0.113.1
```

```console
$ query shop.example A
; asked 192.0.2.53 shop.example. A
NOERROR qr rd ra
shop.example. 300 IN A 203.0.113.1
```

```jsonl log
{"t": 0, "client": "192.0.2.10", "question": "shop.example. A", "rcode": "NOERROR", "origin": "upstream", "verdict": "pass"}
```

More prose.

## Two

Prose.

```console
$ query adtech.example A
NOERROR qr rd ra; EDE 15 "ads: ||adtech.example^"
adtech.example. 10 IN A 0.0.0.0
```
"""
)


@pytest.fixture
def file(tmp_path: pathlib.Path) -> pathlib.Path:
    return tmp_path / "scenarios.md"


def scenario(*blocks: str) -> str:
    """A file with one scenario, of these blocks."""
    fences = "\n\n".join(f"```{textwrap.dedent(block).strip()}\n```" for block in blocks)
    return f"{HEAD}\n## One\n\nProse.\n\n{fences}\n"


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if part in line)


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
    assert added == set(before.strip("\n").split("\n")) - set(after.split("\n")) or added <= set(RIGHT.split("\n"))
    assert removed <= set(wrong.split("\n"))
    assert added or removed


@pytest.mark.parametrize(
    ("text", "part", "message"),
    [
        (scenario("console\n$ query a.example A", "jsonl logs"), "```jsonl logs", "unknown role 'jsonl logs'"),
        (scenario("console\n$ query a.example A", "\nplain"), "plain", "unknown role ''"),
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
    status, said = run_pytest(file, "-v", "--via=udp")
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
    assert run_pytest(file, "--regen")[0] == 0


def test_pytest_says_where_a_file_is_no_document(file: pathlib.Path) -> None:
    file.write_text(RIGHT.replace("jsonl log", "jsonl logs"))
    status, said = run_pytest(file)
    assert status == 2
    assert f"{file}:{line_of(RIGHT, 'jsonl log')}: a block of the unknown role 'jsonl logs'" in said


def test_time_jumps_to_the_next_timer_and_takes_none() -> None:
    began = time.monotonic()
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0)) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)
        clock = VirtualClock(loop)
        assert clock.time() == START
        runner.run(asyncio.sleep(86_400.5))
        assert clock.time() == START + 86_400.5
        loop.advance(1.5)
        assert clock.time() == START + 86_402.0
    assert time.monotonic() - began < 5.0


def test_sockets_are_waited_for_before_time_jumps() -> None:
    async def answered() -> bytes:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        async with asyncio.timeout(0.001):
            data = await reader.read(1)
        writer.close()
        return data

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"!")
        writer.close()

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.2)) as runner:
        server = runner.run(_serve(answer))
        assert runner.run(answered()) == b"!"
        server.close()


async def _serve(answer: object) -> asyncio.Server:
    return await asyncio.start_server(answer, "127.0.0.1", 0)  # type: ignore[arg-type]


def test_a_wait_for_nothing_is_said() -> None:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0)) as runner:
        waiting = runner.get_loop().create_future()
        with pytest.raises(RuntimeError, match="no timer is set"):
            runner.get_loop().run_until_complete(waiting)


def test_what_goes_wrong_in_a_thread_s_place_is_raised() -> None:
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(0.0)) as runner:
        assert runner.run(asyncio.to_thread(int, "7")) == 7
        with pytest.raises(ValueError, match="invalid literal"):
            runner.run(asyncio.to_thread(int, "x"))


def test_words_are_told_apart() -> None:
    words = split('shop.example A from=192.0.2.1 do "a b"', 1, 3, ("from",), ("do",))
    assert words.given == ("shop.example", "A", "a b")
    assert words.options == {"from": "192.0.2.1"}
    assert words.flags == {"do"}
    with pytest.raises(UsageError, match="no others"):
        split("a b", 1, 1)


def test_the_blocks_of_a_scenario_are_found(file: pathlib.Path) -> None:
    document = parse.parse(RIGHT, file)
    assert [block.role for block in document.shared] == [Role.CONFIG, Role.FILE]
    assert [one.heading for one in document.scenarios] == ["One", "Two"]
    (log,) = document.find("One").of(Role.LOG)
    assert RIGHT.split("\n")[log.line - 1] == log.body[0]
