"""What forms choose in place of what the config file says, and how a page says who chose what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from resolver.admin.choicebodies import ChoiceInfo
from resolver.admin.service import Service
from resolver.admin.shown import clock_time
from resolver.errors import ApiError

_KEY = re.compile(r"\.([a-z-]+)")


async def choose(asked: Service, path: str, value: Any, by: str, fields: Mapping[str, str]) -> str:
    """Choose a value; returns what is not in force yet, as it is said after a sentence. `fields` are those of the form
    by the keys of the config that they are about: what the config refuses is said beside the one that it names."""
    try:
        done = await asked.choices.put(path, value, by)
    except ApiError as error:
        if error.path != "value":
            raise
        field, message = _beside(str(error), path, fields)
        raise ApiError(error.status, error.code, message, field) from error
    return but(done.note)


def but(note: str) -> str:
    """What is not in force yet, as it is said after a sentence."""
    return f" But not everywhere yet: {note}" if note else ""


def told(asked: Service, path: str) -> str:
    """By whom that was chosen, and instead of what; "" for what is as the config file says."""
    info = asked.choices.of(path)
    return said(info) if info.chosen else ""


def said(info: ChoiceInfo) -> str:
    """The same of a choice."""
    when = "" if info.at is None else f" on {clock_time(info.at)}"
    file = info.file.rpartition("/")[2]
    there = f"instead of {file}:{info.line}" if info.line else f"{file} says nothing of it"
    held = f" It is not in force: {info.instead}." if info.instead else ""
    return f"Chosen here by {info.who}{when}, {there}.{held}"


def _beside(message: str, path: str, fields: Mapping[str, str]) -> tuple[str, str]:
    """The field that a refusal of the config is about, and what it says without the path."""
    start = message.find(path)
    rest = message[start + len(path) :] if start >= 0 else ""
    match = _KEY.match(rest)
    field = fields.get(match[1] if match else "", "")
    if not field and path.rpartition(".")[2] in fields:
        field = fields[path.rpartition(".")[2]]
    place, colon, words = rest.partition(": ") if rest else ("", "", "")
    return field, words if colon and " " not in place else message
