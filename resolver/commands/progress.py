"""Waiting for work of the daemon's that takes long, with a bar on a terminal. Nothing at all where nobody looks on."""

from __future__ import annotations

import sys
from typing import Any

import msgspec

from resolver.admin.jobbodies import Job
from resolver.commands.api import PATIENCE, Api, decode, segment
from resolver.commands.output import safe
from resolver.errors import ApiError

_WIDTH = 40
_TEXT = 60
_LOOK = 0.3  # seconds between two looks when somebody looks on
_WAIT = 15.0  # and when nobody does
_CLEAR = "\r\x1b[K"


def waited(api: Api, begun: bytes) -> bytes:
    """The result of a job that was begun, as JSON, when it is done. Raises ApiError as the job failed."""
    job = decode(begun, Job[Any])
    shows = sys.stderr.isatty()
    wait = _LOOK if shows else _WAIT
    try:
        while job.state == "running":
            if shows:
                print(end=_CLEAR + safe(shown(job)), file=sys.stderr, flush=True)
            data = api.get(f"jobs/{segment(job.id)}", wait=PATIENCE + wait, seconds=wait)
            job = decode(data, Job[Any])
    finally:
        if shows:
            print(end=_CLEAR, file=sys.stderr, flush=True)
    if job.error is not None:
        raise ApiError(0, job.error.code, job.error.message, job.error.path)
    return msgspec.json.encode(job.result)


def shown(job: Job[Any]) -> str:
    """How far a job is, in one line: a bar if that is known, and what it last said."""
    said = job.said[-1] if job.said else ""
    if job.progress is None:
        return (said or "looking …")[: _WIDTH + _TEXT]
    done = min(max(round(job.progress * _WIDTH / 100), 0), _WIDTH)
    return f"[{'#' * done}{'.' * (_WIDTH - done)}] {job.progress:3.0f} %  {said[:_TEXT]}".rstrip()
