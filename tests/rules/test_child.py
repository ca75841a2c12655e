"""Compiling as a child process: the real one."""

import io
import os
import pathlib
import subprocess
import time

import msgspec
import pytest

from resolver.rules import child
from resolver.rules.compile import Source
from resolver.rules.report import Sample, SourceReport
from resolver.rules.ruleset import RuleSet

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(job: bytes) -> tuple[int, list[child.Line]]:
    done = subprocess.run(child.COMMAND, input=job, capture_output=True, cwd=ROOT, timeout=60, check=False)
    assert done.stderr == b""
    return done.returncode, [child.decode_line(line) for line in done.stdout.splitlines()]


def test_a_job_is_done(tmp_path: pathlib.Path) -> None:
    (tmp_path / "ads.txt").write_text("||a.example^\n?\n")
    job = child.Job([Source(0, "ads", tmp_path / "ads.txt", "adblock", "allow", subdomains=True)], tmp_path)
    status, lines = run(child.encode_job(job))
    assert status == 0
    *progress, last = lines
    assert all(isinstance(line, child.Progress) for line in progress)
    assert progress[-1] == child.Progress(1.0)
    reason = "would match everything"
    assert last == child.Done([SourceReport(0, "ads", 2, 1, 0, {reason: 1}, [Sample(2, "?", reason)], names=1)])
    assert len(RuleSet.open(tmp_path, ["ads"])) == 1


def test_the_lines_are_plain_json(tmp_path: pathlib.Path) -> None:
    job = child.encode_job(child.Job([], tmp_path))
    assert msgspec.json.decode(job) == {"sources": [], "out": str(tmp_path)}
    said: list[bytes] = []
    assert child.run(io.BytesIO(job), lambda line: said.append(msgspec.json.encode(line))) == 0
    assert said[-2:] == [b'{"progress":1.0}', b'{"reports":[]}']


@pytest.mark.parametrize("path", ["/nowhere/ads.txt", "/"])
def test_a_job_that_fails_says_why(tmp_path: pathlib.Path, path: str) -> None:
    status, lines = run(child.encode_job(child.Job([Source(0, "ads", pathlib.Path(path))], tmp_path)))
    assert status == 1
    (last,) = lines
    assert isinstance(last, child.Failed)
    assert last.error.startswith(f"list ads: {path} cannot be read: ")


@pytest.mark.parametrize(
    "job", [b"", b"{}", b"[]", b'{"sources": [{}], "out": "."}', b'{"sources": [], "out": 7}', b"\xff"]
)
def test_a_job_that_is_none_is_refused(job: bytes) -> None:
    said: list[child.Line] = []
    assert child.run(io.BytesIO(job), said.append) == 1
    (last,) = said
    assert isinstance(last, child.Failed)
    assert last.error != ""


def test_the_child_steps_back_and_survives_no_reader() -> None:
    with subprocess.Popen(
        child.COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        wanted = os.getpriority(os.PRIO_PROCESS, 0) + child.NICE
        deadline = time.monotonic() + 20.0
        while os.getpriority(os.PRIO_PROCESS, process.pid) < min(wanted, 19) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert os.getpriority(os.PRIO_PROCESS, process.pid) == min(wanted, 19)
        process.stdout.close()
        process.stdin.write(b"not a job")
        process.stdin.close()
        assert process.stderr.read() == b""
        assert process.wait(20.0) == 1
