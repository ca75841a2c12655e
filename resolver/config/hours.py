"""The texts that schedules are written in: times of day, time zones and what to block; and the machine's zone.

Each function raises TextError with a sentence that says what is wrong and what to write.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import difflib
import os
import pathlib
import re
import zoneinfo
from collections.abc import Mapping

from resolver.config.leaves import shown
from resolver.config.names import below
from resolver.config.values import Target
from resolver.errors import TextError

_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}")
_WORD = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_IN_A_PATH = "zoneinfo/"


def time_of_day(text: str) -> dt.time:
    """A time of day in hours and minutes, "21:00"."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        advice = ': midnight is "00:00"' if text.strip() in {"24:00", "24"} else ', such as "21:00" or "06:30"'
        raise TextError(f"{shown(text)} is not a time of day from 00:00 to 23:59{advice}")
    return dt.time(int(match[1]), int(match[2]))


def show_time(time: dt.time) -> str:
    return time.strftime("%H:%M")


def zone(text: str) -> zoneinfo.ZoneInfo:
    """A time zone by its name in the IANA database."""
    with contextlib.suppress(OSError, ValueError, zoneinfo.ZoneInfoNotFoundError):
        # The zones below right/ count leap seconds, which Unix time does not.
        if _ZONE.fullmatch(text) and not text.startswith("right/"):
            return zoneinfo.ZoneInfo(text)
    near = _near(text[:80])
    advice = f'did you mean "{near}"?' if near else 'write one such as "Europe/Berlin"'
    raise TextError(f"{shown(text)} is not a time zone; {advice}")


def _near(text: str) -> str:
    """The zone that was probably meant: one of that city, or of a name that is near."""
    zones = sorted(zoneinfo.available_timezones())
    city = text.lower().replace(" ", "_")
    near = [one for one in zones if one.lower().rpartition("/")[2] == city]
    return next(iter(near or difflib.get_close_matches(text, zones, n=1, cutoff=0.75)), "")


def machine_zone(
    environment: Mapping[str, str] = os.environ, localtime: pathlib.Path = pathlib.Path("/etc/localtime")
) -> zoneinfo.ZoneInfo | None:
    """The zone of this machine's clock (tzset(3)): that of TZ, else of /etc/localtime; None for one without a name."""
    given = environment.get("TZ")
    if given is None:
        if not os.path.lexists(localtime):
            return zone("UTC")
        given = os.path.realpath(localtime)
    text = given.removeprefix(":").rpartition(_IN_A_PATH)[2] or "UTC"
    with contextlib.suppress(TextError):
        return zone(text)
    return None


def target(text: str) -> Target:
    """What a schedule blocks: a name and all below it, "service:ID" or "list:ID"."""
    kind, colon, word = text.partition(":")
    if colon and kind in {"service", "list"}:
        if not _WORD.fullmatch(word):
            raise TextError(f"{shown(text)}: {shown(word)} is not the id of a {kind} (small letters, digits, -)")
        return Target("service" if kind == "service" else "list", word)
    return Target("name", below(text))
