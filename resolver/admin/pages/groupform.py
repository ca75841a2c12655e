"""The forms of a group, a part each: what stands in them, and what they say as a config would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from resolver.admin.pages.scheduleform import lines

Fields = Mapping[str, str]

LIST, SCHEDULE = "list-", "schedule-"
"""What the names of ticks begin with."""

DEFAULTS = (("pass", "it passes"), ("deny", "it is denied: only what is allowed answers"))
MODES = (
    ("", "as for everyone"),
    ("null-address", "the address 0.0.0.0"),
    ("nxdomain", "that the name does not exist (NXDOMAIN)"),
    ("nodata", "an empty answer"),
    ("refused", "a refusal"),
    ("address", "the addresses below"),
)
PRIVACIES = (
    ("", "as for everyone"),
    ("full", "everything"),
    ("no-client", "not which device it was"),
    ("no-name", "no names"),
    ("off", "nothing"),
)


class Said(msgspec.Struct, frozen=True):
    """What the config says of a group, as its forms have it; `clients` and `addresses` stand one a line. `every` tells
    that it uses all lists."""

    clients: str
    every: bool
    default: str
    privacy: str
    mode: str
    ttl: str
    addresses: str
    defaults: tuple[tuple[str, str], ...] = DEFAULTS
    modes: tuple[tuple[str, str], ...] = MODES
    privacies: tuple[tuple[str, str], ...] = PRIVACIES


def said_of(value: Mapping[str, Any]) -> Said:
    """The same of what the config says of a group (JSON)."""
    blocking = value.get("blocking") or {}
    return Said(
        "\n".join(map(str, value.get("clients") or ())),
        value.get("lists") is None,
        str(value.get("default") or "pass"),
        str(value.get("privacy") or ""),
        str(blocking.get("mode") or ""),
        str(blocking.get("ttl") or ""),
        "\n".join(map(str, blocking.get("addresses") or ())),
    )


def _clients(fields: Fields) -> object:
    """One a line: names of devices have blanks."""
    return [line.strip() for line in fields.get("clients", "").splitlines() if line.strip()]


def _lists(fields: Fields) -> object:
    return None if fields.get("every") else _ticked(fields, LIST)


def _schedules(fields: Fields) -> object:
    return _ticked(fields, SCHEDULE)


def _default(fields: Fields) -> object:
    return fields.get("default", "")


def _privacy(fields: Fields) -> object:
    return fields.get("privacy") or None


def _blocking(fields: Fields) -> object:
    said: dict[str, object] = {}
    for key in ("mode", "ttl"):
        if text := fields.get(key, "").strip():
            said[key] = text
    if addresses := lines(fields.get("addresses", "")):
        said["addresses"] = addresses
    return said or None


VALUES: Mapping[str, Callable[[Fields], object]] = {
    "clients": _clients,
    "lists": _lists,
    "schedules": _schedules,
    "default": _default,
    "privacy": _privacy,
    "blocking": _blocking,
}
"""What each form says as the config would."""

PARTS = (*VALUES, "services", "safe-search")
"""The keys of a group that can be chosen on its page, or on that of services."""


def _ticked(fields: Fields, prefix: str) -> list[str]:
    return [key.removeprefix(prefix) for key in fields if key.startswith(prefix)]
