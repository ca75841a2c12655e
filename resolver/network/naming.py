"""Names that devices and routers give: hostile text until it was looked at."""

from __future__ import annotations

import re

_HOST = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)*", re.ASCII
)
_NUMBERS = re.compile(r"[0-9.]+")
_NOBODY = frozenset({"localhost", "localhost.localdomain", "unknown"})


def host_name(text: str) -> str:
    """A host's name in small letters and without a dot at its end, if it is one: letters, digits, - and _ in labels
    (RFC 952, and what is found). "" for anything else, and for what names nobody."""
    name = text[:255].lower().removesuffix(".")
    if not _HOST.fullmatch(name) or _NUMBERS.fullmatch(name) or name in _NOBODY:
        return ""
    return name


def called(host: str, name: str) -> bool:
    """Whether a host is the one that a config calls `name`: by its whole name, or by the first label of it."""
    return host == name or ("." not in name and host.partition(".")[0] == name)
