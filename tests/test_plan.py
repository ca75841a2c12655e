"""What `lull serve` leaves to the supervisor arrives there, with its descriptors, which go to nobody else by chance."""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

from resolver.plan import Kept

_FOLLOW = """
import os, sys
from resolver import plan
inherited, held = os.open("/dev/null", os.O_RDONLY), os.open("/dev/zero", os.O_RDONLY)
control = plan.Kept("control", ["control", "--life", "7"], [inherited], 120.0, 1800.0)
sys.executable = {program!r}
plan.Plan([control._replace(name="worker-0")], control, [held]).follow()
"""
_TAKEN = """#!{python}
import json, os, sys
from resolver.plan import Plan
plan = Plan.taken(int(sys.argv[sys.argv.index("--plan") + 1]))
where = [os.readlink(f"/proc/self/fd/{{fd}}") for fd in (*plan.control.inherits, *plan.held)]
theirs = [os.get_inheritable(fd) for fd in (*plan.control.inherits, *plan.held)]
print(json.dumps([os.getpid(), plan, where, theirs]))
"""


def test_it_goes_on_as_the_same_process(tmp_path: pathlib.Path) -> None:
    program = tmp_path / "supervisor"
    program.write_text(_TAKEN.format(python=sys.executable))
    program.chmod(0o700)
    command = [sys.executable, "-c", _FOLLOW.format(program=str(program))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}) as process:
        said, _ = process.communicate(timeout=20)
    pid, plan, where, theirs = json.loads(said)
    assert pid == process.pid
    workers, control, _ = plan
    assert Kept(*control)._replace(inherits=[]) == Kept("control", ["control", "--life", "7"], [], 120.0, 1800.0)
    assert [one[0] for one in workers] == ["worker-0"]
    assert where == ["/dev/null", "/dev/zero"]
    assert theirs == [False, False]
