"""What is asked of the page /log: the conditions of the API as people type them, and links that say them again."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Annotated, TypeVar
from urllib.parse import urlencode

import msgspec
from aiohttp import web
from msgspec import Meta
from msgspec.structs import asdict, fields

from resolver.admin import checks, moments, parameters
from resolver.admin.logquery import Spanned
from resolver.config.leaves import shown
from resolver.errors import ApiError, TextError

T = TypeVar("T", bound=msgspec.Struct)

PAGE = "/log"

FORM = "filter"
"""What the page calls the form of the conditions."""

CONDITIONS = tuple(field.name for field in fields(Spanned))
COMMON = ("name", "part", "client", "verdict", "since")
"""The conditions that are always in view."""

LABELS = {
    "client": "device",
    "part": "a piece of a name",
    "exact": "this name alone",
    "rcode": "response code",
    "origin": "answered from",
    "slower": "slower than (ms)",
    "shadow": "shadow list",
    "since": "from",
    "until": "before",
}
"""What people call conditions, where that is not their name."""

FOR, WHOM = "10m", "client"
"""For how long and for whom the buttons allow and block, unless something else is chosen: what harms least."""

VERDICTS = {"block": "blocked", "pass": "passed", "allow": "allowed", "rewrite": "rewritten", "refused": "refused"}
ORIGINS = {"upstream": "from an upstream", "cache": "from the cache", "stale": "stale", "local": "from here"}
"""What became of a query, and where its answer came from, in words."""

STEPS = 20
"""Pages back to which "Newer" knows the way; from there it is the newest page."""

_DAY = 86_400.0
_LONGEST = 300  # bytes of conditions that links in rows say again
_PATH = re.compile(r"(?P<message>.*?)(?: - at `\$\.(?P<path>\w+)[^`]*`)?", re.DOTALL)
_WORDS: Mapping[str, Mapping[str, str]] = {"verdict": VERDICTS, "origin": ORIGINS}
_WRONG = {
    "slower": "give milliseconds: a number from 0 to 3600000",
    "cursor": "there is no such place in the log: begin at the newest",
    "newer": "there is no such place in the log: begin at the newest",
}


class Asked(Spanned, frozen=True):
    """The conditions of the log; the page of it: `cursor` as in the API, `newer` those of the pages before (0: the
    newest); what stands in the choices above the table: `lasts` and `whom`; and the `job` that forgets."""

    cursor: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
    newer: Annotated[str, Meta(pattern=r"^[0-9]{1,19}(,[0-9]{1,19})*$", max_length=420)] = ""
    lasts: str = msgspec.field(name="for", default=FOR)
    whom: str = WHOM
    job: str = ""


class Condition(msgspec.Struct, frozen=True):
    """A condition that is in force, in words, and the address of the page without it."""

    words: str
    without: str


def tidy(request: web.Request) -> None:
    """Lead a browser that sent a form with empty fields to the address that people share. Raises HTTPSeeOther."""
    given = [(key, value) for key, value in request.query.items() if value.strip()]
    if len(given) != len(request.query):
        raise web.HTTPSeeOther(f"{PAGE}?{urlencode(given)}" if given else PAGE)


def asked_of(given: Mapping[str, str], now: float) -> Asked:
    """What the parameters of the page say; times in a form that the API understands too. Raises ApiError."""
    known = [field.encode_name for field in fields(Asked)]
    for name in given:
        if name not in known:
            message = f"there is no condition {shown(name[:40])}; there are {', '.join(CONDITIONS)}"
            raise ApiError(400, "invalid", message, name[:40])
    stripped = {key: value if key == "rule" else value.strip() for key, value in given.items()}
    for key in ("since", "until"):
        if stripped.get(key):
            stripped[key] = past(stripped[key], now, key)
    return read_as(Asked, stripped)


def read_as(kind: type[T], given: Mapping[str, str]) -> T:
    """Parameters or fields as a struct. Raises ApiError, with the field."""
    return made(kind, parameters.values(given, kind))


def made(kind: type[T], values: Mapping[str, object]) -> T:
    """Values as a struct. Raises ApiError, with the field."""
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as error:
        raise _wrong(error, values) from error


def past(text: str, now: float, path: str) -> str:
    """A moment in the past by the clocks of this machine, or how long ago, as the API takes it. Raises ApiError."""
    with contextlib.suppress(ApiError):
        checks.since(text, now, path)
        return text
    with contextlib.suppress(TextError):
        if not text.startswith("+"):
            return moments.absolute(text.lower(), now - (7 if text[:1].isalpha() else 1) * _DAY)
    advice = 'write 24h, "21:30", "mon 21:30" or "2026-11-23 07:00"'
    raise ApiError(400, "invalid", f"{shown(text)} is not a moment in the past: {advice}", path)


def _wrong(error: msgspec.ValidationError, given: Mapping[str, object]) -> ApiError:
    match = _PATH.fullmatch(str(error))
    path = (match and match["path"]) or ""
    said = f"{shown(str(given.get(path, ''))[:80])}: {match['message']}" if match and path else str(error)
    return ApiError(400, "invalid", _WRONG.get(path) or said.replace("`", '"'), path)


class Links:
    """Addresses of the page with what was asked, and something else besides or in its place."""

    def __init__(self, asked: Asked) -> None:
        said = asdict(asked)
        self._said = {key: _text(said[key]) for key in CONDITIONS if said[key] not in {"", None}}
        chosen = {"for": (asked.lasts, FOR), "whom": (asked.whom, WHOM)}
        self._chosen = {key: value for key, (value, usual) in chosen.items() if value != usual}
        self._again = self._said if len(urlencode(self._said)) <= _LONGEST else {}
        self._asked = asked

    def conditions(self) -> list[Condition]:
        """What is asked for, and how to ask without."""
        return [
            Condition(f"{LABELS.get(key, key)}: {_WORDS.get(key, {}).get(value, value)}", self.address(self._rest(key)))
            for key, value in self._said.items()
        ]

    def more(self, key: str, value: str) -> str:
        """The rows that are alike in this, too; "" where there is nothing to be alike in, or these are that."""
        return self.address({**self._again, key: value}) if value and key not in self._said else ""

    def newest(self) -> str:
        return self.address(self._said)

    def older(self, cursor: int) -> str:
        """The page that begins below the cursor."""
        steps = [*filter(None, self._asked.newer.split(",")), str(self._asked.cursor or 0)]
        return self.address({**self._said, "cursor": str(cursor), "newer": ",".join(steps[-STEPS:])})

    def newer(self) -> str:
        """The page from which this one was come to; the newest if that is not known."""
        steps = self._asked.newer.split(",") if self._asked.newer else []
        last = steps.pop() if steps else "0"
        place = {"cursor": last, **({"newer": ",".join(steps)} if steps else {})} if last != "0" else {}
        return self.address({**self._said, **place})

    def export(self, format: str) -> str:
        """The rows as a file; what is of no page."""
        return f"/api/v1/log/export?{urlencode({**self._said, 'format': format})}"

    def address(self, given: Mapping[str, str]) -> str:
        text = urlencode({**given, **self._chosen})
        return f"{PAGE}?{text}" if text else PAGE

    def _rest(self, key: str) -> dict[str, str]:
        return {one: value for one, value in self._said.items() if one != key}


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def uncommon(given: Mapping[str, str]) -> bool:
    """Whether a condition is given that is not always in view."""
    return any(value and key in CONDITIONS and key not in COMMON for key, value in given.items())
