"""Values of a config as pages show them: in lines, cut short, and without what is secret in them."""

from __future__ import annotations

import json
import re
from typing import Any

from resolver.config.providers import SYSTEM

LINES = 8
"""Of one value."""

WITHHELD = "(not shown)"

_SECRET = re.compile(r"devices\..*\.id|encrypted\.key")
_ASKED = re.compile(r"(?:upstreams|fallback|forward)\b.*|groups\..*\.upstreams")
_USER = re.compile(r"://[^/?#]*@")
_QUERY = re.compile(r"\?[^#]*")
_PATH = re.compile(r"(?<=[^:/])/(?!dns-query(?:$|[?#]))[^?#]+")
_OWN = re.compile(r"[a-z0-9-]+:(?!//).+")


def lines(path: str, value: Any) -> list[str]:
    """The value at a path, a line for each that is in it; the last says how many are left out."""
    if value is None:
        return ["nothing is said"]
    if value in ("", [], {}):
        return ["nothing"]
    if isinstance(value, list):
        given = [_line(path, one) for one in value]
    elif isinstance(value, dict):
        given = [f"{key}: {_line(f'{path}.{key}', one)}" for key, one in value.items()]
    else:
        given = [_line(path, value)]
    return given if len(given) <= LINES else [*given[:LINES], f"and {len(given) - LINES} more"]


def _line(path: str, value: Any) -> str:
    shown = without_secrets(path, value)
    return shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False)


def without_secrets(path: str, value: Any) -> Any:
    """The same without passwords, keys, and the part of an address that is somebody's own."""
    if isinstance(value, dict):
        return {key: without_secrets(f"{path}.{key}", one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_secrets(path, one) for one in value]
    if not isinstance(value, str) or not value:
        return value
    if _SECRET.fullmatch(path):
        return WITHHELD
    return _open(value, asked=bool(_ASKED.fullmatch(path)))


def _open(text: str, *, asked: bool) -> str:
    """A text without what only its owner should know: user and password, a query, a stamp, and of a resolver that is
    asked (`asked`) the path and the ID at a provider."""
    if text.startswith("sdns:"):
        return f"sdns://{WITHHELD}"
    if asked and _OWN.fullmatch(text) and not text.startswith(SYSTEM):
        return f"{text.partition(':')[0]}:{WITHHELD}"
    if "://" not in text:
        return text
    text = _QUERY.sub(f"?{WITHHELD}", _USER.sub(f"://{WITHHELD}@", text))
    return _PATH.sub(f"/{WITHHELD}", text) if asked else text
