"""`lull jobs`: what goes on that takes long, what came of it, and ending it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from resolver.admin.jobbodies import Job
from resolver.commands.api import connect, decode, segment
from resolver.commands.outcome import OK
from resolver.commands.output import as_json, line, table, when
from resolver.errors import TextError


def run(arguments: Namespace) -> int:
    if arguments.action == "end":
        return _end(arguments)
    if arguments.id:
        raise TextError("jobs list takes no ID; to end one: jobs end ID")
    data = connect(arguments).get("jobs")
    found = decode(data, list[Job[Any]])
    if arguments.json:
        as_json(data)
    elif found:
        table(("ID", "BEGAN", "STATE", "WHAT", ""), map(_row, found))
    else:
        line("nothing goes on, and nothing did lately")
    return OK


def _end(arguments: Namespace) -> int:
    if not arguments.id:
        raise TextError("jobs end takes the ID of a job")
    connect(arguments).delete(f"jobs/{segment(arguments.id)}")
    if arguments.json:
        as_json({"ended": arguments.id})
    else:
        line(f"job {arguments.id} is ended")
    return OK


def _row(job: Job[Any]) -> tuple[str, ...]:
    so_far = "" if job.progress is None else f" {job.progress:.0f} %"
    said = job.error.message if job.error else job.said[-1] if job.said else ""
    return job.id, when(job.began), job.state + (so_far if job.state == "running" else ""), job.title, said


ACTIONS = ("list", "end")
