"""A scenario as a test: it holds, or the difference is shown; or what it says is written anew."""

from __future__ import annotations

import difflib
import pathlib
import tempfile

from tests.scenarios import parse
from tests.scenarios.parse import Bodies, Role
from tests.scenarios.run import run


class DiffersError(Exception):
    """A scenario's blocks do not say what Lull says; the text begins with file and line, and shows the difference."""


def play(path: pathlib.Path, heading: str, way: str, *, regen: bool = False) -> None:
    """Run a scenario and compare; with `regen`, write down what it says now. Raises DiffersError, ScenarioError."""
    with tempfile.TemporaryDirectory() as directory:
        bodies = run(parse.read(path), heading, way, pathlib.Path(directory))
    line = _first_difference(bodies)
    if not line:
        return
    difference = _difference(path, bodies)
    if regen:
        _regenerate(path, heading, bodies)
        raise DiffersError(f"{path}:{line}: written anew; review the diff\n{difference}")
    raise DiffersError(f"{path}:{line}: {heading!r} does not hold ({way})\n{difference}")


def _first_difference(bodies: Bodies) -> int:
    """The line of the file on which the first difference is; 0 when there is none."""
    for block, body in bodies.items():
        for number, (written, said) in enumerate(zip((*block.body, None), (*body, None), strict=False), block.line):
            if written != said:
                return number
    return 0


def _difference(path: pathlib.Path, bodies: Bodies) -> str:
    """A unified diff from the file as it is to the file as it should be."""
    text = path.read_bytes().decode()
    wanted = parse.rewritten(text, bodies)
    lines = difflib.unified_diff(
        text.split("\n"), wanted.split("\n"), f"{path} as written", f"{path} as Lull answers", lineterm=""
    )
    return "\n".join(lines)


def _regenerate(path: pathlib.Path, heading: str, bodies: Bodies) -> None:
    """Rewrite the output blocks of a scenario in place, and nothing else.

    Other scenarios of the file may have been rewritten since it was read, so the blocks are looked up again.
    """
    text = path.read_bytes().decode()
    scenario = parse.parse(text, path).find(heading)
    said = {
        now: body
        for role in (Role.CONSOLE, Role.LOG)
        for now, body in zip(
            scenario.of(role), [body for block, body in bodies.items() if block.role is role], strict=True
        )
    }
    path.write_bytes(parse.rewritten(text, said).encode())
