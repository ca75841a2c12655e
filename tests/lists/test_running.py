import asyncio
import os
import pathlib
import sys
import time

import pytest

from resolver.errors import ListError
from resolver.lists.running import run
from resolver.rules.child import COMMAND, Job, encode_job
from resolver.rules.compile import Source
from tests.lists.site import until


def silent(_: float) -> None:
    pass


def script(text: str) -> tuple[str, ...]:
    return (sys.executable, "-c", "import os, sys, time\n" + text)


def failure(text: str) -> str:
    with pytest.raises(ListError) as caught:
        asyncio.run(run(script(text), b"{}" * 100_000, silent))
    return str(caught.value)


def test_a_job_is_done_and_its_progress_told(tmp_path: pathlib.Path) -> None:
    (tmp_path / "list").write_text("ads.example\n##.ad\n")
    job = encode_job(Job([Source(0, "ads", tmp_path / "list")], tmp_path))
    told: list[float] = []
    (report,) = asyncio.run(run(COMMAND, job, told.append))
    assert (report.id, report.lines, report.rules, report.skipped) == ("ads", 2, 1, {"not for DNS": 1})
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert (tmp_path / "names.trie").is_file()


def test_what_the_child_says_went_wrong_is_the_reason(tmp_path: pathlib.Path) -> None:
    job = encode_job(Job([Source(0, "ads", tmp_path / "no")], tmp_path))
    with pytest.raises(ListError, match=r"list ads: .*no cannot be read: No such file"):
        asyncio.run(run(COMMAND, job, silent))


def test_it_is_the_first_to_go_when_memory_runs_out() -> None:
    text = """
while (score := open("/proc/self/oom_score_adj").read().strip()) != "1000":
    time.sleep(0.01)
sys.exit(score)"""
    assert failure(text).endswith(": 1000")


def test_a_job_that_is_none() -> None:
    with pytest.raises(ListError, match="JSON is malformed"):
        asyncio.run(run(COMMAND, b"nonsense", silent))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("os.kill(os.getpid(), 9)", "failed: the compiler was killed; the machine may have too little memory"),
        ("os.kill(os.getpid(), 11)", "failed: the compiler was ended by signal 11"),
        ("sys.exit('out of luck')", "failed: the compiler ended with status 1: out of luck"),
        ("sys.stderr.write('x' * 100_000 + 'the end'); sys.exit(3)", "xxxthe end"),
        ("print('hello', flush=True); time.sleep(60)", "what the compiler said is not understood"),
        ("""print('{"reports": []}', flush=True); os.abort()""", "failed: the compiler was ended by signal 6"),
        ("pass", "failed: the compiler ended with status 0"),
    ],
)
def test_how_a_child_can_die(text: str, said: str) -> None:
    reason = failure(text)
    assert said in reason
    assert len(reason) < 2_200


def test_a_command_that_is_not_there() -> None:
    with pytest.raises(ListError, match="the compiler cannot be started: No such file"):
        asyncio.run(run(("/no/such/python",), b"{}", silent))


def test_a_child_is_killed_with_whoever_waits_for_it(tmp_path: pathlib.Path) -> None:
    note = tmp_path / "pid"
    text = f"open({str(note)!r}, 'w').write(str(os.getpid()) + '.'); time.sleep(60)"

    async def main() -> None:
        async with asyncio.TaskGroup() as group:
            task = group.create_task(run(script(text), b"{}", silent))
            await until(lambda: note.exists() and note.read_text().endswith("."))
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()

    before = time.monotonic()
    asyncio.run(main())
    assert time.monotonic() - before < 10.0
    with pytest.raises(ProcessLookupError):
        os.kill(int(note.read_text()[:-1]), 0)
